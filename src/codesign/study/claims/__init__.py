"""What the paper claims of each result, held against what was measured: one file a result."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from codesign.study import paper
from codesign.study.claims import arms, b2, b3, b4, b5, b6, r1, r2, r3, r4, r5, r6, r7, r8
from codesign.study.claims.claim import Claim

CLAIMS: dict[str, Callable[[pd.DataFrame, paper.Budget], list[Claim]]] = {
    "R1": r1.claims,
    "R2": r2.claims,
    "R3": r3.claims,
    "R3c": arms.r3c,
    "R4": r4.claims,
    "R5": r5.claims,
    "R6": r6.claims,
    "R7": r7.claims,
    "R8": r8.claims,
    "B1": arms.b1,
    "B2": b2.claims,
    "B3": b3.claims,
    "B4": b4.claims,
    "B5": b5.claims,
    "B6": b6.claims,
}
"""From a result's table, the one that bears its id, to its lines in the summary."""
