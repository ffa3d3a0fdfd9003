"""What a result declares of itself: the `RESULT` of its folder in `study/results`."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Arms:
    """Methods set side by side on the searches that a result needs (`study.comparison`).

    Args:
        panel: what the figure has a panel for: `search`, with all layers or models together, or
            `model`.
        quantities: what it has a row for: `excess`, `failed`.
    """

    panel: str = "search"
    quantities: tuple[str, ...] = ("excess",)


@dataclass(frozen=True)
class Result:
    """A result, whose id is the name of its folder: `R3c` is in `results/r3c`.

    Tables and figures beside the main ones are named by their parts: `breakdown` of R8 is the
    table `R8.breakdown`. The main table bears the id itself, and its part is empty.

    Args:
        title: what the report calls it.
        drawn: the part of the table that the figure shows.
        others: the parts of tables besides the main one, which is the first in the report.
        shown: those of the others that the report shows as well.
        figures: further figures by their parts, each with the part of the table that it shows.
            `figure_PART.py` draws it, and `caption_PART.rst` explains it.
        mapping: the result whose options name the mapping searches that this one needs; as a
            rule it is the result itself. None if it needs no mapping searches.
        hardware: the same for hardware searches.
        arms: the methods it compares. Table, figure, claims and view are then those of
            `study.comparison`, where the folder has no module of its own for them.
        stages: modules of the folder that are stages of their own, besides `table`.
        is_default: whether a config that names no results gets it.
        id: given by the registry.
    """

    title: str
    drawn: str = ""
    others: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    figures: dict[str, str] = field(default_factory=dict)
    mapping: str | None = None
    hardware: str | None = None
    arms: Arms | None = None
    stages: tuple[str, ...] = ()
    is_default: bool = True
    id: str = ""
