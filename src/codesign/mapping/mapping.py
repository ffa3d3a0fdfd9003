"""One mapping, for reading and writing; searches work on `MappingBatch`."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from codesign.display import Displayed
from codesign.errors import InputError
from codesign.factors import ANY, DIVISORS, PADDED
from codesign.hardware.architecture import Hardware
from codesign.reading import MAX_INTEGER, closest, shown
from codesign.workload.layer import Layer

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class LevelMapping:
    """The loops of a mapping at one storage level, and what the level bypasses.

    Args:
        temporal: (dimension, factor) loops, innermost first.
        spatial: (dimension, axis, factor) loops over the children, axis X or Y.
        bypass: dataspaces that the level does not hold.
    """

    temporal: tuple[tuple[str, int], ...] = ()
    spatial: tuple[tuple[str, str, int], ...] = ()
    bypass: frozenset[str] = frozenset()

    @property
    def factors(self) -> tuple[tuple[str, int], ...]:
        """(dimension, factor) of all loops, temporal and spatial."""
        return (*self.temporal, *((dimension, factor) for dimension, _, factor in self.spatial))


@dataclass(frozen=True, repr=False)
class Mapping(Displayed):
    """A loop nest: one `LevelMapping` per storage level, innermost first.

    It prints as its loop nest. `names` are the names of the levels, if they are known; equality
    ignores them.
    """

    levels: tuple[LevelMapping, ...]
    names: tuple[str, ...] = field(default=(), compare=False)

    @property
    def level_names(self) -> tuple[str, ...]:
        """The names of the levels, or `level 0` … where they are not known."""
        return self.names or tuple(f"level {index}" for index in range(len(self.levels)))

    def __str__(self) -> str:
        from codesign.mapping.nest import bare_nest_text

        return bare_nest_text(self)

    def summary(self) -> str:
        """The loops of every level, outermost first: `DRAM C4 K2 | GlobalBuffer P7`."""
        told = []
        for name, level in zip(reversed(self.level_names), reversed(self.levels), strict=True):
            loops = [f"{d}{bound}" for d, bound in reversed(level.temporal) if bound > 1]
            loops += [f"{d}{bound}{axis}" for d, axis, bound in level.spatial if bound > 1]
            if loops:
                told.append(" ".join([name, *loops]))
        return " | ".join(told) or "no loops"

    def to_frame(self) -> pd.DataFrame:
        """One row per loop, outermost first: `level, loop, bound, axis`.

        `axis` is `time`, or the mesh axis of a spatial loop.
        """
        import pandas as pd

        rows: list[tuple[str, str, int, str]] = []
        for name, level in zip(reversed(self.level_names), reversed(self.levels), strict=True):
            rows += [(name, d, bound, "time") for d, bound in reversed(level.temporal)]
            rows += [(name, d, bound, axis) for d, axis, bound in reversed(level.spatial)]
        return pd.DataFrame(rows, columns=["level", "loop", "bound", "axis"])

    def padded(self, layer: Layer) -> Layer:
        """The layer that the loops run: `layer` with the products of the factors as its sizes.

        Raises:
            InputError: it is too large to be counted exactly.
        """
        return replace(layer, sizes=tuple(self._products(layer).values()))

    def _products(self, layer: Layer) -> dict[str, int]:
        products = dict.fromkeys(layer.shape.dimensions, 1)
        for level in self.levels:
            for dimension, factor in level.factors:
                products[dimension] *= factor
        return products

    def check(self, layer: Layer, hardware: Hardware, factors: str = DIVISORS) -> None:
        """Refuses what is not a mapping of `layer` on `hardware`.

        It does not check whether the mapping *fits* (fanout, capacity); the cost model does.

        Args:
            factors: how the factors of a dimension cover its size, a name in
                `codesign.factors`: they multiply to it, or if padded or any, to at least it.

        Raises:
            InputError: the levels do not match, a name is unknown, a loop occurs twice, the
                factors of a dimension do not cover its size, a level holds a dataspace that it
                may not hold, or the outermost level does not hold everything.
        """
        if len(self.levels) != len(hardware.levels):
            raise InputError(
                f"mapping: it has {len(self.levels)} levels, expected {len(hardware.levels)}, "
                f"one for each of {', '.join(level.name for level in hardware.levels)}"
            )
        for level, storage in zip(self.levels, hardware.levels, strict=True):
            _check_loops(level, storage.name, layer.shape.dimensions)
            known = layer.shape.dataspace_names
            for name in level.bypass:
                if name not in known:
                    hint = closest(name, list(known))
                    expected = f"one of {', '.join(known)}"
                    raise _refuse(storage.name, f"bypass {name!r}", f"{expected}{hint}")
            if storage.keeps is not None:
                for name in known:
                    if name not in storage.keeps and name not in level.bypass:
                        raise _refuse(
                            storage.name, f"keep {name!r}", "a bypass: it may not hold it"
                        )
        if self.levels[-1].bypass:
            name = hardware.levels[-1].name
            raise _refuse(name, f"bypass {sorted(self.levels[-1].bypass)}", "none: it holds all")
        products = self._products(layer)
        for (dimension, product), size in zip(products.items(), layer.sizes, strict=True):
            if product < size or (product > size and factors == DIVISORS):
                expected = f"{size}" if factors == DIVISORS else f"at least {size}"
                hint = f", unless factors are {PADDED} or {ANY}" if product > size else ""
                raise InputError(
                    f"mapping of {layer.name}: the factors of {dimension} multiply to "
                    f"{product}, expected {expected}{hint}"
                )
        if factors != DIVISORS:
            self.padded(layer)  # which refuses what is too large


def _check_loops(level: LevelMapping, name: str, dimensions: tuple[str, ...]) -> None:
    temporal: list[tuple[str, ...]] = [loop[:1] for loop in level.temporal]
    spatial: list[tuple[str, ...]] = [loop[:2] for loop in level.spatial]
    for kind, places in ("temporal", temporal), ("spatial", spatial):
        for place in places:
            if places.count(place) > 1:
                raise _refuse(name, f"{kind} loop {' '.join(place)}", "it once per level")
    for _, axis, _ in level.spatial:
        if axis not in ("X", "Y"):
            raise _refuse(name, f"spatial axis {axis!r}", "X or Y")
    for dimension, factor in level.factors:
        if dimension not in dimensions:
            raise _refuse(name, f"dimension {dimension!r}", f"one of {' '.join(dimensions)}")
        if type(factor) is not int or not 0 < factor <= MAX_INTEGER:
            expected = f"a whole number from 1 to {MAX_INTEGER}"
            raise _refuse(name, f"factor of {dimension} {shown(factor)}", expected)


def _refuse(level: str, what: str, expected: str) -> InputError:
    return InputError(f"mapping, level {level}: {what}, expected {expected}")
