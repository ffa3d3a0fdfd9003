"""Which operators are layers, how each is read, and which are left out.

A reader turns an operator into parts: layers with how often it has each. It declares itself where
it is written, with a line for the table in `docs/onnx.md`.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable
from dataclasses import dataclass

from codesign.workload.layer import Layer
from codesign.workload.onnx.values import Operator


@dataclass(frozen=True)
class Bits:
    """Widths in which an operator's words are stored; None where they are not known."""

    weights: int | None = None
    inputs: int | None = None
    outputs: int | None = None

    @property
    def given(self) -> dict[str, int]:
        """The widths by dataspace if some word is quantized, to 8 bits or fewer; else none."""
        named = {"Weights": self.weights, "Inputs": self.inputs, "Outputs": self.outputs}
        found = {name: width for name, width in named.items() if width is not None}
        return found if min(found.values(), default=16) <= 8 else {}


@dataclass(frozen=True)
class Part:
    """A layer of an operator, and how often it has it; the import gives it the widths `bits`."""

    layer: Layer
    count: int = 1
    bits: Bits = Bits()


class UnsupportedError(Exception):
    """An operator that computes, but not as any layer of ours.

    Args:
        reason: why.
        macs: its multiply-accumulates, where they can be counted.
    """

    def __init__(self, reason: str, macs: int | None = None) -> None:
        super().__init__(reason)
        self.macs = macs


Read = Callable[[Operator], list[Part]]


@dataclass(frozen=True)
class Reader:
    """How operators of a kind are read: the function, and what it does in words."""

    kind: str
    read: Read
    how: str
    is_layer: bool


READERS: dict[str, Reader] = {}
"""By kind, with the domain where it is not ONNX's own."""

_FAMILIES = (
    "convolution",
    "transposed",
    "products",
    "einsum",
    "recurrent",
    "attention",
    "left_out",
)


def reads(*kinds: str, how: str, is_layer: bool = True) -> Callable[[Read], Read]:
    """Declares a function as the reader of operators; `how` is the line of the table."""

    def declare(read: Read) -> Read:
        for kind in kinds:
            READERS[kind] = Reader(kind, read, how, is_layer)
        return read

    return declare


@functools.cache
def load_readers() -> dict[str, Reader]:
    """All readers, by the kind of operator."""
    for family in _FAMILIES:
        importlib.import_module(f"codesign.workload.onnx.operators.{family}")
    return READERS


def read_operator(operator: Operator) -> list[Part] | None:
    """The layers that an operator is: none where it is empty, None where it computes none.

    Raises:
        UnsupportedError: it multiplies and accumulates, but in a way that no layer expresses.
        InputError: a shape is not known, or does not fit the operator.
    """
    reader = load_readers().get(operator.kind)
    if reader is not None:
        try:
            return reader.read(operator)
        except IndexError:
            raise operator.misfit("operands of as many axes as its definition has") from None
    if "." in operator.kind and not operator.kind.startswith(_HARMLESS):
        from codesign.workload.onnx.contrib import RULES

        if operator.kind not in RULES:
            raise UnsupportedError("not an operator that is known here")
    return None


_HARMLESS = ("ai.onnx.ml.", "ai.onnx.preview.training.")
"""Domains of tables, trees and texts."""
