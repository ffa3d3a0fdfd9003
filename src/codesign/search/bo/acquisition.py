"""Which candidate to try: lower confidence bound or expected improvement, times feasibility."""

from __future__ import annotations

import math

from codesign.compiled import compiled


@compiled
def bound(means, deviations, chances, typical, beta, softness, scores) -> None:  # type: ignore[no-untyped-def]
    """Fills `scores` [B] from the lower confidence bound, mean − beta · deviation.

    The bound alone cannot be weighted by a probability, since it may have either sign. What is
    weighted is its improvement over a `typical` loss, which says that a failure is worth as much
    as a typical trial; it is softly cut off at zero, over a width of `softness`:
    log softplus((typical − bound) / softness) + log P(feasible). Where every candidate is as
    likely feasible, this orders them exactly as the bound does. Measured against the best loss
    rather than a typical one, a failure would cost nothing, and half the trials are failures.
    """
    for b in range(len(scores)):
        gain = (typical - means[b] + beta * deviations[b]) / softness
        scores[b] = log_softplus(gain) + math.log(max(chances[b], 1e-300))


@compiled
def log_softplus(x) -> float:  # type: ignore[no-untyped-def]
    """log log(1 + exp(x)), also where that is tiny."""
    if x < -30.0:
        return x
    return math.log(max(x, 0.0) + math.log1p(math.exp(-abs(x))))


@compiled
def improve(means, deviations, chances, best, least, scores) -> None:  # type: ignore[no-untyped-def]
    """Fills `scores` [B] with the log of (expected improvement over `best` × P(feasible)).

    Before the first failure the improvement is taken as it is. After that `least` is added to
    it: where hardly any is expected of a feasible point, still less of a likely failure counts
    for nothing.
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
    """log(z Φ(z) + φ(z)), by its asymptote where the difference would cancel."""
    log_density = -0.5 * z * z - 0.5 * math.log(2.0 * math.pi)
    if z < -20.0:
        return log_density - 2.0 * math.log(-z) + math.log1p(-3.0 / (z * z))
    return math.log(0.5 * z * math.erfc(-z / math.sqrt(2.0)) + math.exp(log_density))
