"""The results a study can make: a line each, for the workflow, the figures and the report."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Result:
    """A result by its id.

    Args:
        title: what the report calls it.
        drawn: the table that its figure shows.
        others: tables besides the one that bears the id, which is the first in the report.
        shown: those of the others that the report shows as well.
        figures: further figures, `R9.name`, each with the table that it shows. They have drawing
            modules (`figures/r9_name.py`) and captions (`R9.name.rst`) of their own.
    """

    title: str
    drawn: str
    others: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    figures: dict[str, str] = field(default_factory=dict)


RESULTS = {
    "R1": Result("Co-designed against Eyeriss", "R1", ("R1.pairs",)),
    "R2": Result("Mapping search", "R2.curves", ("R2.curves",)),
    "R3": Result("Hardware search", "R3.curves", ("R3.curves",)),
    "R3c": Result("Unknown constraints", "R3c.curves", ("R3c.curves",)),
    "R4": Result("Surrogate and acquisition", "R4.curves", ("R4.curves",)),
    "R5": Result("Weight of the deviation", "R5"),
    "R6": Result("Against Timeloop's mapper", "R6"),
    "R7": Result("How much of the spaces is valid", "R7"),
    "R8": Result(
        "The found designs beside Eyeriss",
        "R8",
        ("R8.designs", "R8.breakdown", "R8.reasons"),
        ("R8.reasons",),
        {"R8.breakdown": "R8.breakdown"},
    ),
    "B1": Result("Against Hyperopt's defaults", "B1.curves", ("B1.curves",)),
    "B2": Result("The best accelerator there is", "B2"),
    "B3": Result("Hardware or mapping freedom", "B3", ("B3.runs", "B3.costs"), ("B3.costs",)),
    "B4": Result(
        "Who wins, and how surely",
        "B4",
        ("B4.ranks", "B4.anytime"),
        ("B4.ranks",),
        {"B4.anytime": "B4.anytime"},
    ),
    "B5": Result(
        "Fronts, generality, and what R1 hangs on",
        "B5.figure",
        ("B5.crossings", "B5.fronts", "B5.figure"),
    ),
    "B6": Result("Agreement with Timeloop", "B6.records", ("B6.records",)),
}
"""All of them, in the order of the report."""

GROUPS = {"R": "The paper's results", "B": "Beyond the paper"}
"""What the first letter of an id says."""


def tables(result: str) -> tuple[str, ...]:
    """The names of all tables of a result."""
    return (result, *RESULTS[result].others)


def shown_tables(result: str) -> tuple[str, ...]:
    """The names of the tables that the report shows."""
    return (result, *RESULTS[result].shown)


def figures(result: str) -> dict[str, str]:
    """The figures of a result, each with the table that it shows; the first bears the id."""
    return {result: RESULTS[result].drawn, **RESULTS[result].figures}


def owner(name: str) -> str:
    """The result that a table or figure belongs to: R8 for `R8.breakdown`."""
    return name.partition(".")[0]


def module_of(figure: str) -> str:
    """The module that draws a figure: `codesign.figures.r8_breakdown` for `R8.breakdown`."""
    return "codesign.figures." + figure.lower().replace(".", "_")
