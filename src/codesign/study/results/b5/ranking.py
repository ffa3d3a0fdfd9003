"""Which assumption explains the paper's gains best: all of them in order."""

from __future__ import annotations

import numpy as np
import pandas as pd

AS_R1 = "as R1"
"""The control: R1's own searches."""


def ranking(assumptions: pd.DataFrame) -> pd.DataFrame:
    """The assumptions by their mean distance from the paper's gains, least first.

    Columns: `rank, assumption, seeds` (the least number of any model); for each model of the paper
    its gain in %, named as the model; and `distance, low, high`: the mean over models of the
    difference between gain and paper, in points, with the least and the greatest that the intervals
    of the gains allow. Only assumptions about all of these models are in it.

    Args:
        assumptions: the table of `table.sensitivity`.
    """
    rows = assumptions[assumptions["paper"].notna()]
    models = list(dict.fromkeys(rows["model"]))
    found = []
    for assumption, group in rows.groupby("assumption", sort=False):
        if len(group) < len(models):
            continue
        gain, low, high, paper = (
            group[name].to_numpy(np.float64) for name in ("improvement", "low", "high", "paper")
        )
        nearest = np.abs(np.clip(paper, low, high) - paper)
        farthest = np.maximum(np.abs(low - paper), np.abs(high - paper))
        found.append(
            {
                "assumption": assumption,
                "seeds": int(group["seeds"].min()),
                **dict(zip(group["model"], gain, strict=True)),
                "distance": float(np.abs(gain - paper).mean()),
                "low": float(nearest.mean()),
                "high": float(farthest.mean()),
            }
        )
    columns = ["assumption", "seeds", *models, "distance", "low", "high"]
    table = pd.DataFrame(found, columns=columns)
    ranked = table.sort_values("distance", kind="stable", ignore_index=True)
    ranked.insert(0, "rank", np.arange(1, len(ranked) + 1))
    return ranked
