"""A network: layers with counts, and its YAML."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from codesign.display import Displayed, plural, si
from codesign.errors import InputError
from codesign.reading import Fields, closest, read_yaml, shown
from codesign.shipped import find
from codesign.workload.layer import MAX_BITS, Layer
from codesign.workload.shape import GROUPED_CONV, SHAPES, Axis, Dataspace, ProblemShape

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, repr=False)
class Workload(Displayed):
    """A network: its layers, and how often each of them occurs (`counts`).

    Raises:
        InputError: there is no layer, or two layers share a name.
    """

    name: str
    layers: tuple[Layer, ...]
    counts: tuple[int, ...]

    def __post_init__(self) -> None:
        if not self.layers:
            raise InputError(f"workload {self.name}: it has no layers, expected at least one")
        names = [layer.name for layer in self.layers]
        for name in names:
            if names.count(name) > 1:
                raise InputError(f"workload {self.name}: two layers are called {name!r}")

    def layer(self, name: str) -> Layer:
        """The layer called `name`; `InputError` if there is none."""
        for layer in self.layers:
            if layer.name == name:
                return layer
        names = [layer.name for layer in self.layers]
        hint = closest(name, names)
        known = ", ".join(names)
        raise InputError(f"workload {self.name}: no layer {name!r}{hint}; it has {known}")

    def distinct(self) -> Workload:
        """The same work with layers of equal content merged and their counts added."""
        merged: dict[tuple[object, ...], tuple[Layer, int]] = {}
        for layer, count in zip(self.layers, self.counts, strict=True):
            first, total = merged.get(layer.content, (layer, 0))
            merged[layer.content] = (first, total + count)
        layers, counts = zip(*merged.values(), strict=True)
        return Workload(self.name, layers, counts)

    @property
    def macs(self) -> int:
        """All multiply-accumulate operations, counts included."""
        return sum(c * layer.macs for layer, c in zip(self.layers, self.counts, strict=True))

    def summary(self) -> str:
        """Name, number of layers, and MACs."""
        return f"{self.name}: {plural(sum(self.counts), 'layer')}, {si(self.macs)} MACs"

    def to_frame(self) -> pd.DataFrame:
        """One row per layer: `layer, count, shape`, every dimension and coefficient, `macs`."""
        import pandas as pd

        rows = []
        for layer, count in zip(self.layers, self.counts, strict=True):
            shape = layer.shape
            rows.append(
                {
                    "layer": layer.name,
                    "count": count,
                    "shape": shape.name,
                    **dict(zip(shape.dimensions, layer.sizes, strict=True)),
                    **dict(zip(shape.coefficients, layer.coefficients, strict=True)),
                    "macs": layer.macs,
                }
            )
        # Layers of several shapes do not have the same dimensions.
        frame = pd.DataFrame(rows).convert_dtypes()
        return frame[[*frame.columns.drop("macs"), "macs"]]


def load_workload(source: str | Path) -> Workload:
    """Reads a workload: a name from `config/workloads/` or the path of a YAML file.

    Raises:
        InputError: there is no workload of that name, or a field has a wrong value.
    """
    fields = read_yaml(find("workloads", source))
    workload = read_workload(fields)
    fields.done()
    return workload


def read_workload(fields: Fields) -> Workload:
    """The workload that `fields` describe; the caller calls `fields.done()`."""
    shapes = dict(SHAPES)
    for entry in fields.each("shapes") if "shapes" in fields else ():
        shape = _read_shape(entry)
        shapes[shape.name] = shape
    name = fields.text("name")
    fields.text("description", "")
    common = read_bits(fields)
    layers, counts = [], []
    for entry in fields.each("layers"):
        layer, own = _read_layer(entry, shapes), read_bits(entry)
        known = {key: width for key, width in common.items() if key in layer.shape.dataspace_names}
        layers.append(layer.with_bits(known | own))
        counts.append(entry.integer("count", 1))
        entry.done()
    spaces = sorted({name for layer in layers for name in layer.shape.dataspace_names})
    for key in common:
        if key not in spaces:
            expected = f"expected of {', '.join(spaces)}"
            raise InputError(
                f"{fields.where}: bits of {shown(key)}, which no layer has, {expected}"
            )
    return Workload(name, tuple(layers), tuple(counts))


def read_bits(fields: Fields) -> dict[str, int]:
    """The section `bits`: widths of elements in bits, by dataspace; empty without it."""
    if "bits" not in fields:
        return {}
    section = fields.fields("bits")
    return {name: section.integer(name, maximum=MAX_BITS) for name in section.data}


def _read_layer(entry: Fields, shapes: dict[str, ProblemShape]) -> Layer:
    kinds: dict[str, Callable[[str, Fields], Layer]] = {
        "gemm": _gemm,
        "batched-matmul": _batched_matmul,
        "depthwise-conv": _depthwise,
    }
    name = entry.text("name")
    kind = entry.text("type", "conv", choices=[*shapes, *kinds])
    if kind in kinds:
        return kinds[kind](name, entry)
    shape = shapes[kind]
    sizes = {dimension: entry.integer(dimension, 1) for dimension in shape.dimensions}
    sizes |= {coefficient: entry.integer(coefficient, 1) for coefficient in shape.coefficients}
    return Layer.of(shape, name, **sizes)


def _gemm(name: str, entry: Fields) -> Layer:
    """M × N × K matrix product: M rows become P, N columns K, the reduction K becomes C."""
    rows, columns, depth = (entry.integer(key) for key in "MNK")
    return Layer.conv(name, P=rows, K=columns, C=depth)


def _batched_matmul(name: str, entry: Fields) -> Layer:
    """B independent M × N × K products: each is a group, because they share no operands."""
    batch, rows, columns, depth = (entry.integer(key) for key in "BMNK")
    return Layer.of(GROUPED_CONV, name, G=batch, P=rows, K=columns, C=depth)


def _depthwise(name: str, entry: Fields) -> Layer:
    """A depthwise convolution over C channels: each channel is a group of one."""
    sizes = {key: entry.integer(key, 1) for key in (*"RSPQN", *GROUPED_CONV.coefficients)}
    return Layer.of(GROUPED_CONV, name, G=entry.integer("C"), **sizes)


def _read_shape(entry: Fields) -> ProblemShape:
    """A user's problem shape: dataspaces as lists of axes, an axis as "P*Wstride + R" text."""
    spaces = []
    for item in entry.each("dataspaces"):
        axes = tuple(_read_axis(item, text) for text in item.sequence("projection"))
        spaces.append(Dataspace(item.text("name"), axes, item.flag("read_write", False)))
        item.done()
    shape = ProblemShape(
        entry.text("name"),
        tuple(str(d) for d in entry.sequence("dimensions")),
        tuple(str(c) for c in entry.sequence("coefficients", [])),
        tuple(spaces),
    )
    entry.done()
    return shape


def _read_axis(item: Fields, text: object) -> Axis:
    terms = []
    for term in str(text).split("+"):
        dimension, _, coefficient = (part.strip() for part in term.partition("*"))
        if not dimension.isidentifier() or (coefficient and not coefficient.isidentifier()):
            raise item.refuse("projection", "a list of sums like 'P*Wstride + R'")
        terms.append((dimension, coefficient or None))
    return Axis(tuple(terms))
