"""Tables as the page shows them: chosen columns, units in the head, numbers as text."""

from __future__ import annotations

import pandas as pd

from codesign.study.registry import function_of
from codesign.study.report.cells import View, plain


def view(name: str, table: pd.DataFrame) -> View:
    """A table of a result by its name, as the result's module `view` shows it.

    The function for the main table is called `view`; that of `R8.reasons` is called `reasons`. A
    table without such a function is shown as it is.
    """
    result, _, part = name.partition(".")
    shown: View = (function_of(result, "view", part or "view") or plain)(table)
    return shown
