"""How many PEs of an array the factors of a layer can fill."""

from __future__ import annotations

from codesign.space.factors import divisors


def filled(sizes: tuple[int, ...], fans: tuple[int, ...]) -> int:
    """An upper bound on the number of PEs that factors of `sizes` fill, with fan-outs `fans`.

    It is a bound since each fan-out is filled by itself, with factors of all dimensions.
    """
    filled = 1
    for fan in fans:
        best = {1}
        for size in sizes:
            best = {a * b for a in best for b in divisors(size) if a * b <= fan}
        filled *= max(best)
    return filled
