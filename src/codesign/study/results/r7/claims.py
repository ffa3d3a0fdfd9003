"""R7: the share of the spaces that is valid."""

from __future__ import annotations

import pandas as pd

from codesign.study import paper
from codesign.study.report.claim import Claim, judged, median_and_range


def claims(table: pd.DataFrame, budget: paper.Spent) -> list[Claim]:
    """Two claims: the shares of valid raw draws, with the range over models or layers.

    The budget is not used.
    """
    hardware = 100 * table[table["sampler"] == "derived"]["share"]
    mapping = 100 * table[table["sampler"] == "free"]["share"]
    most = 100 * paper.VALID_MAPPING_SHARE_MOST
    about = 100 * paper.VALID_HARDWARE_SHARE
    is_about = about / 2 <= hardware.median() <= 2 * about
    is_below = bool(mapping.max() < most)
    return [
        judged(
            "R7 hardware",
            "valid hardware points among raw draws (H2, H6 derived), %",
            f"≈ {about:g}",
            median_and_range(hardware),
            is_about,
            "within a factor of two" if is_about else "depends on the domains drawn from",
        ),
        judged(
            "R7 mapping",
            "valid mappings among raw draws, %, median and range over layers",
            f"< {most:g}",
            median_and_range(mapping),
            is_below,
            f"{int((mapping < most).sum())} of {len(mapping)} layers are below",
        ),
    ]
