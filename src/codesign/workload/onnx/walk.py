"""A walk through a graph, in the order of its nodes, that knows shapes as it goes.

Functions of the model are looked into where they are called, branches and loops where their
conditions are known (`control`). What is found is a list of operators, each with how often it runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import onnx

from codesign.errors import InputError
from codesign.workload.onnx import control
from codesign.workload.onnx.attributes import filled_in, plain, read_tensor
from codesign.workload.onnx.expansion import MAX_OPERATORS, Key, bodies, key_of, local_functions
from codesign.workload.onnx.findings import Found, Frame
from codesign.workload.onnx.infer import Inference
from codesign.workload.onnx.names import node_name
from codesign.workload.onnx.values import Operator, Value, bits_of


class Walk:
    """The walk through one model.

    Args:
        model: a model that `check_expansion` has passed.
    """

    def __init__(self, model: onnx.ModelProto) -> None:
        self.functions = local_functions(model)
        self.inference = Inference(model.ir_version)
        self.visited = 0
        self.most = MAX_OPERATORS + len(model.graph.node)

    def count(self) -> None:
        """Counts a step; `InputError` beyond the bound."""
        self.visited += 1
        if self.visited > self.most:
            raise self._too_long()

    def require(self, operators: int, times: int | None) -> None:
        """Refuses a loop of so many operators that runs so often; None stands for without end."""
        if times is None or self.visited + max(operators, 1) * times > self.most:
            raise self._too_long()

    def _too_long(self) -> InputError:
        return InputError(
            f"its loops run through more than {self.most} operators, which is the bound"
        )

    def graph(self, graph: onnx.GraphProto, frame: Frame) -> None:
        """Walks a graph whose inputs have their values in `frame`."""
        for tensor in graph.initializer:
            # Of a body's inputs, the caller's values win over defaults.
            frame.values.setdefault(tensor.name, read_tensor(tensor))
        for sparse in graph.sparse_initializer:
            known = Value(tuple(sparse.dims), sparse.values.data_type)
            frame.values.setdefault(sparse.values.name, known)
        self.nodes(graph.node, frame)

    def nodes(self, nodes: Sequence[onnx.NodeProto], frame: Frame) -> None:
        """Walks nodes in their order."""
        readers = _readers(nodes)
        for place, original in enumerate(nodes):
            self.count()
            node = filled_in(original, frame.attributes)
            inputs = [frame.value(name) if name else None for name in node.input]
            name = node_name(node, place)
            # PyTorch's names of nodes within bodies are whole paths already.
            is_whole = not frame.path or name.startswith("/")
            where = name if is_whole else f"{frame.path}/{name}"
            outputs = self._outputs(node, inputs, frame, where, readers)
            for output, value in zip(node.output, outputs, strict=False):
                if output and frame.claims is not None:
                    value = frame.claims.settle(output, value)
                if output:
                    frame.values[output] = value

    def _outputs(
        self,
        node: onnx.NodeProto,
        inputs: list[Value | None],
        frame: Frame,
        where: str,
        readers: Mapping[str, list[onnx.NodeProto]],
    ) -> list[Value]:
        key = key_of(node)
        if key in self.functions:
            return self._call(key, node, inputs, frame, where)
        if bodies(node):
            return control.outputs(self, node, inputs, frame, where)
        domain = "" if node.domain in ("", "ai.onnx") else f"{node.domain}."
        operator = Operator(
            where, domain + node.op_type, plain(node), inputs, (), tuple(node.input)
        )
        outputs = self.inference.outputs(node, operator, frame.opsets)
        outputs = [_stored(operator, value) for value in outputs]
        written = _written(node, readers, frame)
        frame.found.append(Found(replace(operator, outputs=outputs, written_bits=written), 1))
        return outputs

    def _call(
        self,
        key: Key,
        node: onnx.NodeProto,
        inputs: list[Value | None],
        frame: Frame,
        where: str,
    ) -> list[Value]:
        """A function of the model: its body, with what its caller gives it."""
        function = self.functions[key]
        attributes = {attribute.name: attribute for attribute in function.attribute_proto}
        attributes |= {attribute.name: attribute for attribute in node.attribute}
        opsets = {**frame.opsets, **versions(function.opset_import)}
        inner = Frame(opsets, attributes=attributes, path=where, found=frame.found)
        given = [*inputs, *[None] * (len(function.input) - len(inputs))]
        inner.values.update(zip(function.input, given, strict=False))
        self.nodes(function.node, inner)
        return [inner.value(name) or Value() for name in function.output]


def versions(entries: Iterable[onnx.OperatorSetIdProto]) -> dict[str, int]:
    """The version of each domain; ONNX's own is the empty one."""
    return {"" if e.domain == "ai.onnx" else e.domain: e.version for e in entries}


_MOVING = frozenset(
    {
        *("Reshape", "Transpose", "Flatten", "Squeeze", "Unsqueeze", "Identity", "Slice"),
        *("Gather", "Expand", "Tile", "Pad", "MaxPool", "DepthToSpace", "SpaceToDepth", "Split"),
    }
)
"""Operators that pass on their words in the width in which they are stored."""

_RESCALING = frozenset({"Relu", "LeakyRelu", "Clip", "Reshape", "Transpose", "Flatten", "Identity"})
"""Operators that may be between an operator and the quantization of its result."""


def _stored(operator: Operator, value: Value) -> Value:
    """A value with the width in which it is stored, where that is not its type's."""
    kind = operator.kind.removeprefix("com.microsoft.")
    source = operator.inputs[0] if operator.inputs else None
    if source is None:
        return value
    if kind == "DequantizeLinear":
        return replace(value, bits=bits_of(source.element))
    if kind in _MOVING and source.bits is not None and source.element == value.element:
        return replace(value, bits=source.bits)
    return value


def _readers(nodes: Sequence[onnx.NodeProto]) -> dict[str, list[onnx.NodeProto]]:
    """The nodes that read each tensor."""
    found: dict[str, list[onnx.NodeProto]] = {}
    for node in nodes:
        for name in node.input:
            found.setdefault(name, []).append(node)
    return found


def _written(
    node: onnx.NodeProto, readers: Mapping[str, list[onnx.NodeProto]], frame: Frame
) -> int | None:
    """The width in which a node's output is stored, where it is quantized right away."""
    name = node.output[0] if node.output else ""
    for _ in range(3):
        after = readers.get(name, [])
        if len(after) != 1:
            return None
        if after[0].op_type == "QuantizeLinear":
            return _quantized_bits(after[0], frame)
        if after[0].op_type not in _RESCALING or not after[0].output:
            return None
        name = after[0].output[0]
    return None


def _quantized_bits(node: onnx.NodeProto, frame: Frame) -> int | None:
    """The width that a `QuantizeLinear` writes: its zero point's, or that of an attribute."""
    if len(node.input) > 2 and node.input[2]:
        # It may be computed later than this node.
        zero = frame.find(node.input[2])
        return None if zero is None else bits_of(zero.element)
    attributes: dict[str, Any] = plain(node)
    return bits_of(int(attributes["output_dtype"])) if attributes.get("output_dtype") else 8
