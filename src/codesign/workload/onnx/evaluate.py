"""Small operators, evaluated: what a graph computes from constants and shapes.

Exporters compute the operands of Reshape, Slice, Pad and Expand in the graph itself. These are the
operators they do it with, in all their versions; ONNX's own reference evaluates the same in tests.
What is not listed here is not evaluated, and whatever depends on its values stays unknown.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import helper

MAX_ELEMENTS = 4096
"""Of a tensor whose values are followed. Shapes, axes, pads and ranges are far smaller."""

Array = NDArray[Any]
Arrays = Sequence[Array | None]
Attributes = Mapping[str, Any]


class UnknownValueError(ValueError):
    """What cannot be evaluated; the operator's output is then not known."""


def evaluate(kind: str, attributes: Attributes, inputs: Arrays) -> list[Array] | None:
    """The outputs of an operator, or None where it is not evaluated.

    Args:
        kind: of ONNX's own domain.
        attributes: of the node.
        inputs: values; None where an optional one is left out.
    """
    rule = EVALUATED.get(kind)
    if rule is None:
        return None
    if sum(array.size for array in inputs if array is not None) > MAX_ELEMENTS:
        return None
    try:
        with np.errstate(all="ignore"):
            results = rule(attributes, *inputs)
    except (ValueError, TypeError, LookupError, ArithmeticError, AttributeError):
        # Operands that do not fit, or are left out: inference has said so, or will.
        return None
    arrays = results if isinstance(results, list) else [results]
    return [np.asarray(array) for array in arrays] if all(map(_is_kept, arrays)) else None


def _is_kept(array: Array | None) -> bool:
    """Whether a result is small and numeric; an operand that is left out is None."""
    return array is not None and array.size <= MAX_ELEMENTS and array.dtype.kind in "biuf"


def _bounded(size: int) -> None:
    if size > MAX_ELEMENTS:
        raise UnknownValueError(f"{size} elements")


def _axes(attributes: Attributes, axes: Array | None) -> list[int] | None:
    """Axes as an input of younger versions, or an attribute of older ones."""
    if axes is not None:
        return [int(axis) for axis in axes.reshape(-1)]
    found = attributes.get("axes")
    return None if found is None else [int(axis) for axis in found]


def _binary(operate: Callable[[Array, Array], Array]) -> Callable[..., Array]:
    def rule(attributes: Attributes, left: Array, right: Array) -> Array:
        _bounded(math.prod(np.broadcast_shapes(left.shape, right.shape)))
        return operate(left, right)

    return rule


def _many(operate: Callable[[Array, Array], Array]) -> Callable[..., Array]:
    def rule(attributes: Attributes, *inputs: Array) -> Array:
        found = inputs[0]
        for other in inputs[1:]:
            _bounded(math.prod(np.broadcast_shapes(found.shape, other.shape)))
            found = operate(found, other)
        return found

    return rule


def _unary(operate: Callable[[Array], Array]) -> Callable[..., Array]:
    def rule(attributes: Attributes, data: Array) -> Array:
        return operate(data).astype(data.dtype)

    return rule


def _divide(left: Array, right: Array) -> Array:
    if left.dtype.kind == "f":
        return left / right
    if not right.all():
        raise UnknownValueError("division by zero")
    # Whole numbers are cut towards zero.
    quotient = np.abs(left) // np.abs(right)
    return np.where((left < 0) != (right < 0), -quotient, quotient).astype(left.dtype)


def _modulo(attributes: Attributes, left: Array, right: Array) -> Array:
    _bounded(math.prod(np.broadcast_shapes(left.shape, right.shape)))
    if left.dtype.kind != "f" and not right.all():
        raise UnknownValueError("division by zero")
    return np.fmod(left, right) if attributes.get("fmod", 0) else np.mod(left, right)


def _power(left: Array, right: Array) -> Array:
    if right.dtype.kind != "f" and (right < 0).any():
        raise UnknownValueError("a negative power of whole numbers")
    return np.power(left, right).astype(left.dtype)


def _clip(attributes: Attributes, data: Array, low: Any = None, high: Any = None) -> Array:
    low = attributes.get("min", low)
    high = attributes.get("max", high)
    if low is not None:
        data = np.maximum(data, np.asarray(low, data.dtype))
    return data if high is None else np.minimum(data, np.asarray(high, data.dtype))


