"""Sequences of tensors: lists that a graph builds, takes apart and joins."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from codesign.workload.onnx.evaluate import MAX_ELEMENTS
from codesign.workload.onnx.values import Operator, Value


def _items(operator: Operator, place: int = 0) -> tuple[Value, ...] | None:
    value = operator.inputs[place] if place < len(operator.inputs) else None
    return None if value is None else value.items


def _construct(operator: Operator) -> Value | None:
    return Value(items=tuple(value for value in operator.inputs if value is not None))


def _empty(operator: Operator) -> Value | None:
    return Value(items=())


def _at(operator: Operator) -> Value | None:
    items, place = _items(operator), operator.number(1)
    if items is None or place is None or not -len(items) <= place < len(items):
        return None
    return items[place]


def _length(operator: Operator) -> Value | None:
    items = _items(operator)
    return None if items is None else Value.of(np.array(len(items), np.int64))


def _insert(operator: Operator) -> Value | None:
    items = _items(operator)
    if items is None or not operator.has(1) or len(items) > MAX_ELEMENTS:
        return None
    place = operator.number(2) if operator.has(2) else len(items)
    if place is None:
        return None
    return Value(items=(*items[:place], operator.input(1), *items[place:]))


def _split(operator: Operator) -> Value | None:
    """SplitToSequence: parts of one size, of given sizes, or single slices."""
    shape = operator.input(0).shape
    axis = operator.integer("axis", 0)
    if shape is None or not -len(shape) <= axis < len(shape):
        return None
    axis %= len(shape)
    keeps_axis = bool(operator.integer("keepdims", 1))
    if operator.has(1):
        wanted = operator.input(1).data
        if wanted is None or wanted.ndim > 1 or not np.issubdtype(wanted.dtype, np.integer):
            return None
        keeps_axis = True
        each = int(wanted.reshape(-1)[0]) if wanted.size else 0
        if wanted.ndim == 0 and (each < 1 or shape[axis] // each > MAX_ELEMENTS):
            return None
        sizes = (
            [int(size) for size in wanted]
            if wanted.ndim
            else [min(each, shape[axis] - begin) for begin in range(0, shape[axis], each)]
        )
    else:
        if shape[axis] > MAX_ELEMENTS:
            return None
        sizes = [1] * shape[axis]
    if sum(sizes) != shape[axis] or min(sizes, default=0) < 0:
        return None
    element = operator.input(0).element
    return Value(
        items=tuple(
            Value((*shape[:axis], *((size,) if keeps_axis else ()), *shape[axis + 1 :]), element)
            for size in sizes
        )
    )


def _join(operator: Operator) -> Value | None:
    """ConcatFromSequence: along an axis, or along a new one."""
    items = _items(operator)
    shapes = [] if items is None else [item.shape for item in items]
    if items is None or not shapes or any(shape is None for shape in shapes):
        return None
    known = [shape for shape in shapes if shape is not None]
    axis = operator.integer("axis")
    rank = len(known[0])
    if any(len(shape) != rank for shape in known):
        return None
    first = list(known[0])
    if operator.integer("new_axis", 0):
        if not -rank - 1 <= axis <= rank:
            return None
        first.insert(axis if axis >= 0 else axis + rank + 1, len(known))
    elif -rank <= axis < rank:
        first[axis] = sum(shape[axis] for shape in known)
    else:
        return None
    return Value(tuple(first), items[0].element)


SEQUENCES: dict[str, Callable[[Operator], Value | None]] = {
    **{"SequenceConstruct": _construct, "SequenceEmpty": _empty, "SequenceAt": _at},
    **{"SequenceLength": _length, "SequenceInsert": _insert, "SplitToSequence": _split},
    "ConcatFromSequence": _join,
}
"""What each writes; None where that is not known."""
