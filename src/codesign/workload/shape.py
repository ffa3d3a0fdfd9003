"""Problem shapes: named dimensions, and dataspaces as affine projections of them.

A shape has no sizes: `conv` is a shape, and ResNet's second stage is a `Layer` of this shape.
It is Timeloop's problem shape, restricted to axes that sum at most two dimensions.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from codesign.errors import InputError
from codesign.reading import shown

MAX_DIMENSIONS = 12
MAX_DATASPACES = 4
MAX_SLIDING_AXES = 3


@dataclass(frozen=True)
class Axis:
    """One axis of a dataspace: the sum of (dimension, coefficient name or None for 1) terms."""

    terms: tuple[tuple[str, str | None], ...]

    @property
    def is_plain(self) -> bool:
        """Whether the axis is a dimension itself, so that its tiles never overlap."""
        return len(self.terms) == 1 and self.terms[0][1] is None


@dataclass(frozen=True)
class Dataspace:
    """A tensor of the problem: its axes, and whether it is accumulated into."""

    name: str
    axes: tuple[Axis, ...]
    read_write: bool = False

    @property
    def dimensions(self) -> tuple[str, ...]:
        """The relevant dimensions, in the order of the axes."""
        return tuple(dimension for axis in self.axes for dimension, _ in axis.terms)

    @property
    def sliding_axes(self) -> tuple[Axis, ...]:
        """The axes on which neighbouring tiles can overlap."""
        return tuple(axis for axis in self.axes if not axis.is_plain)


@dataclass(frozen=True)
class ProblemShape:
    """Dimensions, coefficients (strides, dilations) and dataspaces of a type of layer.

    Raises:
        InputError: names repeat, a projection names an unknown dimension or coefficient, a
            dimension occurs twice in one dataspace, or not exactly one dataspace is read-write.
    """

    name: str
    dimensions: tuple[str, ...]
    coefficients: tuple[str, ...]
    dataspaces: tuple[Dataspace, ...]

    def __post_init__(self) -> None:
        _require_distinct(self.name, "dimension", self.dimensions, MAX_DIMENSIONS)
        _require_distinct(self.name, "coefficient", self.coefficients, MAX_DIMENSIONS)
        names = tuple(space.name for space in self.dataspaces)
        _require_distinct(self.name, "dataspace", names, MAX_DATASPACES)
        if not self.dimensions:
            raise InputError(f"shape {self.name}: it has no dimensions, expected at least one")
        written = [space.name for space in self.dataspaces if space.read_write]
        if len(written) != 1:
            raise InputError(
                f"shape {self.name}: read-write dataspaces are {written}, expected exactly one"
            )
        for space in self.dataspaces:
            self._check_dataspace(space)

    def _check_dataspace(self, space: Dataspace) -> None:
        where = f"shape {self.name}, dataspace {space.name}"
        for dimension, coefficient in itertools.chain(*(axis.terms for axis in space.axes)):
            if dimension not in self.dimensions:
                known = " ".join(self.dimensions)
                raise InputError(
                    f"{where}: unknown dimension {shown(dimension)}, expected one of {known}"
                )
            if coefficient is not None and coefficient not in self.coefficients:
                known = " ".join(self.coefficients) or "none"
                raise InputError(
                    f"{where}: unknown coefficient {shown(coefficient)}, known: {known}"
                )
        _require_distinct(where, "dimension", space.dimensions, MAX_DIMENSIONS)
        if any(not 1 <= len(axis.terms) <= 2 for axis in space.axes):
            raise InputError(f"{where}: an axis must be the sum of one or two dimensions")
        if space.read_write and space.sliding_axes:
            # Section 6 of the cost model multiplies the accumulated words of all dimensions, which
            # is right on plain axes only.
            raise InputError(f"{where}: a read-write dataspace needs axes of one dimension each")
        if len(space.sliding_axes) > MAX_SLIDING_AXES:
            raise InputError(f"{where}: more than {MAX_SLIDING_AXES} axes with sliding windows")

    @property
    def dataspace_names(self) -> tuple[str, ...]:
        """The names of the dataspaces, in order."""
        return tuple(space.name for space in self.dataspaces)

    def index(self, dimension: str) -> int:
        """The position of `dimension`; `InputError` if the shape does not have it."""
        try:
            return self.dimensions.index(dimension)
        except ValueError:
            known = " ".join(self.dimensions)
            raise InputError(f"unknown dimension {dimension!r}, expected one of {known}") from None


def _require_distinct(where: str, kind: str, names: tuple[str, ...], most: int) -> None:
    if len(set(names)) != len(names):
        raise InputError(f"{where}: a {kind} occurs twice among {' '.join(names)}")
    if len(names) > most:
        raise InputError(f"{where}: {len(names)} {kind}s, expected at most {most}")


def _plain(*dimensions: str) -> tuple[Axis, ...]:
    return tuple(Axis(((dimension, None),)) for dimension in dimensions)


def _convolution(name: str, group: tuple[str, ...], is_deep: bool = False) -> ProblemShape:
    window = (
        Axis((("R", "Wdilation"), ("P", "Wstride"))),
        Axis((("S", "Hdilation"), ("Q", "Hstride"))),
        Axis((("T", "Ddilation"), ("D", "Dstride"))),
    )[: 3 if is_deep else 2]
    taps, places = (("T",), ("D",)) if is_deep else ((), ())
    steps = ("Dstride", "Ddilation") if is_deep else ()
    return ProblemShape(
        name=name,
        dimensions=("R", "S", *taps, "P", "Q", *places, "C", "K", "N", *group),
        coefficients=("Wstride", "Hstride", "Wdilation", "Hdilation", *steps),
        dataspaces=(
            Dataspace("Weights", _plain(*group, "C", "K", "R", "S", *taps)),
            Dataspace("Inputs", _plain(*group, "N", "C") + window),
            Dataspace("Outputs", _plain(*group, "N", "K", *places, "Q", "P"), read_write=True),
        ),
    )


CONV = _convolution("conv", ())
"""Convolution over R S P Q C K N; R and P form the x axis, S and Q the y axis. A GEMM has
R = S = Q = 1."""

GROUPED_CONV = _convolution("grouped-conv", ("G",))
"""`CONV` with groups G; C and K are channels *per group*. A depthwise convolution has C = K = 1,
a batched matrix product R = S = Q = N = 1."""

CONV_3D = _convolution("conv-3d", (), is_deep=True)
"""`CONV` along a third axis: T taps of the filter's depth, D places of the output's."""

GROUPED_CONV_3D = _convolution("grouped-conv-3d", ("G",), is_deep=True)
"""`CONV_3D` with groups."""

SHAPES = {shape.name: shape for shape in (CONV, GROUPED_CONV, CONV_3D, GROUPED_CONV_3D)}
