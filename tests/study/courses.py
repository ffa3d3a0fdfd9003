"""Tables of trials by hand, for tests of results that compare methods."""

from __future__ import annotations

import pandas as pd

from codesign.study.comparison.table import hardware_course as of_hardware
from codesign.study.comparison.table import mapping_course as of_mappings
from codesign.study.course import Course
from codesign.study.spaces import HARDWARE

SPACE = "gemmini"

OPTIMA = pd.DataFrame(
    [(SPACE, "M", "x", 100.0, "optimal"), (SPACE, "M", "y", 100.0, "optimal")],
    columns=["space", "model", "layer", "edp", "certificate"],
)


def trials(edps: dict[tuple[str, str, int], list[float]], model: str = "M") -> pd.DataFrame:
    """Searches by (layer, method, seed), every trial's EDP given; NaN is a failed trial."""
    rows = [
        (model, *search, trial, edp)
        for search, found in edps.items()
        for trial, edp in enumerate(found)
    ]
    frame = pd.DataFrame(rows, columns=["model", "layer", "method", "seed", "trial", "edp"])
    so_far = frame.groupby(["layer", "method", "seed"], sort=False)["edp"]
    best = so_far.transform(lambda values: values.cummin().ffill())
    return frame.assign(feasible=frame["edp"].notna(), best_edp=best)


def mapping_course(edps: dict[tuple[str, str, int], list[float]]) -> Course:
    """The course of mapping searches whose layers x and y have an optimum of 100."""
    return of_mappings(trials(edps).assign(space=SPACE), OPTIMA)


def hardware_course(edps: dict[tuple[str, int], list[float]]) -> Course:
    """The course of hardware searches of one model, by (method, seed)."""
    table = trials({("all", *search): found for search, found in edps.items()})
    return of_hardware(table.assign(space=HARDWARE, chip_edp=float("nan")))
