"""Small models that fuzzing begins from: whatever a graph may hold."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from tests.workload.onnx.building import model, numbers, scalar, tensor, weights

node = helper.make_node
MS = "com.microsoft"


def layers() -> onnx.ModelProto:
    """Convolutions, also transposed, and products; a shape that is computed; a wrong claim."""
    nodes = [
        node("Conv", ["x", "v"], ["a"], group=4, pads=[1, 1, 1, 1], strides=[2, 1]),
        node("ConvTranspose", ["a", "u"], ["t"], strides=[2, 2], name="up"),
        node("Shape", ["a"], ["s"]),
        node("Slice", ["s", "zero", "one"], ["n"]),
        node("Concat", ["n", "rest"], ["form"], axis=0),
        node("Reshape", ["a", "form"], ["b"]),
        node("Gemm", ["b", "w"], ["c"]),
        node("MatMul", ["c", "c"], ["d"]),
        node("Einsum", ["d", "d"], ["e"], equation="ij,jk->ik"),
        node("QuantizeLinear", ["e", "scale", "zp"], ["q"]),
        node("DequantizeLinear", ["q", "scale", "zp"], ["y"]),
    ]
    constants = [
        *(weights("v", 4, 1, 3, 3), weights("u", 4, 2, 3, 3), weights("w", 32, 8)),
        *(numbers("zero", 0), numbers("one", 1), numbers("rest", -1)),
        *(scalar("scale", 1.0, np.float32), scalar("zp", 0, np.uint8)),
    ]
    content = model(nodes, {"x": [8, 4, 4, 4]}, constants, {"y": [9, 8], "t": None})
    return content


def sequences() -> onnx.ModelProto:
    """Recurrent layers, attention, and lists of tensors."""
    nodes = [
        node("LSTM", ["x", "w", "r"], ["h"], hidden_size=4, name="lstm"),
        node("Squeeze", ["h", "one"], ["s"]),
        node("Attention", ["s", "s", "s"], ["a"], q_num_heads=2, kv_num_heads=2),
        node("SplitToSequence", ["a"], ["list"], axis=2),
        node("ConcatFromSequence", ["list"], ["y"], axis=0),
    ]
    constants = [weights("w", 1, 16, 5), weights("r", 1, 16, 4), numbers("one", 1)]
    return model(nodes, {"x": [3, 2, 5]}, constants, opset=23)


def fused() -> onnx.ModelProto:
    """ONNX Runtime's own operators."""
    nodes = [
        node("FusedConv", ["x", "w"], ["a"], domain=MS, pads=[1, 1, 1, 1], activation="Relu"),
        node("Reshape", ["a", "form"], ["b"]),
        node("SkipLayerNormalization", ["b", "b", "g"], ["c"], domain=MS),
        node("FusedMatMul", ["c", "c"], ["d"], domain=MS, transB=1),
        node("MatMulNBits", ["d", "p", "s"], ["e"], domain=MS, K=4, N=16, bits=4),
        node("MultiHeadAttention", ["e", "e", "e"], ["y"], domain=MS, num_heads=2),
        node("DeformConv", ["x", "w", "offset"], ["z"], pads=[1, 1, 1, 1]),
    ]
    constants = [
        *(
            weights("w", 4, 3, 3, 3),
            weights("g", 16),
            weights("s", 16),
            weights("offset", 2, 18, 4, 4),
        ),
        numpy_helper.from_array(np.zeros((16, 1, 8), np.uint8), "p"),
        numbers("form", 2, 4, 16),
    ]
    return model(nodes, {"x": [2, 3, 4, 4]}, constants, ["y", "z"], 19)


def body(
    nodes: Sequence[onnx.NodeProto], inputs: Sequence[onnx.ValueInfoProto], outputs: Sequence[str]
) -> onnx.GraphProto:
    results = [helper.make_empty_tensor_value_info(name) for name in outputs]
    return helper.make_graph(list(nodes), "body", list(inputs), results)


