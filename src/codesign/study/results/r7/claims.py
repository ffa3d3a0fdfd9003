"""R7: the share of the spaces that is valid."""

from __future__ import annotations

import pandas as pd

from codesign.study import paper
from codesign.study.report.claim import Claim, claim, median_and_range
from codesign.study.verdict import Verdict, about, below


def claims(table: pd.DataFrame, budget: paper.Spent) -> list[Claim]:
    """Two claims: the shares of valid points and mappings, with the range over budgets or layers.

    Models with the same budget have the same hardware space, which counts once. The budget of the
    run is not used.
    """
    hardware = table[table["sampler"] == "derived"].drop_duplicates("hardware")
    shares, mapping = (
        100 * rows["share"] for rows in (hardware, table[table["sampler"] == "free"])
    )
    most = 100 * paper.VALID_MAPPING_SHARE_MOST
    near = 100 * paper.VALID_HARDWARE_SHARE
    judged = about(near, float(shares.median()))
    how = ", ".join(
        f"{row['hardware']} {100 * row['share']:.4g} % ({row['counted']})"
        for row in hardware.to_dict("records")
    )
    return [
        claim(
            "R7 hardware",
            "valid hardware points among all combinations (H2, H6 derived), %, median and range "
            "over budgets",
            f"≈ {near:g}",
            median_and_range(shares),
            Verdict(judged.word, f"{judged.reason}; {how}"),
        ),
        claim(
            "R7 mapping",
            "valid mappings among raw draws, %, median and range over layers",
            f"< {most:g}",
            median_and_range(mapping),
            below(most, mapping.tolist()),
        ),
    ]
