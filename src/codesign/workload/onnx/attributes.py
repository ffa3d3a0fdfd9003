"""The attributes of a node as plain values, those of a function's caller filled in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import AttributeProto, helper, numpy_helper

from codesign.workload.onnx.evaluate import MAX_ELEMENTS
from codesign.workload.onnx.values import MAX_RANK, Value

_PLAIN = (AttributeProto.INT, AttributeProto.INTS, AttributeProto.FLOAT, AttributeProto.FLOATS)


def filled_in(node: onnx.NodeProto, given: Mapping[str, onnx.AttributeProto]) -> onnx.NodeProto:
    """A node of a function, its references to the caller's attributes replaced by those."""
    if not any(attribute.ref_attr_name for attribute in node.attribute):
        return node
    filled = onnx.NodeProto()
    filled.CopyFrom(node)
    del filled.attribute[:]
    for attribute in node.attribute:
        if not attribute.ref_attr_name:
            filled.attribute.append(attribute)
        elif attribute.ref_attr_name in given:
            copy = onnx.AttributeProto()
            copy.CopyFrom(given[attribute.ref_attr_name])
            copy.name = attribute.name
            filled.attribute.append(copy)
    return filled


def plain(node: onnx.NodeProto) -> dict[str, Any]:
    """Numbers, lists, texts and small tensors by name."""
    found: dict[str, Any] = {}
    for attribute in node.attribute:
        if attribute.type in _PLAIN:
            value = helper.get_attribute_value(attribute)
            found[attribute.name] = value if isinstance(value, int | float) else list(value)
        elif attribute.type == AttributeProto.STRING:
            found[attribute.name] = attribute.s.decode("utf-8", "replace")
        elif attribute.type == AttributeProto.TENSOR:
            data = stored(attribute.t)
            if data is not None:
                found[attribute.name] = data
    return found


def stored(tensor: onnx.TensorProto) -> NDArray[Any] | None:
    """The values of a small constant; None where it is large, elsewhere, or not numbers."""
    size = 1
    for number in tensor.dims:
        size *= number
    if len(tensor.dims) > MAX_RANK or not 0 <= size <= MAX_ELEMENTS:
        return None
    if tensor.data_location == onnx.TensorProto.EXTERNAL:
        return None
    try:
        array = np.asarray(numpy_helper.to_array(tensor))
    except (ValueError, TypeError, LookupError, RuntimeError, onnx.checker.ValidationError):
        # Fewer values than its sizes say, as where they were left out; or another type.
        return None
    return array if array.dtype.kind in "biuf" else None


def read_tensor(tensor: onnx.TensorProto) -> Value:
    """A constant: its shape, and its values where they are few."""
    if len(tensor.dims) > MAX_RANK or any(size < 0 for size in tensor.dims):
        return Value(None, tensor.data_type, cause=f"constant {tensor.name!r} has no proper shape")
    return Value(tuple(tensor.dims), tensor.data_type, stored(tensor))


def read_constant(node: onnx.NodeProto) -> Value:
    """What a `Constant` is."""
    for attribute in node.attribute:
        if attribute.name == "value":
            return read_tensor(attribute.t)
        if attribute.name == "sparse_value":
            dims = tuple(attribute.sparse_tensor.dims)
            return Value(dims, attribute.sparse_tensor.values.data_type)
        if attribute.name in ("value_int", "value_ints"):
            scalar = attribute.name == "value_int"
            numbers = np.array(attribute.i if scalar else list(attribute.ints), np.int64)
            return _short(numbers)
        if attribute.name in ("value_float", "value_floats"):
            scalar = attribute.name == "value_float"
            floats = np.array(attribute.f if scalar else list(attribute.floats), np.float32)
            return _short(floats)
        if attribute.name in ("value_string", "value_strings"):
            dims = () if attribute.name == "value_string" else (len(attribute.strings),)
            return Value(dims, onnx.TensorProto.STRING)
    return Value(cause="a constant without a value")


def _short(data: NDArray[Any]) -> Value:
    known = Value.of(data)
    return known if data.size <= MAX_ELEMENTS else Value(known.dims, known.element)
