"""What an operator's outputs are, from what is known of its inputs.

Three sources, in this order: values, where the graph computes them from constants and shapes
(`evaluate`); ONNX's own inference of one operator, given the shapes and values before it; and our
rules for operators of other domains (`contrib`). What none of them knows stays unknown, with the
reason.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from google.protobuf.message import DecodeError, EncodeError
from onnx import defs, numpy_helper, shape_inference

from codesign.errors import InputError
from codesign.workload.onnx.attributes import read_constant
from codesign.workload.onnx.contrib import RULES
from codesign.workload.onnx.evaluate import evaluate
from codesign.workload.onnx.sequences import SEQUENCES
from codesign.workload.onnx.values import MAX_RANK, Operator, Value, read_type

MAX_EVALUATED = 2**22
"""Elements of all evaluated tensors together: a large network computes thousands."""

_REFUSALS = (
    shape_inference.InferenceError,
    onnx.checker.ValidationError,
    onnx.defs.SchemaError,
    *(DecodeError, EncodeError, ValueError, TypeError, RuntimeError, LookupError),
)
"""What ONNX raises on operators that are not what they should be."""


class Inference:
    """Outputs of operators, one at a time.

    Args:
        ir_version: of the model.
    """

    def __init__(self, ir_version: int) -> None:
        self.ir_version = ir_version
        self.evaluated = 0

    def outputs(
        self, node: onnx.NodeProto, operator: Operator, opsets: Mapping[str, int]
    ) -> list[Value]:
        """What is known of each output of a node.

        Args:
            node: with all attributes filled in.
            operator: the same with its inputs; its outputs are not read.
            opsets: the version of each domain.
        """
        cause = self._cause(operator)
        try:
            evaluated = self._evaluated(node, operator)
            if evaluated is not None:
                return evaluated
            if operator.kind in RULES:
                return _padded(_by_rule(operator), node, cause)
            if operator.kind in SEQUENCES:
                items = SEQUENCES[operator.kind](operator)
                if items is not None:
                    return _padded([items], node, cause)
            return self._by_schema(node, operator, opsets, cause)
        except InputError as error:
            return _unknown(node, _first_cause(operator) or str(error))

    def _by_schema(
        self, node: onnx.NodeProto, operator: Operator, opsets: Mapping[str, int], cause: str
    ) -> list[Value]:
        """What ONNX's own inference says of one operator."""
        domain = "" if node.domain == "ai.onnx" else node.domain
        schema = _schema(node.op_type, opsets.get(domain, 0), domain)
        if schema is None:
            if not domain and not _first_cause(operator):
                cause = f"{operator.title} is not in opset {opsets.get(domain, 0)}"
            return _unknown(node, cause)
        if not schema.has_type_and_shape_inference_function:
            return _padded(_elementwise(operator), node, cause)
        known = {
            name: value for name, value in zip(node.input, operator.inputs, strict=True) if value
        }
        try:
            types = shape_inference.infer_node_outputs(
                schema,
                node,
                {name: value.type for name, value in known.items()},
                {
                    name: numpy_helper.from_array(value.data)
                    for name, value in known.items()
                    if value.data is not None
                },
                opset_imports=[onnx.helper.make_opsetid(d, v) for d, v in opsets.items()],
                ir_version=self.ir_version,
            )
        except _REFUSALS as error:
            return _unknown(node, _first_cause(operator) or f"{operator.title}: {_words(error)}")
        return [
            read_type(types[name], cause) if name in types else Value(cause=cause)
            for name in node.output
        ]

    def _evaluated(self, node: onnx.NodeProto, operator: Operator) -> list[Value] | None:
        """Values of the outputs, where they follow from constants and shapes."""
        if operator.kind == "Constant":
            return [read_constant(node)]
        if operator.kind in ("Shape", "Size") and operator.inputs:
            value = operator.inputs[0]
            if value is None or value.shape is None:
                return None
            return [Value.of(_shape_of(operator, value.shape))]
        arrays = [None if value is None else value.data for value in operator.inputs]
        for value, array in zip(operator.inputs, arrays, strict=True):
            if value is not None and array is None:
                return None
        if self.evaluated > MAX_EVALUATED:
            return None
        found = evaluate(operator.kind, operator.attributes, arrays)
        if found is None or any(array.ndim > MAX_RANK for array in found):
            return None
        self.evaluated += sum(array.size for array in found)
        return _padded([Value.of(array) for array in found], node, "")

    def _cause(self, operator: Operator) -> str:
        """Why an output would not be known."""
        cause = _first_cause(operator)
        if cause:
            return cause
        if operator.kind in RULES:
            return f"{operator.title} cannot be read"
        if "." in operator.kind:
            return f"{operator.title} is an operator that is not known here"
        return f"the size of what {operator.title} writes depends on the data"


_BROADCAST = frozenset({"GreaterOrEqual", "LessOrEqual"})

_NOT_ELEMENTWISE = frozenset(
    {
        *("Compress", "Concat", "GRU", "Gemm", "GlobalLpPool", "LpPool", "Pad", "Reshape"),
        *("Split", "Upsample"),
    }
)


def _elementwise(operator: Operator) -> list[Value]:
    """Operators whose version has no inference in ONNX: nearly all keep their first shape."""
    if operator.kind in _NOT_ELEMENTWISE:
        return []
    shape = operator.shape(0)
    if operator.kind not in _BROADCAST:
        return [Value(shape, operator.input(0).element)]
    try:
        return [Value(np.broadcast_shapes(shape, operator.shape(1)), onnx.TensorProto.BOOL)]
    except ValueError:
        raise operator.misfit("shapes that agree") from None


def _by_rule(operator: Operator) -> list[Value]:
    """What an operator of another domain writes."""
    try:
        return RULES[operator.kind](operator)
    except IndexError:
        raise operator.misfit("operands of as many axes as its definition has") from None


def _shape_of(operator: Operator, shape: Sequence[int]) -> Any:
    if operator.kind == "Size":
        size = 1
        for number in shape:
            size = min(size * number, 2**62)
        return np.array(size, np.int64)
    start, end = operator.integer("start", 0), operator.integer("end", len(shape))
    return np.array([min(size, 2**62) for size in shape[start:end]], np.int64)


def _first_cause(operator: Operator) -> str:
    for value in operator.inputs:
        if value is not None and value.cause:
            return value.cause
    return ""


def _padded(found: Sequence[Value], node: onnx.NodeProto, cause: str) -> list[Value]:
    """As many values as the node has outputs."""
    missing = len(node.output) - len(found)
    return [*found[: len(node.output)], *[Value(cause=cause)] * missing]


def _unknown(node: onnx.NodeProto, cause: str) -> list[Value]:
    return [Value(cause=cause)] * len(node.output)


@functools.lru_cache(4096)
def _schema(kind: str, version: int, domain: str) -> Any:
    try:
        return defs.get_schema(kind, version, domain)
    except (defs.SchemaError, RuntimeError, ValueError, TypeError):
        return None


def _words(error: Exception) -> str:
    """What ONNX says, without the places in its own sources."""
    return " ".join(str(error).split())[:160]
