"""The inputs of a graph, with a size for every dimension that the model leaves open.

`--size NAME=N` sizes all dimensions of a name, `--size INPUT.AXIS=N` one axis of one input,
whatever it is called, and whether or not it has a size already. What the model says of sizes
*within* the graph is not a fact: it follows from the inputs (`codesign.workload.onnx.claims`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import helper

from codesign.errors import InputError
from codesign.reading import MAX_INTEGER, closest, shown
from codesign.workload.onnx.values import MAX_RANK, Value, read_type


@dataclass(frozen=True)
class Inputs:
    """What a graph begins from.

    Args:
        values: its inputs by name, those without an initializer.
        sizes: of named dimensions.
        is_resized: whether a size was given, so that shapes recorded in the model may be stale.
    """

    values: Mapping[str, Value]
    sizes: Mapping[str, int]
    is_resized: bool


def read_inputs(
    graph: onnx.GraphProto,
    sizes: Mapping[str, int],
    path: Path,
    numbers: Mapping[str, int] | None = None,
) -> Inputs:
    """The inputs of a graph.

    Args:
        graph: the model's main graph.
        sizes: by the name of a dimension, or by INPUT.AXIS.
        numbers: values of inputs that are one number each.
        path: for messages.

    Raises:
        InputError: a name in `sizes` that no dimension has, a size out of range, or an open
            dimension without a size.
    """
    for name, size in sizes.items():
        if not 0 <= size <= MAX_INTEGER:
            raise InputError(f"dimension {shown(name)} is {size}, expected 0 to {MAX_INTEGER}")
    weights = {tensor.name for tensor in graph.initializer}
    weights |= {tensor.values.name for tensor in graph.sparse_initializer}
    axes = _Axes(sizes, path)
    values = {entry.name: axes.value(entry) for entry in graph.input if entry.name not in weights}
    axes.check()
    for name, number in (numbers or {}).items():
        values[name] = _with_number(name, values, number, path)
    return Inputs(values, axes.named, bool(sizes))


def _with_number(name: str, values: Mapping[str, Value], number: int, path: Path) -> Value:
    """An input of one word, with its value."""
    value = values.get(name)
    if value is None:
        hint = closest(name, sorted(values))
        raise InputError(f"{path}: there is no input {shown(name)}{hint}")
    try:
        dtype = np.dtype(helper.tensor_dtype_to_np_dtype(value.element))
        word = np.array(number).astype(dtype)
    except (KeyError, TypeError, ValueError, OverflowError):
        word = None
    is_number = word is not None and word.dtype.kind in "biuf"
    if word is None or not is_number or value.shape is None or math.prod(value.shape) != 1:
        raise InputError(f"{path}: input {shown(name)} is not one number, expected one that is")
    return Value(value.shape, value.element, word.reshape(value.shape))


class _Axes:
    """All axes of all inputs: which have a size, and which want one."""

    def __init__(self, sizes: Mapping[str, int], path: Path) -> None:
        self.sizes = sizes
        self.path = path
        self.named: dict[str, int] = {}
        self.open_names: set[str] = set()
        self.places: set[str] = set()
        self.missing: list[tuple[str, str, int]] = []

    def value(self, entry: onnx.ValueInfoProto) -> Value:
        """An input with all its sizes."""
        tensor = entry.type.tensor_type
        if not entry.type.HasField("tensor_type"):
            return Value(cause=f"input {shown(entry.name)} is not a tensor")
        if not tensor.HasField("shape"):
            cause = f"input {shown(entry.name)} has no shape"
            return Value(None, tensor.elem_type, cause=cause)
        if len(tensor.shape.dim) > MAX_RANK:
            raise InputError(
                f"{self.path}: input {shown(entry.name)} has {len(tensor.shape.dim)} axes, "
                f"expected at most {MAX_RANK}"
            )
        dims = tuple(
            self._size(entry.name, axis, dimension)
            for axis, dimension in enumerate(tensor.shape.dim)
        )
        return Value(dims, tensor.elem_type)

    def _size(self, tensor: str, axis: int, dimension: Any) -> int:
        place = f"{tensor}.{axis}"
        self.places.add(place)
        # Some exporters write an open dimension as -1. Zero is a size: an empty cache.
        is_open = not dimension.HasField("dim_value") or dimension.dim_value < 0
        # A dimension without even a name is known by its place.
        name = dimension.dim_param or place
        if is_open:
            self.open_names.add(name)
        if place in self.sizes:
            return self.sizes[place]
        if not is_open:
            return int(dimension.dim_value)
        if name not in self.sizes:
            self.missing.append((name, tensor, axis))
            return 0
        self.named[name] = self.sizes[name]
        return self.sizes[name]

    def check(self) -> None:
        """Refuses sizes of what is not there, and open dimensions without a size."""
        for name in self.sizes:
            if name not in self.open_names and name not in self.places:
                known = sorted(self.open_names)
                wanted = f"one of {', '.join(known)}" if known else "none"
                hint = closest(name, [*known, *sorted(self.places)])
                raise InputError(
                    f"{self.path}: dimension {shown(name)} is not open, expected {wanted}{hint}, "
                    "or INPUT.AXIS for any axis of an input"
                )
        if self.missing:
            name, tensor, axis = self.missing[0]
            alone = (
                "" if name == f"{tensor}.{axis}" else f", or --size {tensor}.{axis}=1 for it alone"
            )
            raise InputError(
                f"{self.path}: dimension {shown(name)} of input {shown(tensor)} is open, "
                f"expected its size (--size {name}=1){alone}"
            )


def declared(entry: onnx.ValueInfoProto, sizes: Mapping[str, int]) -> Value:
    """What the model says of a tensor, with sizes for the names that have some."""
    proto = onnx.TypeProto()
    proto.CopyFrom(entry.type)
    for dimension in proto.tensor_type.shape.dim:
        if dimension.dim_param in sizes:
            dimension.dim_value = sizes[dimension.dim_param]
        elif dimension.dim_value < 0:
            dimension.Clear()
    return read_type(proto, "")
