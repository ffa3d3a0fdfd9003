"""Random numbers in kernels: SplitMix64 (Steele, Lea and Flood 2014).

The state of a stream is a counter that grows by `STEP` before each number. Numbers are scrambled
counters. So a loop can keep the counter in a register, and no number waits for the one before.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from codesign.compiled import inlined

Seeds = NDArray[np.uint64]

STEP = np.uint64(0x9E3779B97F4A7C15)


@inlined
def scramble(state):
    """53 random bits from the state of a stream."""
    z = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (z ^ (z >> np.uint64(31))) >> np.uint64(11)


@inlined
def uniform(state):
    """A number in [0, 1), from the state of a stream."""
    return float(scramble(state)) * 2.0**-53


@inlined
def below(state, count):
    """A whole number below `count`, which is at most 2048, from the state of a stream."""
    return np.int64((scramble(state) * np.uint64(count)) >> np.uint64(53))


@inlined
def next_uniform(seeds):
    """The next number in [0, 1) of the stream with the state `seeds[0]`."""
    seeds[0] += STEP
    return uniform(seeds[0])
