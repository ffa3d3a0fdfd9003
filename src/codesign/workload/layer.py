"""A layer: a problem shape with its sizes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, overload

from codesign.display import Displayed, si
from codesign.errors import InputError
from codesign.reading import MAX_INTEGER
from codesign.workload.shape import CONV, Axis, Dataspace, ProblemShape

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

MAX_MACS = 2**53
"""Counts are exact in 64 bits, and in doubles, up to this many operations per layer."""

MAX_BITS = 1024
"""The widest element, as wide as the widest word of a level."""


@dataclass(frozen=True, repr=False)
class Layer(Displayed):
    """A perfect loop nest over the dimensions of `shape`.

    Args:
        name: the layer's name in results.
        shape: its dimensions and dataspaces.
        sizes: the bound of every dimension, in the order of `shape.dimensions`.
        coefficients: strides and dilations, in the order of `shape.coefficients`.
        bits: the width of an element of every dataspace, in the order of `shape.dataspaces`; None
            where it is that of the hardware's words. Empty if all are.

    Raises:
        InputError: a size or coefficient is not a positive whole number, a width is not from 1 to
            1024, or the layer is so large that counts would not be exact.
    """

    name: str
    shape: ProblemShape
    sizes: tuple[int, ...]
    coefficients: tuple[int, ...] = ()
    bits: tuple[int | None, ...] = ()

    def __post_init__(self) -> None:
        if not self.coefficients:
            object.__setattr__(self, "coefficients", (1,) * len(self.shape.coefficients))
        named = [
            *zip(self.shape.dimensions, self.sizes, strict=True),
            *zip(self.shape.coefficients, self.coefficients, strict=True),
        ]
        for name, value in named:
            if type(value) is not int or not 0 < value <= MAX_INTEGER:
                expected = f"a whole number from 1 to {MAX_INTEGER}"
                raise InputError(f"layer {self.name}: {name} is {value!r}, expected {expected}")
        self._check_bits()
        footprint = max(self.macs, *(self.words(space) for space in self.shape.dataspaces))
        power = 43 if self.bits else 53
        if footprint * max(self.coefficients, default=1) ** 2 > 2**power:
            told = "operations or words" + (", with widths" if self.bits else "")
            raise InputError(
                f"layer {self.name}: {footprint:.3g} {told}, "
                f"expected at most 2^{power} so that counts stay exact"
            )

    def _check_bits(self) -> None:
        if not any(self.bits):
            object.__setattr__(self, "bits", ())
        for space, width in zip(self.shape.dataspaces, self.widths, strict=True):
            if width is not None and (type(width) is not int or not 1 <= width <= MAX_BITS):
                raise InputError(
                    f"layer {self.name}: bits of {space.name} is {width!r}, "
                    f"expected a whole number from 1 to {MAX_BITS}"
                )

    def with_bits(self, bits: Mapping[str, int]) -> Layer:
        """The layer with these widths by dataspace, in addition to those it has.

        Raises:
            InputError: a dataspace is unknown, or a width is not from 1 to 1024.
        """
        names = self.shape.dataspace_names
        for name in bits:
            if name not in names:
                raise InputError(
                    f"layer {self.name}: bits of {name!r}, expected of {', '.join(names)}"
                )
        widths = zip(names, self.widths, strict=True)
        return replace(self, bits=tuple(bits.get(name, width) for name, width in widths))

    @property
    def widths(self) -> tuple[int | None, ...]:
        """[W], the bits of an element of every dataspace; None if the layer does not say."""
        return self.bits or (None,) * len(self.shape.dataspaces)

    @property
    def bits_by_name(self) -> dict[str, int]:
        """The widths that the layer gives, by dataspace."""
        named = zip(self.shape.dataspace_names, self.widths, strict=True)
        return {name: width for name, width in named if width is not None}

    def operand_bits(self, word_bits: int) -> tuple[int, int, int]:
        """The widths of the first and the second operand, and of the sums.

        Operands are the dataspaces that are only read, in the order of the shape. What has no
        width, or is not there, has `word_bits`.
        """
        read, written = [], word_bits
        for space, width in zip(self.shape.dataspaces, self.widths, strict=True):
            if space.read_write:
                written = width or word_bits
            else:
                read.append(width or word_bits)
        first, second, *_ = [*read, word_bits, word_bits]
        return first, second, written

    @classmethod
    def conv(cls, name: str, **sizes: int) -> Layer:
        """A convolution (or, with R = S = Q = 1, a GEMM) from keywords; the default is 1."""
        return cls.of(CONV, name, **sizes)

    @classmethod
    def of(cls, shape: ProblemShape, name: str, **sizes: int) -> Layer:
        """A layer of `shape` from keywords for sizes and coefficients; the default is 1.

        Raises:
            InputError: a keyword is not a name of the shape, or a value is refused by `Layer`.
        """
        known = (*shape.dimensions, *shape.coefficients)
        for key in sizes:
            if key not in known:
                expected = " ".join(known)
                raise InputError(f"layer {name}: unknown dimension {key!r}, expected {expected}")
        return cls(
            name,
            shape,
            tuple(sizes.get(dimension, 1) for dimension in shape.dimensions),
            tuple(sizes.get(coefficient, 1) for coefficient in shape.coefficients),
        )

    @cached_property
    def macs(self) -> int:
        """The number of multiply-accumulate operations."""
        return math.prod(self.sizes)

    def size(self, dimension: str) -> int:
        """The bound of `dimension`."""
        return self.sizes[self.shape.index(dimension)]

    def coefficient(self, name: str | None) -> int:
        """The value of a stride or dilation; None stands for 1."""
        return 1 if name is None else self.coefficients[self.shape.coefficients.index(name)]

    @overload
    def words(self, space: Dataspace, tile: Sequence[int] = ()) -> int: ...

    @overload
    def words(self, space: Dataspace, tile: NDArray[np.int64]) -> NDArray[np.int64]: ...

    def words(self, space: Dataspace, tile: Any = ()) -> Any:
        """The words of the bounding box of a dataspace (`docs/cost-model.md`, section 2).

        Args:
            tile: sizes [D, ...] of tiles instead of the layer's own.
        """
        sizes = tile if len(tile) else self.sizes
        return math.prod(self._extent(axis, sizes) for axis in space.axes)

    def _extent(self, axis: Axis, sizes: Any) -> Any:
        if axis.is_plain:
            return sizes[self.shape.index(axis.terms[0][0])]
        steps = ((sizes[self.shape.index(d)] - 1) * self.coefficient(c) for d, c in axis.terms)
        return sum(steps, start=1)

    @property
    def described(self) -> str:
        """Sizes, strides and dilations of more than 1: `R=3 S=3 P=28 … Wstride=2`."""
        shape = self.shape
        named = [
            *zip(shape.dimensions, self.sizes, strict=True),
            *zip(shape.coefficients, self.coefficients, strict=True),
        ]
        return " ".join(f"{name}={value}" for name, value in named if value > 1)

    @property
    def told_widths(self) -> str:
        """Widths by dataspace, each after a comma: `, 4-bit Weights`; nothing without widths."""
        return "".join(f", {width}-bit {name}" for name, width in self.bits_by_name.items())

    def summary(self) -> str:
        """Name, shape, sizes of more than 1, and MACs."""
        macs = si(self.macs)
        return f"{self.name}: {self.shape.name} {self.described}, {macs} MACs{self.told_widths}"

    def to_frame(self) -> pd.DataFrame:
        """One row per dataspace: `dataspace, words, axes`."""
        import pandas as pd

        spaces = self.shape.dataspaces
        return pd.DataFrame(
            {
                "dataspace": [space.name for space in spaces],
                "words": [self.words(space) for space in spaces],
                "axes": [
                    ", ".join(
                        " + ".join(d if c is None else f"{c}·{d}" for d, c in axis.terms)
                        for axis in space.axes
                    )
                    for space in spaces
                ],
            }
        )

    @property
    def content(self) -> tuple[object, ...]:
        """Shape, sizes, coefficients, and widths: layers of equal content have the same costs."""
        plain = (self.shape, self.sizes, self.coefficients)
        return (*plain, self.bits) if self.bits else plain
