"""How records priced by us and by Timeloop are compared, for tables and figures."""

from __future__ import annotations

import pandas as pd

OUTCOME = "outcome"
"""The column with `valid` or the rule that is broken; Timeloop's begins with `timeloop_`."""

VALID = "valid"


def differences(records: pd.DataFrame, cost: str) -> pd.Series[float]:
    """|ours - Timeloop's| / Timeloop's, of records that both hold for valid."""
    both = records[(records[OUTCOME] == VALID) & (records[f"timeloop_{OUTCOME}"] == VALID)]
    return (both[cost] - both[f"timeloop_{cost}"]).abs() / both[f"timeloop_{cost}"]
