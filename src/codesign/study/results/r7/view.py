"""R7: one row a space and sampler."""

from __future__ import annotations

import math

import pandas as pd

from codesign.study.report.cells import View, interval, number, records


def view(table: pd.DataFrame) -> View:
    """Shares of valid draws, and what the others break first."""
    head = (
        "space",
        "model",
        "layer",
        "drawn",
        "valid, %",
        "95 % interval",
        "draws for 150 valid",
        "what the others break first",
    )
    rows = tuple(
        (
            str(row["space"]),
            str(row["model"]),
            str(row["layer"]),
            str(row["sampler"]),
            number(100 * row["share"]),
            interval(100 * row["low"], 100 * row["high"]),
            f"{row['draws_for_150']:,.0f}" if math.isfinite(row["draws_for_150"]) else "–",
            str(row["first_broken"]),
        )
        for row in records(table)
    )
    return View(head, rows)