def branches() -> onnx.ModelProto:
    """A condition that follows from a shape, and one that does not."""

    def sides() -> dict[str, onnx.GraphProto]:
        return {
            f"{name}_branch": body([node("MatMul", ["x", w], ["out"])], [], ["out"])
            for name, w in (("then", "v"), ("else", "w"))
        }

    nodes = [
        node("Shape", ["x"], ["s"]),
        node("Gather", ["s", "zero"], ["n"]),
        node("Less", ["n", "five"], ["c"]),
        node("If", ["c"], ["y"], **sides()),
        node("ReduceMax", ["x"], ["m"], keepdims=0),
        node("Cast", ["m"], ["d"], to=TensorProto.BOOL),
        node("If", ["d"], ["z"], **sides()),
    ]
    constants = [weights("v", 4, 2), weights("w", 4, 8), scalar("zero", 0), scalar("five", 5)]
    return model(nodes, {"x": [3, 4]}, constants, ["y", "z"])


def loops() -> onnx.ModelProto:
    """A loop in a loop, one of growing tensors, and a scan."""
    head = [tensor("i", [], TensorProto.INT64), tensor("k", [], TensorProto.BOOL)]
    product = [node("Identity", ["k"], ["go"]), node("MatMul", ["h", "w"], ["next"])]
    growth = [
        node("Identity", ["k"], ["go"]),
        node("Concat", ["h", "x"], ["next"], axis=0),
        node("MatMul", ["next", "w"], ["product"]),
    ]
    state = [*head, tensor("h", [3, 4])]
    rows = [*head, tensor("h", ["n", 4])]
    once = body(product, state, ["go", "next"])
    inner = node("Loop", ["two", "", "h"], ["next"], body=once)
    outer = [node("Identity", ["k"], ["go"]), inner]
    cell = [node("Add", ["h", "slice"], ["next"]), node("MatMul", ["w", "next"], ["out"])]
    twice, grown = body(outer, state, ["go", "next"]), body(growth, rows, ["go", "next"])
    nodes = [
        node("Loop", ["two", "", "x"], ["a"], body=twice),
        node("Loop", ["two", "yes", "a"], ["b"], body=grown),
        node(
            "Scan", ["h0", "x"], ["last", "y"], num_scan_inputs=1,
            body=body(cell, [tensor("h", [4]), tensor("slice", [4])], ["next", "out"]),
        ),
    ]  # fmt: skip
    constants = [
        *(weights("w", 4, 4), weights("h0", 4), scalar("two", 2)),
        numpy_helper.from_array(np.array(True), "yes"),
    ]
    return model(nodes, {"x": [3, 4]}, constants, ["b", "y"])


def functions() -> onnx.ModelProto:
    """Functions that call one another, with an attribute of the caller's."""
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("own", 1)]

    def function(name: str, nodes: list[onnx.NodeProto]) -> onnx.FunctionProto:
        return helper.make_function("own", name, ["a", "w"], ["b"], nodes, opsets, ["turned"])

    def call(name: str, given: str, result: str) -> onnx.NodeProto:
        return node(name, [given, "w"], [result], domain="own", name=name, turned=1)

    product = node("Gemm", ["a", "w"], ["b"])
    product.attribute.append(
        onnx.AttributeProto(name="transB", ref_attr_name="turned", type=onnx.AttributeProto.INT)
    )
    parts = [
        function("F0", [product]),
        function("F1", [call("F0", "a", "h"), call("F0", "h", "b")]),
        function("F2", [call("F1", "a", "h"), call("F1", "h", "b")]),
    ]
    return model([call("F2", "x", "y")], {"x": [3, 4]}, [weights("w", 4, 4)], functions=parts)


Make = Callable[[], onnx.ModelProto]

GRAPHS: list[Make] = [layers, sequences, fused]
CONTROL: list[Make] = [branches, loops, functions]
