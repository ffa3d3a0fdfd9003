"""S1: one row per policy of mapping, proxy and other chip."""

from __future__ import annotations

import pandas as pd

from codesign.study.policies import OPTIMAL
from codesign.study.report.cells import View, number, numeric, tabulate, text


def view(table: pd.DataFrame) -> View:
    """Rank correlations, and what a proxy spares and costs."""
    return tabulate(
        table,
        ("mappings", text("policy")),
        ("proxy", text("proxy")),
        ("chip", text("chip")),
        ("Spearman, energy", numeric("spearman_energy", digits=4)),
        ("Spearman, delay", numeric("spearman_delay", digits=4)),
        ("Kendall, energy", numeric("kendall_energy")),
        ("Kendall, delay", numeric("kendall_delay")),
        ("Kendall, EDP", numeric("kendall_edp")),
        ("survivors", numeric("survivors")),
        ("spared, %", numeric("spared", digits=4)),
        ("spared that win", numeric("wins")),
        ("worst loss, % of EDP", numeric("worst_loss")),
        ("shown by a bound without search, %", numeric("bounded", digits=4)),
        ("shown by proofs, %", numeric("certified", digits=4)),
    )


def answer(table: pd.DataFrame) -> str:
    """The least correlations with optimal mappings, what a proxy spares, and its worst loss."""
    rows = table[table["policy"] == OPTIMAL]
    energy, delay = (number(float(rows[f"kendall_{name}"].min())) for name in ("energy", "delay"))
    return (
        f"With optimal mappings, Kendall's rank correlation between two chips is at least {energy} "
        f"for energy and {delay} for delay. A proxy spares at least "
        f"{number(float(rows['spared'].min()), 4)} % of the networks, and choosing among the rest "
        f"costs at most {number(float(rows['worst_loss'].max()))} % of EDP. "
        f"{number(float(rows['dominated'].max()), 4)} % cannot win on any accelerator."
    )
