"""R6: one row a layer, columns a budget of the sampler."""

from __future__ import annotations

import math

import pandas as pd

from codesign.study.report.cells import View, interval, number, records


def view(table: pd.DataFrame) -> View:
    """Excess EDP of the method and of the sampler's budgets; evaluations to come level."""
    arms = table[["method", "multiple", "evaluations"]].drop_duplicates().to_dict("records")
    method, sampler = str(arms[0]["method"]), str(arms[-1]["method"])
    heads = [f"{method}, {arms[0]['evaluations']:,}: EDP above optimum, %"]
    for arm in arms[1:]:
        heads += [f"{sampler}, {arm['evaluations']:,}: the same", f"{method} wins, % of seeds"]
    heads += [f"evaluations until {method}'s end: {name}" for name in (method, sampler)]
    heads.append(f"raw draws of {sampler} until then")
    rows = []
    for layer, group in table.groupby("layer", sort=False):
        ours, *theirs = records(group)
        texts = [f"{number(ours['excess'], 2)} [{interval(ours['low'], ours['high'])}]"]
        for row in theirs:
            texts.append(f"{number(row['excess'], 2)} [{interval(row['low'], row['high'])}]")
            texts.append(number(100 * row["wins"], 2))
        most = int(theirs[-1]["evaluations"])
        for row in (ours, theirs[-1]):
            reach = row["reach"]
            texts.append(f"{reach:,.0f}" if math.isfinite(reach) else f"more than {most:,}")
        texts.append(number(theirs[-1]["reach_draws"]))
        rows.append((str(layer), *texts))
    return View(("layer", *heads), tuple(rows))
