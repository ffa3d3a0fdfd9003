"""The settings of a search: method, number of trials, seed and objective.

The module is small, so that help texts can import it. It has the only defaults: those of commands
and the Python API, and those of the study's config schema and stages.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from numbers import Integral

from codesign.errors import InputError
from codesign.search.objective import EDP, OBJECTIVES, check_objective, mapping_objective


@dataclass(frozen=True)
class Search:
    """The settings of a search.

    Args:
        method: a name in `search.registry`. It is checked when the search runs.
        trials: the budget of trials, at least 1. Methods that prove their results ignore it.
        seed: the seed of the random stream, at least 0.
        objective: `edp`, `energy` or `delay`; for hardware also `pareto`.

    Raises:
        InputError: a field has a bad value.
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
            # A NumPy integer has another `repr`, which would change keys and tables.
            object.__setattr__(self, name, int(value))
        check_objective(self.objective, OBJECTIVES)


OUTER = Search("tpe", 50)
"""The default search of accelerators."""

INNER = Search("traffic", 250)
"""The default search of a layer's mappings."""

PAPER = Search("bo", 250)
"""The paper's search of a layer's mappings, and the default of the study."""


def inner_of(outer: Search, inner: Search) -> Search:
    """The inner search with the objective that the outer search requires.

    An inner objective of `edp`, the default, is replaced by the one that the outer search needs.

    Raises:
        InputError: the inner search has another objective, which is not `edp`.
    """
    wanted = mapping_objective(outer.objective)
    if inner.objective not in (EDP, wanted):
        raise InputError(
            f"the inner search's objective is {inner.objective!r}, expected {wanted!r}, "
            f"since the outer search's is {outer.objective!r}"
        )
    return replace(inner, objective=wanted)
