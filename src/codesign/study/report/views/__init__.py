"""Tables as the page shows them: chosen columns, units in the head, numbers as text."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from codesign.study.report.views import (
    b2,
    b3,
    b4,
    b5,
    b6,
    comparison,
    r1,
    r2,
    r3,
    r6,
    r7,
    r8,
    summary,
)
from codesign.study.report.views.cells import View, plain

VIEWS: dict[str, Callable[[pd.DataFrame], View]] = {
    "summary": summary.view,
    "R1": r1.view,
    "R2": r2.view,
    "R3": r3.view,
    "R3c": comparison.view,
    "R4": comparison.view,
    "R5": comparison.view,
    "R6": r6.view,
    "R7": r7.view,
    "R8": r8.view,
    "R8.reasons": r8.reasons,
    "B1": comparison.view,
    "B2": b2.view,
    "B3": b3.view,
    "B3.costs": b3.costs,
    "B4": b4.view,
    "B4.ranks": b4.ranks,
    "B5": b5.view,
    "B6": b6.view,
}


def view(name: str, table: pd.DataFrame) -> View:
    """A table of a result by its name; one that has no view of its own is shown as it is."""
    return VIEWS.get(name, plain)(table)
