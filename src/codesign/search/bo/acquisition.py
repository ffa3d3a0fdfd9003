"""Acquisitions: lower confidence bound or expected improvement, weighted by feasibility."""

from __future__ import annotations

import math

from codesign.compiled import compiled


@compiled
def bound(means, deviations, chances, typical, beta, softness, scores) -> None:  # type: ignore[no-untyped-def]
    """Fills `scores` [B] from the lower confidence bound, mean − beta · deviation.

    The bound may be positive or negative, so it cannot be weighted by a probability. Instead, its
    improvement over a `typical` loss is weighted, as if a failure had the loss of a typical trial.
    The improvement is cut off smoothly at zero, over a width of `softness`:
    log softplus((typical − bound) / softness) + log P(feasible). If all candidates are equally
    likely to be feasible, the order is that of the bound. With the best loss in place of a typical
    one, a failure would cost nothing, and half of the trials would fail.
    """
    for b in range(len(scores)):
        gain = (typical - means[b] + beta * deviations[b]) / softness
        scores[b] = log_softplus(gain) + math.log(max(chances[b], 1e-300))


@compiled
def log_softplus(x) -> float:  # type: ignore[no-untyped-def]
    """log log(1 + exp(x)), without underflow."""
    if x < -30.0:
        return x
    return math.log(max(x, 0.0) + math.log1p(math.exp(-abs(x))))


@compiled
def improve(means, deviations, chances, best, least, scores) -> None:  # type: ignore[no-untyped-def]
    """Fills `scores` [B] with the log of (expected improvement over `best` × P(feasible)).

    `least` is added to the improvement; it is 0 before the first failure. Thus differences between
    very small improvements do not outweigh the probability of failure.
    """
    for b in range(len(scores)):
        deviation = max(deviations[b], 1e-12)
        z = (best - means[b]) / deviation
        gain = math.log(deviation) + log_gain(z)
        if least > 0.0:
            gain = math.log(math.exp(gain) + least)
        scores[b] = gain + math.log(max(chances[b], 1e-300))


@compiled
def log_gain(z) -> float:  # type: ignore[no-untyped-def]
    """log(z Φ(z) + φ(z)), by its asymptote where the sum would cancel."""
    log_density = -0.5 * z * z - 0.5 * math.log(2.0 * math.pi)
    if z < -20.0:
        return log_density - 2.0 * math.log(-z) + math.log1p(-3.0 / (z * z))
    return math.log(0.5 * z * math.erfc(-z / math.sqrt(2.0)) + math.exp(log_density))
