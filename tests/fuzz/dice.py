"""Random choices for fuzzing, from a generator of numbers."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import TypeVar

import numpy as np

Option = TypeVar("Option")


class Dice:
    """The choices that make one file.

    Args:
        name: the target.
        seed: of the whole run.
        number: of the file within it.
    """

    def __init__(self, name: str, seed: int, number: int) -> None:
        self.generator = np.random.default_rng([seed, number, zlib.crc32(name.encode())])

    def number(self, least: int, most: int) -> int:
        """A whole number from `least` to `most`."""
        return int(self.generator.integers(least, most, endpoint=True))

    def coin(self) -> bool:
        """True or false."""
        return self.number(0, 1) == 1

    def pick(self, options: Sequence[Option]) -> Option:
        """One of the options."""
        return options[self.number(0, len(options) - 1)]

    def letters(self, most: int) -> bytes:
        """At most so many bytes, of any kind."""
        return self.generator.bytes(self.number(0, most))
