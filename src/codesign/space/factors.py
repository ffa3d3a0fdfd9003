"""The factors that loops over a dimension may have: divisors of its size, or padded factors.

Padded factors multiply to at least the size, and none of them could be smaller: every factor is the
size divided by the product of the others, rounded up. So factors of 127 may be 8 and 16, as for
128. Two facts make padded factors as easy to draw as divisors:
- ⌈⌈n / a⌉ / b⌉ = ⌈n / (a·b)⌉, so after any factors, a quotient of n is left;
- if v is a quotient of n, then v = ⌈n / ⌈n / v⌉⌉. So quotients come in pairs, like divisors.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray

from codesign.factors import DIVISORS

MOST_PADDED_SIZE = 2**19
"""The largest size with padded factors: tables of factors grow with the size."""


@cache
def divisors(number: int) -> tuple[int, ...]:
    """The divisors of a positive number, ascending."""
    small = [d for d in range(1, int(number**0.5) + 1) if number % d == 0]
    return tuple(sorted({*small, *(number // d for d in small)}))


@cache
def quotients(number: int) -> tuple[int, ...]:
    """The quotients ⌈number / a⌉ for whole a, ascending: at most 2·√number."""
    found, divisor = [number], 1
    while found[-1] > 1:
        # The least divisor with a smaller quotient.
        divisor = -(-number // (found[-1] - 1))
        found.append(-(-number // divisor))
    return tuple(reversed(found))


def choices(number: int, factors: str) -> tuple[int, ...]:
    """The factors that a loop may take from `number`, ascending.

    What is left after choice n of m is choice m - 1 - n.

    Args:
        factors: a name in `codesign.factors`.
    """
    return divisors(number) if factors == DIVISORS else quotients(number)


@cache
def factorize(number: int) -> tuple[tuple[int, int], ...]:
    """The prime factors of a positive number, ascending, with their powers."""
    found, prime = [], 2
    while prime * prime <= number:
        power = 0
        while number % prime == 0:
            number //= prime
            power += 1
        if power:
            found.append((prime, power))
        prime += 1
    return (*found, (number, 1)) if number > 1 else tuple(found)


@cache
def padded_sizes(size: int) -> tuple[int, ...]:
    """The products of padded factors of `size`, ascending, from `size` itself on.

    A product n has padded factors if its prime factors are padded factors: with any other
    factors, the largest is larger. They are if n without its largest prime p is below the size for
    p - 1: n - n / p < size. So n is below 2 · size.
    """
    found = [size]
    for padded in range(size + 1, 2 * size):
        largest = factorize(padded)[-1][0]
        if padded - padded // largest < size:
            found.append(padded)
    return tuple(found)


def ways(number: int, places: int) -> float:
    """The number of ways to write a number as an ordered product of factors."""
    total = 1.0
    for _, power in factorize(number):
        total *= math.comb(power + places - 1, places - 1)
    return total


def tightened(factors: NDArray[np.int64], size: int, outermost: int) -> NDArray[np.int64]:
    """[B, k], padded factors of `size`, from any factors [B, k].

    Where they multiply to less than the size, factor `outermost` becomes larger. Then every factor,
    the first one first, becomes as small as can be.
    """
    found = factors.copy()

    def least(place: int) -> NDArray[np.int64]:
        return np.asarray(-(-size // np.delete(found, place, axis=1).prod(axis=1)))

    found[:, outermost] = np.maximum(found[:, outermost], least(outermost))
    for place in range(found.shape[1]):
        found[:, place] = least(place)
    return found


def compositions(rng: np.random.Generator, count: int, total: int, parts: int) -> NDArray[np.int64]:
    """[count, parts] non-negative whole numbers with sum `total`, all equally likely.

    The method is stars and bars: `parts` - 1 bars at random places among the stars.
    """
    keys = rng.random((count, total + parts - 1))
    bars = np.sort(np.argsort(keys, axis=1)[:, : parts - 1], axis=1)
    edges = np.concatenate(
        [np.full((count, 1), -1), bars, np.full((count, 1), total + parts - 1)], axis=1
    )
    return np.diff(edges, axis=1) - 1
