"""The comparison of records priced by this cost model and by Timeloop."""

from __future__ import annotations

import pandas as pd

OUTCOME = "outcome"
"""The column with `valid` or the broken rule. Timeloop's columns begin with `timeloop_`."""

VALID = "valid"


def differences(records: pd.DataFrame, cost: str) -> pd.Series[float]:
    """|ours - Timeloop's| / Timeloop's, for records that are valid in both."""
    both = records[(records[OUTCOME] == VALID) & (records[f"timeloop_{OUTCOME}"] == VALID)]
    return (both[cost] - both[f"timeloop_{cost}"]).abs() / both[f"timeloop_{cost}"]
