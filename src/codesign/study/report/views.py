"""Views of results' tables: chosen columns, units in the head, numbers as text."""

from __future__ import annotations

import pandas as pd

from codesign.study.registry import function_of
from codesign.study.report.cells import View, plain


def view(name: str, table: pd.DataFrame) -> View:
    """The view of a result's table, by the name of the table.

    It is made by the result's module `view`: by its function `view` for the main table, by
    `reasons` for `R8.reasons`. Without such a function, all columns are shown.
    """
    result, _, part = name.partition(".")
    shown: View = (function_of(result, "view", part or "view") or plain)(table)
    return shown


def answer(result: str, table: pd.DataFrame) -> str:
    """The answer of a result in a sentence, from its main table; empty if it does not give one.

    It is made by the function `answer` of the result's module `view`.
    """
    make = function_of(result, "view", "answer")
    return str(make(table)) if make and len(table) else ""
