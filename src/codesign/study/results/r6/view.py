"""R6: one row per layer, with columns for each budget of the sampler."""

from __future__ import annotations

import math

import pandas as pd

from codesign.study.report.cells import View, each, number, records, with_span


def view(table: pd.DataFrame) -> View:
    """The excess of the method and of the sampler's budgets, and the evaluations needed."""
    arms = table[["method", "multiple", "evaluations"]].drop_duplicates().to_dict("records")
    method, sampler = str(arms[0]["method"]), str(arms[-1]["method"])
    heads = [f"{method}, {arms[0]['evaluations']:,}: EDP above optimum, %"]
    for arm in arms[1:]:
        heads += [f"{sampler}, {arm['evaluations']:,}: the same", f"{method} wins, % of seeds"]
    heads += [f"evaluations until {method}'s end: {name}" for name in (method, sampler)]
    heads.append(f"raw draws of {sampler} until then")
    excess = with_span("excess", digits=2)
    rows = []
    for layer, group in table.groupby("layer", sort=False):
        ours, *theirs = records(group)
        texts = [excess(ours)]
        for row in theirs:
            texts += [excess(row), number(100 * row["wins"], 2)]
        most = int(theirs[-1]["evaluations"])
        for row in (ours, theirs[-1]):
            reach = row["reach"]
            texts.append(f"{reach:,.0f}" if math.isfinite(reach) else f"more than {most:,}")
        texts.append(number(theirs[-1]["reach_draws"]))
        rows.append((str(layer), *texts))
    return View(("layer", *heads), tuple(rows))


def answer(table: pd.DataFrame) -> str:
    """The excess of the method and of the sampler's budgets, over all layers."""
    arms = table.groupby(["method", "multiple"], sort=False)
    names = [f"{method} with {int(rows['evaluations'].max()):,}" for (method, _), rows in arms]
    medians = [rows["excess"].median() for _, rows in arms]
    layers = len(table[["model", "layer"]].drop_duplicates())
    return (
        f"EDP above the proven optimum, %, median over {layers} layers, by number of priced "
        f"mappings: {each(names, medians, 2)}."
    )
