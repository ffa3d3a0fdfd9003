"""ONNX models near to good ones: still models, with hostile sizes, operators and connections."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from hypothesis import strategies as st
from onnx import AttributeProto, numpy_helper

from codesign.workload.onnx.contrib import RULES
from codesign.workload.onnx.evaluate import EVALUATED
from codesign.workload.onnx.operators.registry import load_readers
from codesign.workload.onnx.sequences import SEQUENCES

SIZES = [0, 1, 2, 3, 5, 64, 4097, -1, 2**31, 2**53, 2**62, -(2**63), 2**63 - 1]

KINDS = sorted({*RULES, *EVALUATED, *SEQUENCES, *load_readers()})
KINDS += [
    "Shape",
    "Size",
    "Constant",
    "If",
    "Loop",
    "Scan",
    "SequenceMap",
    "Resize",
    "TopK",
    "OneHot",
]

EQUATIONS = [b"ij,jk->ik", b"...i,i...->...", b"ii,ij->j", b"a" * 70, b",,->", b"->", b"\xff"]


def graphs(model: onnx.ModelProto) -> list[Any]:
    """All graphs and functions, however deep."""
    found: list[Any] = [model.graph, *model.functions]
    for graph in found:
        for node in graph.node:
            for attribute in node.attribute:
                if attribute.type == AttributeProto.GRAPH:
                    found.append(attribute.g)
    return found


@st.composite
def mutated(draw: st.DrawFn, seeds: list[bytes]) -> bytes:
    """A model with a few things changed."""
    model = onnx.ModelProto.FromString(draw(st.sampled_from(seeds)))
    for _ in range(draw(st.integers(1, 4))):
        graph = draw(st.sampled_from(graphs(model)))
        if graph.node:
            change(draw, graph, draw(st.sampled_from(list(graph.node))), model)
    return model.SerializeToString()


def change(draw: st.DrawFn, graph: Any, node: onnx.NodeProto, model: onnx.ModelProto) -> None:
    """One change, in place."""
    kind = draw(
        st.sampled_from(
            ["kind", "input", "output", "attribute", "size", "constant", "copy", "drop", "opset"]
        )
    )
    number = st.sampled_from(SIZES)
    if kind == "kind":
        domain, _, node.op_type = draw(st.sampled_from(KINDS)).rpartition(".")
        node.domain = domain
    elif kind in ("input", "output"):
        names = [name for item in graph.node for name in (*item.input, *item.output)]
        field = node.input if kind == "input" else node.output
        if field and names:
            field[draw(st.integers(0, len(field) - 1))] = draw(st.sampled_from([*names, ""]))
        elif names:
            field.append(draw(st.sampled_from(names)))
    elif kind == "attribute" and node.attribute:
        spoil(draw, draw(st.sampled_from(list(node.attribute))))
    elif kind == "size":
        values = [*model.graph.input, *model.graph.output]
        dims = [d for value in values for d in value.type.tensor_type.shape.dim]
        if dims:
            draw(st.sampled_from(dims)).dim_value = draw(number)
    elif kind == "constant" and model.graph.initializer:
        tensor = draw(st.sampled_from(list(model.graph.initializer)))
        if draw(st.booleans()) and tensor.dims:
            tensor.dims[draw(st.integers(0, len(tensor.dims) - 1))] = draw(number)
        elif tensor.data_type == onnx.TensorProto.INT64:
            array = np.array(draw(st.lists(number, max_size=4)), np.int64)
            tensor.CopyFrom(numpy_helper.from_array(array, tensor.name))
        else:
            tensor.data_type = draw(st.integers(0, 30))
    elif kind == "copy":
        graph.node.add().CopyFrom(node)
    elif kind == "drop" and len(graph.node) > 1:
        graph.node.remove(node)
    elif kind == "opset":
        model.opset_import[0].version = draw(st.sampled_from([0, 1, 6, 8, 10, 13, 18, 24, 99]))


def spoil(draw: st.DrawFn, attribute: onnx.AttributeProto) -> None:
    """Another value, or another type."""
    number = st.sampled_from(SIZES)
    if attribute.type == AttributeProto.INTS and attribute.ints:
        attribute.ints[draw(st.integers(0, len(attribute.ints) - 1))] = draw(number)
    elif attribute.type == AttributeProto.INT and draw(st.booleans()):
        attribute.i = draw(number)
    elif attribute.type == AttributeProto.STRING:
        attribute.s = draw(st.sampled_from(EQUATIONS))
    elif attribute.type != AttributeProto.GRAPH:
        name = attribute.name
        attribute.Clear()
        attribute.name = name
        attribute.type = AttributeProto.INTS
        attribute.ints.extend(draw(st.lists(number, max_size=5)))
