"""How sums prove products: which lines keep points off the corner below a hyperbola.

A network's energy E and delay D are sums over its layers, its EDP is E · D. The least of
E + μ · D separates over layers, and a line that no design is below proves something of E · D:

Suppose that E ≥ a and D ≥ v / b in all designs. A design of E · D < v then has a ≤ E ≤ b. The
hyperbola E · D = v is convex, so between a and b it runs below its chord, and so do all points
under it. Hence, if no design is below the chord, none has E · D < v. Where some are, but none below
a parallel E + μ · D = h, that line still cuts off the part of the hyperbola that is below it, and
what is left are two shorter chords.
"""

from __future__ import annotations

import math


def chord(value: float, a: float, b: float) -> tuple[float, float]:
    """μ and h of the line E + μ · D = h that meets E · D = `value` at E = a and E = b."""
    return a * b / value, a + b


def left_over(
    value: float, a: float, b: float, slope: float, height: float
) -> list[tuple[float, float]]:
    """What of [a, b] is not covered where no design is below E + `slope` · D = `height`."""
    root = height * height - 4 * slope * value
    if root < 0:
        return [(a, b)]
    first, last = (height - math.sqrt(root)) / 2, (height + math.sqrt(root)) / 2
    parts = [(a, min(b, first)), (max(a, last), b)]
    return [(low, high) for low, high in parts if low < high]


def least_product(a: float, least_delay: float, slope: float, height: float) -> float:
    """The least E · D of all points with E ≥ a, D ≥ `least_delay`, E + slope · D ≥ height.

    The product is quasi-concave, so that it is least at a corner.
    """
    delay, energy = (height - a) / slope, height - slope * least_delay
    return max(a * least_delay, min(a * delay, energy * least_delay))
