"""A search as an object: by which method, how many trials, from which seed, for what.

Light enough to import for a help text. The defaults below are the only ones: commands, Python,
the study's config schema and its stages have them from here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from numbers import Integral

from codesign.errors import InputError
from codesign.search.objective import EDP, OBJECTIVES, check_objective, mapping_objective


@dataclass(frozen=True)
class Search:
    """What a search is told, apart from what it searches.

    Args:
        method: a name in `search.registry`, which says whether there is one of that name.
        trials: the points it may try, at least 1. A method that proves what it finds does not
            look at them.
        seed: of its random stream, at least 0.
        objective: `edp`, `energy` or `delay`; for hardware also `pareto`.

    Raises:
        InputError: a field that is not what it should be.
    """

    method: str
    trials: int
    seed: int = 0
    objective: str = EDP

    def __post_init__(self) -> None:
        if not isinstance(self.method, str):
            raise InputError(f"method is {self.method!r}, expected the name of a search method")
        for name, least in (("trials", 1), ("seed", 0)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, Integral) or value < least:
                raise InputError(
                    f"{name} is {value!r}, expected a whole number of at least {least}"
                )
            # NumPy's whole numbers would make another key, and another text in a table.
            object.__setattr__(self, name, int(value))
        check_objective(self.objective, OBJECTIVES)


OUTER = Search("tpe", 50)
"""How accelerators are searched where nobody says how."""

INNER = Search("bo", 250)
"""How the mappings of a layer are searched where nobody says how."""


def inner_of(outer: Search, inner: Search) -> Search:
    """The mapping search inside a hardware search: it minimises what the outer one asks of it.

    An inner objective of `edp`, which is the default, leaves the choice to the outer search.

    Raises:
        InputError: the inner search has another objective of its own.
    """
    wanted = mapping_objective(outer.objective)
    if inner.objective not in (EDP, wanted):
        raise InputError(
            f"the inner search's objective is {inner.objective!r}, expected {wanted!r}, "
            f"since the outer search's is {outer.objective!r}"
        )
    return replace(inner, objective=wanted)
