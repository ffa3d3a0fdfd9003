"""R8: one row per design; one sentence per model."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from codesign.study.report.cells import Row, View, number, numeric, records, tabulate, text


def view(table: pd.DataFrame) -> View:
    """The best designs, with ranges over seeds if values differ."""
    return tabulate(
        table,
        ("model", text("model")),
        ("design", text("design")),
        ("array, H1 × H2", _several(" × ", "H1", "H2")),
        ("words in / w / out, H3 / H4 / H5", _several(" / ", "H3", "H4", "H5")),
        ("global buffers, H7 × H8", _several(" × ", "H7", "H8")),
        ("block, H9", _several("", "H9")),
        ("cluster, H10", _several("", "H10")),
        ("dataflow", text("dataflow")),
        ("energy, µJ", _ranged("energy_pj", 1e-6)),
        ("delay, kcycles", _ranged("cycles", 1e-3)),
        ("busy, %", _ranged("utilization", 100)),
        ("EDP, J·cycles", _ranged("edp", 1e-12)),
        ("seeds", text("seeds")),
    )


def _several(between: str, *names: str) -> Callable[[Row], str]:
    """A column of parameters: of the best design, and the ranges of those that vary."""

    def cell(row: Row) -> str:
        best = between.join(str(row[name]) for name in names)
        ranges = [
            f"{name} " * (len(names) > 1) + f"{row[f'{name}_low']}–{row[f'{name}_high']}"
            for name in names
            if row[f"{name}_low"] != row[f"{name}_high"]
        ]
        return f"{best} [{', '.join(ranges)}]" if ranges else best

    return cell


def _ranged(name: str, scale: float) -> Callable[[Row], str]:
    def cell(row: Row) -> str:
        low, high = (number(scale * row[f"{name}_{end}"]) for end in ("low", "high"))
        best = number(scale * row[name])
        return best if low == high else f"{best} [{low}–{high}]"

    return cell


def reasons(table: pd.DataFrame) -> View:
    """The reasons for the costs of the best design of every model."""
    return tabulate(
        table,
        ("model", text("model")),
        ("energy ×", numeric("energy_ratio")),
        ("delay ×", numeric("cycles_ratio")),
        ("EDP ×", numeric("edp_ratio")),
        ("why", lambda row: str(row["sentence"]).partition(": ")[2]),
    )


def answer(table: pd.DataFrame) -> str:
    """The array of the best found accelerator per model, with what it changes."""
    lines = []
    for model, rows in table.groupby("model", sort=False):
        designs = {str(row["design"]): row for row in records(rows)}
        if {"Eyeriss", "found"} <= set(designs):
            found, eyeriss = designs["found"], designs["Eyeriss"]
            energy, delay = (
                number(found[name] / eyeriss[name], 2) for name in ("energy_pj", "cycles")
            )
            array = f"{found['H1']} × {found['H2']} PEs"
            lines.append(f"{model} {array}, energy × {energy}, delay × {delay}")
    return f"{'; '.join(lines)}." if lines else ""
