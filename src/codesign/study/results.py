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
    "R7": Result("How much of the spaces is valid", "R7"),
    "B5": Result(
        "Fronts, generality, and what R1 hangs on",
        "B5.figure",
        ("B5.crossings", "B5.fronts", "B5.figure"),
    ),
}
"""All of them, in the order of the report."""


def tables(result: str) -> tuple[str, ...]:
    """The names of all tables of a result."""
    return (result, *RESULTS[result].others)
