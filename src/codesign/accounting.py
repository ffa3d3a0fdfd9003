"""The accountings by name, each a set of switches, without an import of the cost model.

`docs/cost-model.md` has the rule of each switch.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import NamedTuple

from codesign.errors import InputError
from codesign.factors import ANY

DIRECTION, TRANSLATION, POSITION = range(3)
"""What a level remembers of a sliding tile's last move (`Rules.window`), sections 3b, 13 and 14:
its direction, its translation, or the position from which the tile really came."""


class Rules(NamedTuple):
    """The switches of an accounting, as kernels take them.

    Args:
        window: `DIRECTION`, `TRANSLATION` or `POSITION`.
        rests: whether a translation of zero is remembered, like any other.
        group_fills: whether fills are multiplied by the number of different group sizes (Q2).
        first_fills: whether the first visit of an output tile is charged a fill (Q3).
        lockstep: whether a cluster that is used is charged as a whole (Q5 and Q6 corrected).
    """

    window: int
    rests: bool
    group_fills: bool
    first_fills: bool
    lockstep: bool


ACCOUNTINGS = MappingProxyType(
    {
        "timeloop": Rules(DIRECTION, False, True, True, False),
        "timeloop-2022": Rules(TRANSLATION, True, False, True, False),
        "timeloop-4": Rules(TRANSLATION, True, False, False, False),
        "exact": Rules(POSITION, False, False, False, True),
    }
)
"""`timeloop` counts accesses as Timeloop of 2020 does, `timeloop-2022` as from 2022 to April 2023,
`timeloop-4` as Timeloop 4 does (2024), `exact` with the errors of all of them corrected."""


def rules_of(accounting: str | Rules) -> Rules:
    """The switches of an accounting, given by its name or by themselves.

    Raises:
        InputError: an unknown name.
    """
    if isinstance(accounting, Rules):
        return accounting
    if accounting not in ACCOUNTINGS:
        raise InputError(f"accounting is {accounting!r}, expected {', '.join(ACCOUNTINGS)}")
    return ACCOUNTINGS[accounting]


def accounting_for(factors: str) -> str:
    """The accounting that prices such factors where no accounting is given."""
    return "exact" if factors == ANY else "timeloop"


def require_accounting(accounting: str | Rules, factors: str) -> None:
    """Refuses an accounting that does not say how to count with such factors (section 20).

    Raises:
        InputError: factors are `any`, and the accounting is not `exact`.
    """
    if factors == ANY and rules_of(accounting) != ACCOUNTINGS["exact"]:
        name = accounting if isinstance(accounting, str) else "one of its own"
        raise InputError(
            f"factors is {ANY!r} and accounting is {name!r}, expected the accounting 'exact' with "
            "these factors, since no other one counts loops whose last iteration is partial"
        )
