"""The results a study can make: a line each, for the workflow, the figures and the report."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    """A result by its id.

    Args:
        title: what the report calls it.
        drawn: the table that its figure shows.
        others: tables besides the one that bears the id, which is the one that the report shows.
    """

    title: str
    drawn: str
    others: tuple[str, ...] = ()


RESULTS = {
    "R1": Result("Co-designed against Eyeriss", "R1", ("R1.pairs",)),
    "R2": Result("Mapping search", "R2.curves", ("R2.curves",)),
    "R3": Result("Hardware search", "R3.curves", ("R3.curves",)),
    "R3c": Result("Unknown constraints", "R3c.curves", ("R3c.curves",)),
    "R4": Result("Surrogate and acquisition", "R4.curves", ("R4.curves",)),
    "R5": Result("Weight of the deviation", "R5"),
    "R6": Result("Against Timeloop's mapper", "R6"),
    "R7": Result("How much of the spaces is valid", "R7"),
    "B1": Result("Against Hyperopt's defaults", "B1.curves", ("B1.curves",)),
}
"""All of them, in the order of the report."""


def tables(result: str) -> tuple[str, ...]:
    """The names of all tables of a result."""
    return (result, *RESULTS[result].others)
