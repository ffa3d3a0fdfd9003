"""An ONNX file as a model: bounded, and text where text is meant."""

from __future__ import annotations

from pathlib import Path

import onnx
from google.protobuf.message import DecodeError, Message

from codesign.errors import InputError
from codesign.reading import read_bytes
from codesign.workload.onnx.values import MAX_RANK
from codesign.workload.onnx.wire import WireError, without_weights

MAX_MODEL_BYTES = 2**31
"""What a protocol buffer can hold; larger models keep their weights in files beside them."""


def load_model(path: Path) -> onnx.ModelProto:
    """The graph of an ONNX file, without the values of its weights.

    Raises:
        InputError: no such file, no regular file, not an ONNX model, or one beyond the bounds of
            `codesign.workload.onnx.wire`.
    """
    content = read_bytes(path, MAX_MODEL_BYTES)
    model = onnx.ModelProto()
    try:
        model.ParseFromString(without_weights(content))
    except WireError as error:
        raise InputError(f"{path}: {error}") from None
    except (DecodeError, ValueError):
        raise InputError(f"{path}: not an ONNX model") from None
    if not _is_text(model):
        raise InputError(f"{path}: not an ONNX model: a name in it is not UTF-8")
    if not model.opset_import or not model.graph.node:
        raise InputError(f"{path}: not an ONNX model, or one without operators")
    for tensor in model.graph.initializer:
        if len(tensor.dims) > MAX_RANK:
            raise InputError(
                f"{path}: tensor {tensor.name!r} has {len(tensor.dims)} axes, "
                f"expected at most {MAX_RANK}"
            )
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
