"""Proofs of bounds on a product by bounds on sums: lines that cover the region below a hyperbola.

The energy E and the delay D of a network are sums over its layers, and its EDP is E · D. The least
of E + μ · D separates over layers. If no design is below a line, this gives a bound on E · D:

Suppose that E ≥ a and D ≥ v / b in all designs. Then a design with E · D < v has a ≤ E ≤ b. The
hyperbola E · D = v is convex, so between a and b it is below its chord, and so are all points below
the hyperbola. Hence, if no design is below the chord, none has E · D < v. If some are, but none is
below a parallel line E + μ · D = h, that line covers the part of the hyperbola that is below it,
and two shorter chords are left to prove.
"""

from __future__ import annotations

import math


def chord(value: float, a: float, b: float) -> tuple[float, float]:
    """μ and h of the line E + μ · D = h that cuts E · D = `value` at E = a and E = b."""
    return a * b / value, a + b


def left_over(
    value: float, a: float, b: float, slope: float, height: float
) -> list[tuple[float, float]]:
    """The ranges of E in [a, b] left to prove if no design has E + `slope` · D < `height`."""
    root = height * height - 4 * slope * value
    if root < 0:
        return [(a, b)]
    first, last = (height - math.sqrt(root)) / 2, (height + math.sqrt(root)) / 2
    parts = [(a, min(b, first)), (max(a, last), b)]
    return [(low, high) for low, high in parts if low < high]


def least_product(a: float, least_delay: float, slope: float, height: float) -> float:
    """The least E · D of all points with E ≥ a, D ≥ `least_delay`, E + slope · D ≥ height.

    The product is quasi-concave, so it is least at a corner.
    """
    delay, energy = (height - a) / slope, height - slope * least_delay
    return max(a * least_delay, min(a * delay, energy * least_delay))
