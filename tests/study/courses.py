"""Tables of trials by hand, for tests of results that compare methods."""

from __future__ import annotations

import pandas as pd

from codesign.study.comparison.table import HARDWARE, MAPPING, compared
from codesign.study.course import Course

OPTIMA = pd.DataFrame([("M", "x", 100.0), ("M", "y", 100.0)], columns=["model", "layer", "edp"])


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
    return compared([(MAPPING, trials(edps), OPTIMA)])


def hardware_course(edps: dict[tuple[str, int], list[float]]) -> Course:
    """The course of hardware searches of one model, by (method, seed)."""
    table = trials({("all", *search): found for search, found in edps.items()})
    return compared([(HARDWARE, table, None)])
