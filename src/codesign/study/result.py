"""The declaration of a result: `RESULT` in its folder in `study/results`."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Arms:
    """A comparison of methods on the searches that a result needs (`study.comparison`).

    Args:
        panel: the figure has one panel per `space`, with all its tasks together, or one per
            `model`.
        quantities: what the figure shows: `excess`, `failed`.
        claimed: what the paper says of its own method against `rivals`.
        rivals: the methods that the paper compares its own with. Others have no verdict.
    """

    panel: str = "space"
    quantities: tuple[str, ...] = ("excess",)
    claimed: str = ""
    rivals: tuple[str, ...] = ()


@dataclass(frozen=True)
class Result:
    """A result. Its id is the name of its folder: `R3c` is in `results/r3c`.

    Further tables and figures are named by their parts: part `breakdown` of R8 is the table
    `R8.breakdown`. The main table is named by the id alone, and its part is empty.

    Args:
        title: its title in the report.
        question: the question that it answers, in one sentence. The function `answer` of its module
            `view` gives the answer, from the main table.
        drawn: the part of the table that the main figure shows.
        others: the parts of tables other than the main one. The main table is first in the report.
        shown: those parts of `others` that the report shows as well.
        figures: further figures by their parts, each with the part of the table that it shows.
            `figure_PART.py` draws the figure, and `caption_PART.rst` is its caption.
        mapping: the result whose options give the mapping searches that this one needs, usually
            itself; None if it does not need mapping searches.
        hardware: the same for hardware searches.
        in_spaces: whether its hardware searches are made in all hardware spaces of the config, or
            only in those of the models' baselines.
        arms: the comparison, if it is one. If the folder does not have a module for table, figure,
            claims or view, that of `study.comparison` is used.
        stages: modules of the folder that are stages, in addition to `table`.
        is_default: whether it is made if a config does not name results.
        id: set by the registry.
    """

    title: str
    question: str = ""
    drawn: str = ""
    others: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    figures: dict[str, str] = field(default_factory=dict)
    mapping: str | None = None
    hardware: str | None = None
    in_spaces: bool = False
    arms: Arms | None = None
    stages: tuple[str, ...] = ()
    is_default: bool = True
    id: str = ""