def _cast(attributes: Attributes, data: Array, to: int | None = None) -> Array:
    target = int(attributes["to"]) if to is None else to
    return _as(data, np.dtype(helper.tensor_dtype_to_np_dtype(target)))


def _as(data: Array, dtype: np.dtype[Any]) -> Array:
    if dtype.kind not in "biuf":
        raise UnknownValueError(str(dtype))
    return data.astype(dtype)


def _cast_like(attributes: Attributes, data: Array, like: Array) -> Array:
    return _as(data, like.dtype)


def _gather(attributes: Attributes, data: Array, places: Array) -> Array:
    axis = int(attributes.get("axis", 0))
    _bounded(places.size * max(data.size // max(data.shape[axis], 1), 1))
    return np.take(data, places, axis=axis)


def _gather_elements(attributes: Attributes, data: Array, places: Array) -> Array:
    return np.take_along_axis(data, places, axis=int(attributes.get("axis", 0)))


def _slice(
    attributes: Attributes,
    data: Array,
    starts: Array | None = None,
    ends: Array | None = None,
    axes: Array | None = None,
    steps: Array | None = None,
) -> Array:
    begins = attributes["starts"] if starts is None else starts.tolist()
    stops = attributes["ends"] if ends is None else ends.tolist()
    along = _axes(attributes, axes) or list(range(len(begins)))
    strides = [1] * len(begins) if steps is None else steps.tolist()
    index = [slice(None)] * data.ndim
    for axis, start, stop, step in zip(along, begins, stops, strides, strict=True):
        size = data.shape[axis]
        # An end before the first element counts from the end again in Python.
        if step < 0 and stop < -size:
            stop = None
        index[axis] = slice(start, stop, step)
    return data[tuple(index)]


def _concat(attributes: Attributes, *parts: Array) -> Array:
    return np.concatenate(parts, axis=int(attributes.get("axis", 1)))


def _split(attributes: Attributes, data: Array, split: Array | None = None) -> list[Array]:
    axis = int(attributes.get("axis", 0))
    sizes = attributes.get("split") if split is None else split.tolist()
    if sizes is None:
        number = int(attributes["num_outputs"])
        each = -(-data.shape[axis] // number)
        sizes = [min(each, data.shape[axis] - place * each) for place in range(number)]
    if sum(sizes) != data.shape[axis] or min(sizes) < 0 or len(sizes) > MAX_ELEMENTS:
        raise UnknownValueError("parts that do not add up")
    return list(np.split(data, np.cumsum(sizes)[:-1], axis=axis))


def _reshape(attributes: Attributes, data: Array, form: Array | None = None) -> Array:
    sizes = list(attributes["shape"]) if form is None else form.tolist()
    if not attributes.get("allowzero", 0):
        sizes = [data.shape[i] if size == 0 else size for i, size in enumerate(sizes)]
    return data.reshape(sizes)


def _flatten(attributes: Attributes, data: Array) -> Array:
    axis = int(attributes.get("axis", 1))
    axis = axis + data.ndim if axis < 0 else axis
    return data.reshape(math.prod(data.shape[:axis]), -1)


def _squeeze(attributes: Attributes, data: Array, axes: Array | None = None) -> Array:
    found = _axes(attributes, axes)
    return np.squeeze(data, None if found is None else tuple(found))


def _unsqueeze(attributes: Attributes, data: Array, axes: Array | None = None) -> Array:
    found = _axes(attributes, axes)
    return np.expand_dims(data, tuple(found or ()))


def _transpose(attributes: Attributes, data: Array) -> Array:
    return np.transpose(data, attributes.get("perm"))


def _expand(attributes: Attributes, data: Array, form: Array) -> Array:
    shape = np.broadcast_shapes(data.shape, tuple(form.tolist()))
    _bounded(math.prod(shape))
    return np.broadcast_to(data, shape).copy()


def _tile(attributes: Attributes, data: Array, repeats: Array) -> Array:
    _bounded(data.size * math.prod(int(n) for n in repeats.tolist()))
    return np.tile(data, repeats)


def _range(attributes: Attributes, start: Array, limit: Array, step: Array) -> Array:
    first, last, by = (array.reshape(()).item() for array in (start, limit, step))
    number = max(math.ceil((last - first) / by), 0)
    _bounded(number)
    return (first + by * np.arange(number)).astype(start.dtype)


def _constant_of_shape(attributes: Attributes, form: Array) -> Array:
    sizes = [int(size) for size in form.tolist()]
    if any(size < 0 for size in sizes):
        raise UnknownValueError("a negative size")
    _bounded(math.prod(sizes))
    value = attributes.get("value", np.zeros(1, np.float32))
    return np.full(sizes, value.reshape(()), value.dtype)


def _reduce(operate: Callable[..., Array]) -> Callable[..., Array]:
    def rule(attributes: Attributes, data: Array, axes: Array | None = None) -> Array:
        found = _axes(attributes, axes)
        if not found and attributes.get("noop_with_empty_axes", 0):
            return data
        along = tuple(found) if found else None
        keep = bool(attributes.get("keepdims", 1))
        return np.asarray(operate(data, axis=along, keepdims=keep)).astype(data.dtype)

    return rule


def _where(attributes: Attributes, test: Array, yes: Array, no: Array) -> Array:
    _bounded(math.prod(np.broadcast_shapes(test.shape, yes.shape, no.shape)))
    return np.where(test, yes, no)


def _nonzero(attributes: Attributes, data: Array) -> Array:
    return np.array(np.nonzero(data), np.int64).reshape(data.ndim, -1)


def _cumulative_sum(attributes: Attributes, data: Array, axis: Array) -> Array:
    if attributes.get("exclusive", 0) or attributes.get("reverse", 0):
        raise UnknownValueError("a sum of another order")
    return np.cumsum(data, int(axis.reshape(()))).astype(data.dtype)


def _scatter_nd(attributes: Attributes, data: Array, places: Array, updates: Array) -> Array:
    if attributes.get("reduction", "none") not in ("none", b"none"):
        raise UnknownValueError("updates that are combined")
    found = data.copy()
    # As many updates as there are places, one index a row.
    for row, update in zip(
        places.reshape(-1, places.shape[-1]),
        updates.reshape(-1, *data.shape[places.shape[-1] :]),
        strict=True,
    ):
        found[tuple(row)] = update
    return found


def _comparison(operate: Callable[[Array, Array], Array]) -> Callable[..., Array]:
    return _binary(lambda left, right: operate(left, right).astype(np.bool_))


EVALUATED: dict[str, Callable[..., Array | list[Array] | None]] = {
    **{"Add": _binary(np.add), "Sub": _binary(np.subtract), "Mul": _binary(np.multiply)},
    **{"Div": _binary(_divide), "Mod": _modulo, "Pow": _binary(_power)},
    **{"Min": _many(np.minimum), "Max": _many(np.maximum), "Sum": _many(np.add)},
    **{"Neg": _unary(np.negative), "Abs": _unary(np.abs), "Sign": _unary(np.sign)},
    **{"Floor": _unary(np.floor), "Ceil": _unary(np.ceil), "Round": _unary(np.round)},
    **{"Sqrt": _unary(np.sqrt), "Reciprocal": _unary(np.reciprocal), "Clip": _clip},
    **{"Equal": _comparison(np.equal), "Less": _comparison(np.less)},
    **{"Greater": _comparison(np.greater), "LessOrEqual": _comparison(np.less_equal)},
    **{"GreaterOrEqual": _comparison(np.greater_equal), "And": _comparison(np.logical_and)},
    **{"Or": _comparison(np.logical_or), "Xor": _comparison(np.logical_xor)},
    **{"Not": lambda attributes, data: np.logical_not(data), "Where": _where},
    **{"Identity": lambda attributes, data: data, "Cast": _cast, "CastLike": _cast_like},
    **{"Gather": _gather, "GatherElements": _gather_elements, "Slice": _slice},
    **{"Concat": _concat, "Split": _split, "Reshape": _reshape, "Flatten": _flatten},
    **{"Squeeze": _squeeze, "Unsqueeze": _unsqueeze, "Transpose": _transpose},
    **{"Expand": _expand, "Tile": _tile, "Range": _range, "ConstantOfShape": _constant_of_shape},
    **{"ReduceProd": _reduce(np.prod), "ReduceSum": _reduce(np.sum), "ReduceMax": _reduce(np.max)},
    **{"ReduceMin": _reduce(np.min), "NonZero": _nonzero, "CumSum": _cumulative_sum},
    "ScatterND": _scatter_nd,
}
"""What is evaluated. `Constant`, `Shape` and `Size` need no values: see `infer`."""
