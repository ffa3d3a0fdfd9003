"""Widths: how much room an element of a dataspace takes at a level (`docs/cost-model.md`, 19).

A layer may give the bits of its elements. An element without a width is as wide as a word of the
level, so a layer without widths has one element per word everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from codesign.hardware.architecture import StorageLevel


class Units(NamedTuple):
    """Sizes at a level: in bits, or in words if the layer has no widths.

    Args:
        elements: [W], an element of every dataspace.
        word: a word of the level, in which its capacity is given.
        name: the name of the unit.
        element_bits: [W], the bits of an element of every dataspace.
        word_bits, transfer_bits: the bits of a word of the level, and of one of its bandwidths.
    """

    elements: tuple[int, ...]
    word: int
    name: str
    element_bits: tuple[int, ...]
    word_bits: int
    transfer_bits: int

    def shares(self) -> list[float]:
        """[W], the part of a word of the bandwidth that an element takes; it may be above 1."""
        return [bits / self.transfer_bits for bits in self.element_bits]

    def wires(self) -> list[float]:
        """[W], the part of a word of the level that an element takes; it may be above 1."""
        return [bits / self.word_bits for bits in self.element_bits]


def units(level: StorageLevel, widths: Sequence[int | None]) -> Units:
    """The sizes at a level for a layer with `widths` [W], in bits; None for no width."""
    word, transfer = level.word_bits, level.transfer_bits or level.word_bits
    bits = tuple(word if width is None else width for width in widths)
    if all(width is None for width in widths):
        return Units((1,) * len(widths), 1, "words", bits, word, transfer)
    return Units(bits, word, "bits", bits, word, transfer)
