"""Medians, quantiles and shares with exact intervals, and an exact test of two groups of searches.

Nothing here is resampled, so that a table is the same whatever the seed, and nothing depends on
which search of one method met which search of another.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from statistics import NormalDist
from typing import Literal

import numpy as np
from numpy.typing import NDArray

LEVEL = 0.95
"""The least probability with which an interval contains the quantity."""

SIGNIFICANT = 1 - LEVEL
"""A difference is significant if its corrected p is below this."""

MOST_PAIRS = 2500
"""With more pairs of searches in a stratum, the distribution of their order is approximated."""

Floats = NDArray[np.float64]


def median_interval(values: Floats, level: float = LEVEL) -> tuple[float, float, float]:
    """The median of `values`, with the two of them between which the true median lies: low, high.

    The interval is exact for every distribution: of n independent values, the k-th from either end
    are outside the median with the probability of fewer than k heads in n tosses. k is the largest
    number with which the interval still has `level`. For fewer than six values no k has 95 %; then
    the interval is the range of the values, with 1 - 2^(1 - n): 94 % for five, 75 % for three.

    If a value is NaN, all three are NaN. Values may be infinite. Without values, all three are NaN.
    """
    values = np.sort(np.asarray(values, np.float64))
    count = len(values)
    if not count or np.isnan(values).any():
        return math.nan, math.nan, math.nan
    outside = max(1, _outside(count, (1 - level) / 2))
    return float(np.median(values)), float(values[outside - 1]), float(values[count - outside])


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


def shift_interval(
    differences: Floats, sizes: Sequence[tuple[int, int]], level: float = LEVEL
) -> tuple[float, float, float]:
    """The median difference between two groups, with its exact interval: median, low, high.

    The median is Hodges' and Lehmann's, the interval is Moses's, both over strata: the values of
    the two groups are compared within each stratum only, all with all. The interval has the values
    of the shift that `rank_sum_p` does not reject. It is infinite if there are too few values.

    Args:
        differences: all differences of a value of the first group and a value of the second one.
        sizes: the number of values of both groups, for each stratum.
        level: the least probability of the interval.
    """
    ordered = np.sort(differences)
    if not len(ordered):
        return math.nan, math.nan, math.nan
    below = np.cumsum(_sum_of(tuple(sorted(sizes))))
    outside = int(np.searchsorted(below, (1 - level) / 2, side="right"))
    middle = float(quantiles(ordered, [0.5])[0])
    if outside == 0:
        return middle, -math.inf, math.inf
    return middle, float(ordered[outside - 1]), float(ordered[len(ordered) - outside])


def rank_sum_p(strata: Sequence[tuple[Floats, Floats]]) -> float:
    """The two-sided p of the hypothesis that two groups have the same distribution in each stratum.

    The test is Mann and Whitney's, with the sum of its statistics over strata (van Elteren's, if
    all strata have equally many values). Its distribution is that of all assignments of the values
    to the groups, so it is exact with ties too; above `MOST_PAIRS` it is the normal one.
    """
    total, distribution = 0, np.ones(1)
    for own, rival in strata:
        statistic, part = _rank_sums(own, rival)
        total += statistic
        distribution = np.convolve(distribution, part)
    lower, upper = distribution[: total + 1].sum(), distribution[total:].sum()
    return float(min(1.0, 2 * min(lower, upper)))


def holm(p: Floats) -> Floats:
    """Holm's step-down correction: p-values to compare with the level of the whole family."""
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * (len(p) - np.arange(len(p))))
    corrected = np.empty_like(p)
    corrected[order] = np.minimum(stepped, 1.0)
    return corrected


@cache
def _outside(count: int, most: float) -> int:
    """The largest k with a probability of at most `most` for fewer than k heads in `count`
    tosses."""
    found, below = 0, 0.0
    for heads in range(count):
        below += math.comb(count, heads) / 2**count
        if below > most:
            break
        found = heads + 1
    return found


@cache
def _sum_of(sizes: tuple[tuple[int, int], ...]) -> Floats:
    """The distribution of the number of pairs whose first value is lower, for equal groups."""
    distribution = np.ones(1)
    for own, rival in sizes:
        if own * rival > MOST_PAIRS:
            part = _normal(own * rival, own * rival * (own + rival + 1) / 12)
        else:
            part = _untied(own, rival)
        distribution = np.convolve(distribution, part)
    return distribution


@cache
def _untied(own: int, rival: int) -> Floats:
    """The distribution of Mann and Whitney's U without ties, from the counts of partitions."""
    counts = np.zeros((own + 1, own * rival + 1))
    counts[0, 0] = 1
    for rank in range(own + rival):
        for chosen in range(min(own, rank + 1), 0, -1):
            # The value with this rank is above `rank - (chosen - 1)` values of the other group.
            step = rank - (chosen - 1)
            if step <= rival:
                counts[chosen, step:] += counts[chosen - 1, : counts.shape[1] - step]
    return np.asarray(counts[own] / counts[own].sum(), np.float64)


def _rank_sums(own: Floats, rival: Floats) -> tuple[int, Floats]:
    """Twice U, where a tie counts one, and the distribution of 2 U over all assignments."""
    doubled = 2 * (own[:, None] > rival[None, :]) + (own[:, None] == rival[None, :])
    statistic, (n, m) = int(doubled.sum()), doubled.shape
    values = np.concatenate([own, rival])
    # Twice the mean rank of each value, from 0.
    ranks = (values[:, None] > values[None, :]).sum(1) * 2 + (
        (values[:, None] == values[None, :]).sum(1) - 1
    )
    if n * m > MOST_PAIRS:
        # Twice the sum of ranks of `own` has this variance if `own` is any part of the values.
        spread = n * m * float(np.var(ranks)) / (n + m - 1)
        return statistic, _normal(2 * n * m, spread)
    sums = np.zeros((n + 1, 2 * n * (n + m) + 1))
    sums[0, 0] = 1
    for rank in ranks:
        for chosen in range(n, 0, -1):
            sums[chosen, rank:] += sums[chosen - 1, : sums.shape[1] - rank]
    least = n * (n - 1)
    part = sums[n, least : least + 2 * n * m + 1]
    return statistic, np.asarray(part / part.sum(), np.float64)


def _normal(most: int, variance: float) -> Floats:
    """The distribution on 0 … `most` that rounds a normal one around the middle."""
    if variance <= 0:
        return np.asarray(np.arange(most + 1) == most // 2, np.float64)
    bell = NormalDist(most / 2, math.sqrt(variance))
    below = np.array([bell.cdf(number + 0.5) for number in range(most + 1)])
    below[-1] = 1.0
    return np.diff(below, prepend=0.0)
