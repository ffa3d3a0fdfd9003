"""S3: one row per data set; one row per network of a front."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from codesign.study.report.cells import Row, View, each, numeric, tabulate, text, with_span


def view(table: pd.DataFrame) -> View:
    """The accuracies that are found, and the best there are."""
    spread = table.rename(columns={"low": "accuracy_low", "high": "accuracy_high"})
    return tabulate(
        spread,
        ("data set", text("dataset")),
        ("accuracy, %", with_span("accuracy", digits=4)),
        ("standard deviation", numeric("deviation")),
        ("seeds", numeric("seeds")),
        ("cells looked at", numeric("looked_at")),
        ("best cell, %", numeric("best", digits=4)),
        ("cell that is found most often", text("cell")),
    )


def fronts(table: pd.DataFrame) -> View:
    """The networks of the fronts, with their costs."""
    return tabulate(
        table,
        ("chip", text("chip")),
        ("cell", text("cell")),
        ("accuracy, %", numeric("accuracy", digits=4)),
        ("EDP, pJ·cycles", lambda row: f"{row['edp']:.4g}"),
        ("of that, proven", lambda row: f"{100 * row['lower_edp'] / row['edp']:.2f} %"),
        ("on the front", _yes("on_front")),
        ("FreeREA's", _yes("freerea")),
        ("EDP of the best accelerator known", numeric("searched_edp", digits=4)),
        ("no accelerator is below", numeric("bound_edp", digits=4)),
    )


def answer(table: pd.DataFrame) -> str:
    """The mean accuracies."""
    found = each(table["dataset"], table["accuracy"], 4)
    return f"FreeREA's search finds cells of these mean accuracies, %: {found}."


def _yes(name: str) -> Callable[[Row], str]:
    return lambda row: "yes" if row[name] else ""
