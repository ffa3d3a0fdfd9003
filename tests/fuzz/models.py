"""ONNX models near to good ones: still models, with hostile sizes, operators and connections."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from onnx import AttributeProto, numpy_helper

from codesign.workload.onnx.contrib import RULES
from codesign.workload.onnx.evaluate import EVALUATED
from codesign.workload.onnx.operators.registry import load_readers
from codesign.workload.onnx.sequences import SEQUENCES
from tests.fuzz.dice import Dice

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

CHANGES = ("kind", "input", "output", "attribute", "size", "constant", "copy", "drop", "opset")

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


def mutated(dice: Dice, seeds: list[bytes]) -> bytes:
    """A model with a few things changed."""
    model = onnx.ModelProto.FromString(dice.pick(seeds))
    for _ in range(dice.number(1, 4)):
        graph = dice.pick(graphs(model))
        if graph.node:
            change(dice, graph, dice.pick(graph.node), model)
    return model.SerializeToString()


def change(dice: Dice, graph: Any, node: onnx.NodeProto, model: onnx.ModelProto) -> None:
    """One change, in place."""
    kind = dice.pick(CHANGES)
    if kind == "kind":
        domain, _, node.op_type = dice.pick(KINDS).rpartition(".")
        node.domain = domain
    elif kind in ("input", "output"):
        names = [name for item in graph.node for name in (*item.input, *item.output)]
        field = node.input if kind == "input" else node.output
        if field and names:
            field[dice.number(0, len(field) - 1)] = dice.pick([*names, ""])
        elif names:
            field.append(dice.pick(names))
    elif kind == "attribute" and node.attribute:
        spoil(dice, dice.pick(node.attribute))
    elif kind == "size":
        values = [*model.graph.input, *model.graph.output]
        dims = [d for value in values for d in value.type.tensor_type.shape.dim]
        if dims:
            dice.pick(dims).dim_value = dice.pick(SIZES)
    elif kind == "constant" and model.graph.initializer:
        tensor = dice.pick(model.graph.initializer)
        if dice.coin() and tensor.dims:
            tensor.dims[dice.number(0, len(tensor.dims) - 1)] = dice.pick(SIZES)
        elif tensor.data_type == onnx.TensorProto.INT64:
            array = np.array(sizes(dice, 4), np.int64)
            tensor.CopyFrom(numpy_helper.from_array(array, tensor.name))
        else:
            tensor.data_type = dice.number(0, 30)
    elif kind == "copy":
        graph.node.add().CopyFrom(node)
    elif kind == "drop" and len(graph.node) > 1:
        graph.node.remove(node)
    elif kind == "opset":
        model.opset_import[0].version = dice.pick([0, 1, 6, 8, 10, 13, 18, 24, 99])


def sizes(dice: Dice, most: int) -> list[int]:
    """At most so many sizes."""
    return [dice.pick(SIZES) for _ in range(dice.number(0, most))]


def spoil(dice: Dice, attribute: onnx.AttributeProto) -> None:
    """Another value, or another type."""
    if attribute.type == AttributeProto.INTS and attribute.ints:
        attribute.ints[dice.number(0, len(attribute.ints) - 1)] = dice.pick(SIZES)
    elif attribute.type == AttributeProto.INT and dice.coin():
        attribute.i = dice.pick(SIZES)
    elif attribute.type == AttributeProto.STRING:
        attribute.s = dice.pick(EQUATIONS)
    elif attribute.type != AttributeProto.GRAPH:
        name = attribute.name
        attribute.Clear()
        attribute.name = name
        attribute.type = AttributeProto.INTS
        attribute.ints.extend(sizes(dice, 5))
