"""Medians, quantiles and shares, with intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

LEVEL = 0.95
SIGNIFICANT = 0.05
"""A difference is significant if its corrected p is below this."""

RESAMPLES = 10_000

Floats = NDArray[np.float64]


def median_interval(
    values: Floats, rng: np.random.Generator, level: float = LEVEL, resamples: int = RESAMPLES
) -> tuple[float, float, float]:
    """The median of `values` with its percentile-bootstrap interval: median, low, high.

    The interval shows how much the median depends on the seeds. For one value, it is the value
    itself. If a value is NaN, the median is NaN. Values may be infinite (`quantiles`). Without
    values, all three are NaN.
    """
    values = np.asarray(values, np.float64)
    if not len(values):
        return math.nan, math.nan, math.nan
    draws = rng.integers(len(values), size=(resamples, len(values)))
    medians = np.median(values[draws], axis=1)
    low, high = quantiles(medians, [(1 - level) / 2, (1 + level) / 2])
    return float(np.median(values)), float(low), float(high)


def quantiles(values: Floats, shares: Sequence[float]) -> Floats:
    """Quantiles of values that may be infinite, such as the excess of searches without a result.

    Interpolation is not possible with infinite values: if there are any, a quantile is the next
    higher value.
    """
    method: Literal["linear", "higher"] = "higher" if np.isinf(values).any() else "linear"
    return np.asarray(np.quantile(values, shares, method=method), np.float64)


def share_interval(hits: int, draws: int, z: float = 1.959964) -> tuple[float, float]:
    """Wilson's 95 % interval of a share, which is also correct for very small shares."""
    if draws == 0:
        return 0.0, 1.0
    share, weight = hits / draws, z * z / draws
    centre = (share + weight / 2) / (1 + weight)
    half = z / (1 + weight) * math.sqrt(share * (1 - share) / draws + weight / (4 * draws))
    return max(0.0, centre - half), min(1.0, centre + half)
