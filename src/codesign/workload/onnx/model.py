"""An ONNX file as a list of operators with the shapes of what they read and write."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import onnx
from google.protobuf.message import DecodeError, Message
from onnx import inliner, shape_inference

from codesign.errors import InputError
from codesign.reading import MAX_INTEGER, closest, shown

MAX_MODEL_BYTES = 2**31
"""What a protocol buffer can hold; larger models keep their weights in files beside them."""

MAX_KEPT = 1024
"""Values a constant may have to be kept: enough for shapes, which decide, not for weights."""

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Operator:
    """A node of the graph.

    Args:
        name: its own name, or one made of its kind and place.
        kind: the operator, with its domain where that is not ONNX's own.
        attributes: numbers, lists and texts by name.
        inputs, outputs: shapes; None where a tensor is left out or its shape cannot be known.
        input_names: for messages.
        has_body: whether graphs hang below it (`If`, `Loop`, `Scan`).
    """

    name: str
    kind: str
    attributes: Mapping[str, Any]
    inputs: tuple[Shape | None, ...]
    outputs: tuple[Shape | None, ...]
    input_names: tuple[str, ...] = ()
    has_body: bool = False

    def attribute(self, name: str, default: Any) -> Any:
        """The value of an attribute."""
        return self.attributes.get(name, default)


def read_operators(path: Path, sizes: Mapping[str, int]) -> list[Operator]:
    """The operators of a model, in the order of the graph.

    Args:
        path: the `.onnx` file; weights in files beside it are not read.
        sizes: values of dimensions that the model leaves open, by their names.

    Raises:
        InputError: no such file, not an ONNX model, a name in `sizes` that no input has, an open
            dimension without a value, or shapes that contradict one another.
    """
    model = _load(path)
    _bind(model, sizes, path)
    _drop_weights(model.graph)
    try:
        model = inliner.inline_local_functions(model)
        model = shape_inference.infer_shapes(model, data_prop=True)
    except (shape_inference.InferenceError, ValueError, RuntimeError, DecodeError) as error:
        raise InputError(f"{path}: {_sentence(error)}") from None
    shapes = _shapes(model.graph)
    return [_operator(node, place, shapes) for place, node in enumerate(model.graph.node)]


def _load(path: Path) -> onnx.ModelProto:
    try:
        if path.stat().st_size > MAX_MODEL_BYTES:
            raise InputError(f"{path}: larger than {MAX_MODEL_BYTES >> 30} GiB")
        model = onnx.load(path, format="protobuf", load_external_data=False)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from None
    except (DecodeError, ValueError):
        raise InputError(f"{path}: not an ONNX model") from None
    if not _is_text(model):
        raise InputError(f"{path}: not an ONNX model: a name in it is not UTF-8")
    if not model.opset_import or not model.graph.node:
        raise InputError(f"{path}: not an ONNX model, or one without operators")
    return model


def _is_text(message: Message) -> bool:
    """Whether all its strings are text: protobuf hands over others as bytes."""
    for field, value in message.ListFields():
        if field.type == field.TYPE_STRING:
            texts = [value] if isinstance(value, str | bytes) else value
            if not all(isinstance(text, str) for text in texts):
                return False
        elif field.type == field.TYPE_MESSAGE:
            parts = [value] if isinstance(value, Message) else value
            if not all(map(_is_text, parts)):
                return False
    return True


def _bind(model: onnx.ModelProto, sizes: Mapping[str, int], path: Path) -> None:
    """Puts numbers in the place of open dimensions, in all inputs."""
    for name, size in sizes.items():
        if not 0 < size <= MAX_INTEGER:
            raise InputError(f"dimension {name} is {size}, expected 1 to {MAX_INTEGER}")
    weights = {tensor.name for tensor in model.graph.initializer}
    known: set[str] = set()
    open_ones: dict[str, str] = {}
    for value in model.graph.input:
        if value.name in weights:
            continue
        for axis, dimension in enumerate(value.type.tensor_type.shape.dim):
            # A dimension without even a name is known by its place.
            name = dimension.dim_param or f"{value.name}.{axis}"
            if dimension.HasField("dim_value") and dimension.dim_value > 0:
                continue
            known.add(name)
            if name in sizes:
                dimension.dim_value = sizes[name]
            else:
                open_ones.setdefault(name, value.name)
    for name in sizes:
        if name not in known:
            names = sorted(known)
            wanted = f"one of {', '.join(names)}{closest(name, names)}" if names else "none"
            raise InputError(f"{path}: dimension {shown(name)} is not open, expected {wanted}")
    if open_ones:
        name, tensor = next(iter(open_ones.items()))
        raise InputError(
            f"{path}: dimension {name!r} of input {tensor!r} is open, expected its size "
            f"(--size {name}=1)"
        )
    # Shapes that were stored with the open names would contradict the numbers.
    del model.graph.value_info[:]
    for value in model.graph.output:
        for dimension in value.type.tensor_type.shape.dim:
            if dimension.dim_param:
                dimension.Clear()


def _drop_weights(graph: onnx.GraphProto) -> None:
    """Forgets the values of large constants: shapes are all that is wanted of them."""
    stored = ("raw_data", "float_data", "int32_data", "int64_data", "double_data", "uint64_data")
    for tensor in graph.initializer:
        if math.prod(tensor.dims) > MAX_KEPT:
            for field in stored:
                tensor.ClearField(field)


def _shapes(graph: onnx.GraphProto) -> dict[str, Shape]:
    shapes: dict[str, Shape] = {t.name: tuple(t.dims) for t in graph.initializer}
    for value in (*graph.input, *graph.value_info, *graph.output):
        tensor = value.type.tensor_type
        sizes = [d.dim_value if d.HasField("dim_value") else 0 for d in tensor.shape.dim]
        if tensor.HasField("shape") and all(size > 0 for size in sizes):
            shapes[value.name] = tuple(sizes)
    return shapes


def _operator(node: onnx.NodeProto, place: int, shapes: Mapping[str, Shape]) -> Operator:
    attributes: dict[str, Any] = {}
    has_body = False
    for attribute in node.attribute:
        if attribute.type in (onnx.AttributeProto.GRAPH, onnx.AttributeProto.GRAPHS):
            has_body = True
        elif attribute.type in _PLAIN:
            attributes[attribute.name] = onnx.helper.get_attribute_value(attribute)
    domain = "" if node.domain in ("", "ai.onnx") else f"{node.domain}."
    return Operator(
        node.name or f"{node.op_type}_{place}",
        domain + node.op_type,
        attributes,
        _of(node.input, shapes),
        _of(node.output, shapes),
        tuple(node.input),
        has_body,
    )


_PLAIN = (
    onnx.AttributeProto.INT,
    onnx.AttributeProto.INTS,
    onnx.AttributeProto.FLOAT,
    onnx.AttributeProto.STRING,
)


def _of(names: Sequence[str], shapes: Mapping[str, Shape]) -> tuple[Shape | None, ...]:
    return tuple(shapes.get(name) for name in names)


def _sentence(error: Exception) -> str:
    """What ONNX says, without the places in its own sources."""
    words = " ".join(str(error).split())
    return f"not a consistent ONNX model: {words[:200]}"
