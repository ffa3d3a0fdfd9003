"""What is known of a tensor before anything runs, and of an operator that reads and writes such.

Every open dimension has got a size by then, so that a shape is a tuple of numbers. Some stay
unknown: those that depend on data. Small tensors that the graph computes from constants and
shapes carry their values, since other shapes depend on them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper

from codesign.errors import InputError
from codesign.reading import shown

Shape = tuple[int, ...]
Dims = tuple[int | None, ...]
"""A shape, of which single sizes may not be known."""

MAX_RANK = 64
"""Axes of a tensor: as many as NumPy has."""

_BITS: dict[int, int] = {
    **{TensorProto.FLOAT: 32, TensorProto.DOUBLE: 64, TensorProto.FLOAT16: 16},
    **{TensorProto.BFLOAT16: 16, TensorProto.INT8: 8, TensorProto.UINT8: 8},
    **{TensorProto.INT16: 16, TensorProto.UINT16: 16, TensorProto.INT32: 32},
    **{TensorProto.UINT32: 32, TensorProto.INT64: 64, TensorProto.UINT64: 64},
    **{TensorProto.BOOL: 8, TensorProto.INT4: 4, TensorProto.UINT4: 4},
    **{TensorProto.FLOAT8E4M3FN: 8, TensorProto.FLOAT8E4M3FNUZ: 8},
    **{TensorProto.FLOAT8E5M2: 8, TensorProto.FLOAT8E5M2FNUZ: 8},
    # Younger than some versions of the library: FLOAT4E2M1, FLOAT8E8M0, UINT2, INT2, FLOAT6.
    **{23: 4, 24: 8, 25: 2, 26: 2, 27: 6, 28: 6},
}


def bits_of(element: int) -> int | None:
    """The bits of an element type (`TensorProto.DataType`), or None where it has no width."""
    return _BITS.get(element)


@dataclass(frozen=True, eq=False)
class Value:
    """What is known of one tensor.

    Args:
        dims: its sizes; None where not even their number is known.
        element: `TensorProto.DataType`, 0 where it is not known.
        data: the tensor itself, where it is small and the graph computes it from constants.
        bits: the width in which its words are stored; that of `element` where it is not given.
            What is dequantized before it is multiplied is stored quantized.
        cause: why `dims` or some of them are not known.
        items: of a sequence, where their number is known.
    """

    dims: Dims | None = None
    element: int = 0
    data: NDArray[Any] | None = None
    bits: int | None = None
    cause: str = ""
    items: tuple[Value, ...] | None = None

    @classmethod
    def of(cls, data: NDArray[Any], element: int | None = None) -> Value:
        """A tensor whose values are known."""
        if element is None:
            element = helper.np_dtype_to_tensor_dtype(data.dtype)
        return cls(data.shape, element, data)

    @cached_property
    def shape(self) -> Shape | None:
        """Its sizes, where all are known."""
        if self.dims is None:
            return None
        sizes = tuple(size for size in self.dims if size is not None)
        return sizes if len(sizes) == len(self.dims) else None

    @property
    def width(self) -> int | None:
        """Bits of a word, as it is stored."""
        return self.bits or bits_of(self.element)

    @cached_property
    def type(self) -> onnx.TypeProto:
        """As ONNX's own inference wants it."""
        if self.items is not None:
            inner = self.items[0].type if self.items else onnx.TypeProto()
            return helper.make_sequence_type_proto(inner)
        if not self.element:
            return onnx.TypeProto()
        return helper.make_tensor_type_proto(self.element, self.dims)


def read_type(proto: onnx.TypeProto, cause: str) -> Value:
    """The value of a type as inference returns it; `cause` says why what is missing is."""
    if not proto.HasField("tensor_type"):
        return Value(cause=cause)
    tensor = proto.tensor_type
    if not tensor.HasField("shape"):
        return Value(None, tensor.elem_type, cause=cause)
    dims = tuple(
        dimension.dim_value if dimension.HasField("dim_value") else None
        for dimension in tensor.shape.dim
    )
    if any(size is not None and size < 0 for size in dims):
        return Value(None, tensor.elem_type, cause=cause)
    return Value(dims, tensor.elem_type, cause=cause if None in dims else "")


@dataclass(frozen=True, eq=False)
class Operator:
    """A node of the graph, with what is known of its operands.

    Args:
        name: a name for people, not yet unique.
        kind: the operator, with its domain where that is not ONNX's own.
        attributes: numbers, lists and texts by name.
        inputs, outputs: values; None where one is left out.
        input_names: for messages.
        written_bits: the width in which its first output is stored; that of its type by default.
    """

    name: str
    kind: str
    attributes: Mapping[str, Any] = field(default_factory=dict)
    inputs: Sequence[Value | None] = ()
    outputs: Sequence[Value | None] = ()
    input_names: Sequence[str] = ()
    written_bits: int | None = None

    @property
    def title(self) -> str:
        """How messages name it."""
        return f"node {self.name} ({self.kind})"

    def has(self, place: int) -> bool:
        """Whether it has an input at `place`."""
        return place < len(self.inputs) and self.inputs[place] is not None

    def input(self, place: int) -> Value:
        """The input at `place`; `InputError` where it is left out."""
        found = self.inputs[place] if place < len(self.inputs) else None
        if found is None:
            raise self.misfit(f"an input #{place}")
        return found

    def shape(self, place: int) -> Shape:
        """The shape of the input at `place`; `InputError` where it is not known."""
        value = self.input(place)
        if value.shape is None:
            name = self.input_names[place] if place < len(self.input_names) else f"#{place}"
            why = f": {value.cause}" if value.cause else ""
            raise InputError(
                f"{self.title}: the shape of its input {shown(name)} is not known{why}"
            )
        return value.shape

    def output_shape(self, place: int = 0) -> Shape:
        """The shape of an output; `InputError` where it is not known."""
        value = self.outputs[place] if place < len(self.outputs) else None
        if value is None or value.shape is None:
            why = f": {value.cause}" if value is not None and value.cause else ""
            raise InputError(f"{self.title}: the shape of its output is not known{why}")
        return value.shape

    def integer(self, name: str, default: int | None = None) -> int:
        """A whole number among the attributes; `InputError` where it is missing or another."""
        value = self.attributes.get(name, default)
        if not isinstance(value, int):
            raise self.misfit(f"a whole number as {name}, not {shown(value)}")
        return value

    def integers(self, name: str, default: Sequence[int]) -> list[int]:
        """Whole numbers among the attributes."""
        values = self.attributes.get(name, default)
        if not isinstance(values, list | tuple) or not all(isinstance(v, int) for v in values):
            raise self.misfit(f"whole numbers as {name}, not {shown(values)}")
        return list(values)

    def number(self, place: int) -> int | None:
        """The one whole number that an input is, where it is known."""
        value = self.inputs[place] if place < len(self.inputs) else None
        if value is None or value.data is None or value.data.size != 1:
            return None
        return int(value.data.reshape(())) if np.issubdtype(value.data.dtype, np.integer) else None

    def misfit(self, expected: str) -> InputError:
        """The error that says what its operands or attributes should have been."""
        return InputError(f"{self.title}: expected {expected}")
