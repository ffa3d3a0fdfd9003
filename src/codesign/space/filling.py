"""How much of an array the factors of a layer's sizes could fill."""

from __future__ import annotations

from codesign.space.slots import divisors


def filled(sizes: tuple[int, ...], fans: tuple[int, ...]) -> int:
    """The largest product of the fans' shares that factors of the sizes can fill.

    An upper bound: each fan is filled by itself with a divisor of all operations.
    """
    filled = 1
    for fan in fans:
        best = {1}
        for size in sizes:
            best = {a * b for a in best for b in divisors(size) if a * b <= fan}
        filled *= max(best)
    return filled
