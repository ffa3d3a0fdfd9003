"""Tables as the page shows them: chosen columns, units in the head, numbers as text."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from codesign.study.report.views import comparison, r1, r2, r3, r6, r7, summary
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
    "B1": comparison.view,
}


def view(name: str, table: pd.DataFrame) -> View:
    """The table of a result; one that has no view of its own is shown as it is."""
    return VIEWS.get(name, plain)(table)
