"""Small ONNX models, built where they are needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from codesign.workload import Layer
from codesign.workload.onnx import Extract, extract_workload

Dim = int | str | None


def tensor(
    name: str, shape: Sequence[Dim], element: int = TensorProto.FLOAT
) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, element, list(shape))


def weights(name: str, *shape: int) -> onnx.TensorProto:
    return numpy_helper.from_array(np.zeros(shape, np.float32), name)


def numbers(name: str, *values: int) -> onnx.TensorProto:
    return numpy_helper.from_array(np.array(values, np.int64), name)


def scalar(name: str, value: object, dtype: type = np.int64) -> onnx.TensorProto:
    return numpy_helper.from_array(np.array(value, dtype), name)


def model(
    nodes: Sequence[onnx.NodeProto],
    inputs: Mapping[str, Sequence[Dim]],
    constants: Sequence[onnx.TensorProto] = (),
    outputs: Mapping[str, Sequence[Dim] | None] | Sequence[str] = ("y",),
    opset: int = 17,
    functions: Sequence[onnx.FunctionProto] = (),
    elements: Mapping[str, int] | None = None,
) -> onnx.ModelProto:
    """A model; the shapes of its outputs are left to inference, unless they are given."""
    elements = elements or {}
    given = [tensor(n, s, elements.get(n, TensorProto.FLOAT)) for n, s in inputs.items()]
    shapes = outputs if isinstance(outputs, Mapping) else dict.fromkeys(outputs)
    results = [
        helper.make_empty_tensor_value_info(name) if shape is None else tensor(name, shape)
        for name, shape in shapes.items()
    ]
    graph = helper.make_graph(list(nodes), "graph", given, results, list(constants))
    domains = {node.domain for node in nodes} | {function.domain for function in functions}
    opsets = [helper.make_opsetid("", opset)]
    opsets += [helper.make_opsetid(domain, 1) for domain in sorted(domains - {""})]
    return helper.make_model(graph, opset_imports=opsets, functions=list(functions))


def saved(content: onnx.ModelProto, folder: Path) -> Path:
    """A model on disk."""
    path = folder / "model.onnx"
    path.write_bytes(content.SerializeToString())
    return path


def read(content: onnx.ModelProto, folder: Path, **sizes: int) -> Extract:
    """What becomes of a model; `sizes` with `__` for the dot of INPUT.AXIS."""
    return extract_workload(
        saved(content, folder), sizes={name.replace("__", "."): s for name, s in sizes.items()}
    )


def only_layer(content: onnx.ModelProto, folder: Path, **sizes: int) -> Layer:
    """The one layer of a model."""
    (layer,) = read(content, folder, **sizes).workload.layers
    return layer


def wide(layer: Layer) -> dict[str, int]:
    """Sizes and coefficients of a layer that are not 1."""
    named = [
        *zip(layer.shape.dimensions, layer.sizes, strict=True),
        *zip(layer.shape.coefficients, layer.coefficients, strict=True),
    ]
    return {name: size for name, size in named if size != 1}
