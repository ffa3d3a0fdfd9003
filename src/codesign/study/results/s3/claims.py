"""S3: FreeREA's accuracies, and what its paper reports."""

from __future__ import annotations

import pandas as pd

from codesign.study import paper
from codesign.study.report.claim import Claim, claim
from codesign.study.verdict import number

PUBLISHED = {"cifar10": 94.36, "cifar100": 73.51, "ImageNet16-120": 46.34}
"""The mean accuracies in % that the paper of FreeREA reports for 30 runs of 45 s [rec]."""

MARGIN = 0.1
"""Accuracies that differ by at most so many percentage points agree."""


def claims(table: pd.DataFrame, budget: paper.Spent) -> list[Claim]:
    """One claim per data set. The budget of the study is not used: these have their own."""
    made = []
    for row in table.to_dict("records"):
        published, mean = PUBLISHED[row["dataset"]], float(row["accuracy"])
        made.append(
            claim(
                f"S3 {row['dataset']}",
                f"accuracy of the cell that FreeREA's search finds on {row['dataset']}, %",
                f"{published} (Cavagnero et al.)",
                (mean, float(row["low"]), float(row["high"])),
                number(published, mean - MARGIN, mean + MARGIN, float(row["best"])),
            )
        )
    return made
