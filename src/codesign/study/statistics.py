"""Medians, quantiles and shares with their intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

LEVEL = 0.95
SIGNIFICANT = 0.05
"""What a corrected p has to be below."""

RESAMPLES = 10_000

Floats = NDArray[np.float64]


def median_interval(
    values: Floats, rng: np.random.Generator, level: float = LEVEL, resamples: int = RESAMPLES
) -> tuple[float, float, float]:
    """The median of `values` with its percentile-bootstrap interval: median, low, high.

    With n repeats the interval says how the median would move had other seeds been drawn; for
    n = 1 it is the value itself. NaN counts as a value: a median over it is NaN. Values may be
    infinite, see `quantiles`.
    """
    values = np.asarray(values, np.float64)
    if not len(values):
        return math.nan, math.nan, math.nan
    draws = rng.integers(len(values), size=(resamples, len(values)))
    medians = np.median(values[draws], axis=1)
    low, high = quantiles(medians, [(1 - level) / 2, (1 + level) / 2])
    return float(np.median(values)), float(low), float(high)


def quantiles(values: Floats, shares: Sequence[float]) -> Floats:
    """Quantiles of values that may be infinite, as of searches that found nothing.

    Nothing can be interpolated between infinities: where there are any, the next higher value
    is taken.
    """
    method: Literal["linear", "higher"] = "higher" if np.isinf(values).any() else "linear"
    return np.asarray(np.quantile(values, shares, method=method), np.float64)


def share_interval(hits: int, draws: int, z: float = 1.959964) -> tuple[float, float]:
    """Wilson's 95 % interval of a share: also right where hardly any draw hits."""
    if draws == 0:
        return 0.0, 1.0
    share, weight = hits / draws, z * z / draws
    centre = (share + weight / 2) / (1 + weight)
    half = z / (1 + weight) * math.sqrt(share * (1 - share) / draws + weight / (4 * draws))
    return max(0.0, centre - half), min(1.0, centre + half)
