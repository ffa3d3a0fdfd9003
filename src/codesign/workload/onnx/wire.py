"""ONNX files without their weights, before anything takes them apart.

A model of gigabytes consists of weights and a graph of some megabytes, and only the shapes of
the weights are needed.
A protocol buffer is a sequence of numbered fields, many of which hold messages of the same form.
This walk copies what the graph needs and leaves the rest out, so that the memory that the parsed
model takes is bounded, whatever the file says. The encoding is that of
https://protobuf.dev/programming-guides/encoding.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import onnx

MAX_KEPT_BYTES = 32 * 2**10
"""Of a tensor's values: enough for 4096 numbers of 64 bits, of which shapes are made."""

MAX_GRAPH_BYTES = 64 * 2**20
MAX_FIELDS = 2**22
"""What may be left: far beyond any model, and what the machine can hold in any form."""

MAX_DEPTH = 100
"""Messages in messages, as the library itself allows them."""

_STORED = ("raw_data", "float_data", "int32_data", "int64_data", "double_data", "uint64_data")

MODULE_KEYS = ("pkg.torch.onnx.name_scopes", "namespace")
"""Of a node's metadata, what names the module it is part of."""

_KEPT_METADATA = tuple(b"\n" + bytes([len(key)]) + key.encode() for key in MODULE_KEYS)

_VARINT, _FIXED_64, _DELIMITED, _FIXED_32 = 0, 1, 2, 5


class WireError(ValueError):
    """Bytes that are not a protocol buffer, or exceed the bounds; the text says which."""


@dataclass(frozen=True)
class _Form:
    """What is done with the delimited fields of a kind of message, by their numbers."""

    inner: dict[int, _Form] = field(default_factory=dict)
    large: set[int] = field(default_factory=set)
    dropped: set[int] = field(default_factory=set)
    metadata: int = -1


def without_weights(content: bytes) -> bytes:
    """The bytes of a `ModelProto` without long values of tensors and notes for people.

    Raises:
        WireError: they are not a protocol buffer, or too large without all that.
    """
    walk = _Walk(content)
    try:
        kept = walk.message(0, len(content), _FORMS["ModelProto"], 0)
    except IndexError:
        raise WireError("not an ONNX model") from None
    if len(kept) > MAX_GRAPH_BYTES:
        raise WireError(f"a model of more than {MAX_GRAPH_BYTES >> 20} MiB without its weights")
    return bytes(kept)


class _Walk:
    """One pass through the bytes of a file."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.view = memoryview(content)
        self.fields = 0

    def message(self, start: int, end: int, form: _Form, depth: int) -> bytearray:
        """A message from `start` to `end`, copied without what its form leaves out."""
        if depth > MAX_DEPTH:
            raise WireError("a model that is nested too deeply")
        out = bytearray()
        place = start
        while place < end:
            self.fields += 1
            if self.fields > MAX_FIELDS:
                raise WireError(f"a model of more than {MAX_FIELDS} fields")
            tag, body = self._varint(place, end)
            number, kind = tag >> 3, tag & 7
            if kind == _DELIMITED:
                length, body = self._varint(body, end)
                after = body + length
            elif kind == _VARINT:
                _, after = self._varint(body, end)
            elif kind in (_FIXED_32, _FIXED_64):
                after = body + (4 if kind == _FIXED_32 else 8)
            else:
                raise WireError("not an ONNX model")
            if after > end:
                raise WireError("not an ONNX model")
            if kind != _DELIMITED or not self._is_left_out(number, body, after, form):
                if kind == _DELIMITED and number in form.inner:
                    inner = self.message(body, after, form.inner[number], depth + 1)
                    out += _encoded(tag) + _encoded(len(inner)) + inner
                else:
                    out += self.view[place:after]
            place = after
        return out

    def _is_left_out(self, number: int, start: int, end: int, form: _Form) -> bool:
        if number == form.metadata:
            return not self.content.startswith(_KEPT_METADATA, start, end)
        return number in form.dropped or (number in form.large and end - start > MAX_KEPT_BYTES)

    def _varint(self, place: int, end: int) -> tuple[int, int]:
        value = 0
        for shift in range(0, 70, 7):
            if place >= end:
                break
            byte = self.content[place]
            place += 1
            value |= (byte & 127) << shift
            if byte < 128:
                return value, place
        raise WireError("not an ONNX model")


def _encoded(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def _forms() -> dict[str, _Form]:
    """The form of every kind of message below a model, from ONNX's own definition."""
    forms: dict[str, _Form] = {}
    waiting = [onnx.ModelProto.DESCRIPTOR]
    while waiting:
        descriptor = waiting.pop()
        form = forms.setdefault(descriptor.name, _Form())
        for entry in descriptor.fields:
            if entry.name == "doc_string":
                form.dropped.add(entry.number)
            elif entry.name in _STORED and descriptor.name == "TensorProto":
                form.large.add(entry.number)
            if entry.message_type is not None:
                if entry.message_type.name not in forms:
                    waiting.append(entry.message_type)
                form.inner[entry.number] = forms.setdefault(entry.message_type.name, _Form())
    node = onnx.NodeProto.DESCRIPTOR.fields_by_name
    if "metadata_props" in node:
        object.__setattr__(forms["NodeProto"], "metadata", node["metadata_props"].number)
    return forms


_FORMS = _forms()
