"""Tables as the page shows them: chosen columns, units in the head, numbers as text."""

from __future__ import annotations

import importlib
from collections.abc import Callable

import pandas as pd

from codesign.study.registry import has_module, module_of
from codesign.study.report.cells import View, plain


def view(name: str, table: pd.DataFrame) -> View:
    """A table of a result by its name, as the result's module `view` shows it.

    The function for the main table is called `view`; that of `R8.reasons` is called `reasons`. A
    table without such a function is shown as it is.
    """
    return _function(name)(table)


def _function(name: str) -> Callable[[pd.DataFrame], View]:
    result, _, part = name.partition(".")
    if not has_module(result, "view"):
        return plain
    module = importlib.import_module(module_of(result, "view"))
    found: Callable[[pd.DataFrame], View] = getattr(module, part or "view", plain)
    return found
