"""How large a model becomes once its functions are looked into: known before it is done.

A function that calls another one twice, which calls another one twice, is a file of a kilobyte and
a graph without end. The sizes of all functions follow from one another, each looked at once.
"""

from __future__ import annotations

from collections.abc import Iterable

import onnx

from codesign.errors import InputError
from codesign.reading import shown

MAX_OPERATORS = 2**15
"""Nodes that are looked at, beyond those that the file itself has: bodies of functions as often
as they are called, and of loops as often as they have to be run through."""

MAX_BYTES = 2**28
"""Of all of them, as they are encoded."""

MAX_LEVELS = 64
"""Functions in functions, and bodies in bodies."""

Key = tuple[str, str, str]
"""Domain, name and overload of a function."""


def key_of(node: onnx.NodeProto) -> Key:
    """The function that a node calls, if it calls one."""
    return (node.domain, node.op_type, getattr(node, "overload", ""))


def local_functions(model: onnx.ModelProto) -> dict[Key, onnx.FunctionProto]:
    """The functions that a model defines."""
    return {(f.domain, f.name, getattr(f, "overload", "")): f for f in model.functions}


def bodies(node: onnx.NodeProto) -> list[onnx.GraphProto]:
    """The graphs that hang below a node (`If`, `Loop`, `Scan`)."""
    found: list[onnx.GraphProto] = []
    for attribute in node.attribute:
        if attribute.type == onnx.AttributeProto.GRAPH:
            found.append(attribute.g)
        found.extend(attribute.graphs)
    return found


def check_expansion(model: onnx.ModelProto) -> None:
    """Refuses a model whose functions call themselves, or grow beyond the bounds.

    Raises:
        InputError: the sentence names the function.
    """
    count, length, _ = _Expansion(local_functions(model)).of_nodes(model.graph.node, 0)
    if count - len(model.graph.node) > MAX_OPERATORS or length > MAX_BYTES:
        raise InputError(
            f"its functions grow to {count:.3g} operators or {length / 2**20:.3g} MiB once they "
            f"are looked into, expected at most {MAX_OPERATORS} and {MAX_BYTES >> 20} MiB"
        )


class _Expansion:
    """Sizes of functions: (operators, bytes, levels), each computed once."""

    def __init__(self, functions: dict[Key, onnx.FunctionProto]) -> None:
        self.functions = functions
        self.known: dict[Key, tuple[int, int, int]] = {}
        self.open_calls: list[Key] = []

    def of_function(self, key: Key, depth: int) -> tuple[int, int, int]:
        """The size of a function that is called `depth` levels below the graph."""
        if key in self.open_calls:
            raise InputError(f"the function {_title(key)} calls itself, which no run could end")
        if key not in self.known:
            self.open_calls.append(key)
            self.known[key] = self.of_nodes(self.functions[key].node, depth)
            self.open_calls.pop()
        if depth + self.known[key][2] > MAX_LEVELS:
            raise _too_deep()
        return self.known[key]

    def of_nodes(self, nodes: Iterable[onnx.NodeProto], depth: int) -> tuple[int, int, int]:
        """The size of nodes, with all that hangs below them."""
        if depth > MAX_LEVELS:
            raise _too_deep()
        count = length = levels = 0
        for node in nodes:
            key = key_of(node)
            parts = [self.of_nodes(body.node, depth + 1) for body in bodies(node)]
            if key in self.functions:
                parts.append(self.of_function(key, depth + 1))
            count += 1 + sum(part[0] for part in parts)
            length += node.ByteSize() + sum(part[1] for part in parts)
            levels = max([levels, *(1 + part[2] for part in parts)])
        return count, length, levels


def _too_deep() -> InputError:
    return InputError(f"functions and bodies more than {MAX_LEVELS} deep, which no network needs")


def _title(key: Key) -> str:
    return shown(".".join(part for part in key if part))
