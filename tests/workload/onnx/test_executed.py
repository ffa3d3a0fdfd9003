"""Random small graphs: as many operations as their executed shapes have."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from codesign.workload.onnx import extract_workload
from tests.budgets import count

node = helper.make_node
Shape = tuple[int, ...]


@dataclass
class Chain:
    """A graph that grows: its nodes, and the tensor that the next one reads.

    `macs` are counted from executed shapes: each a function of them, by tensor.
    """

    draw: st.DrawFn
    shape: Shape
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    constants: list[onnx.TensorProto] = field(default_factory=list)
    macs: list[Callable[[dict[str, Shape]], int]] = field(default_factory=list)
    last: str = "x"

    def constant(self, array: np.ndarray[Any, Any]) -> str:
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(array, name))
        return name

    def weights(self, *shape: int) -> str:
        return self.constant(np.zeros(shape, np.float32))

    def add(self, kind: str, others: list[str], shape: Shape, **attributes: Any) -> tuple[str, str]:
        """A node that reads the last tensor; returns its input and its output."""
        before, self.last = self.last, f"t{len(self.nodes)}"
        self.nodes.append(node(kind, [before, *others], [self.last], **attributes))
        self.shape = shape
        return before, self.last


def small(chain: Chain, low: int = 1, high: int = 4) -> int:
    return chain.draw(st.integers(low, high))


def convolve(chain: Chain) -> None:
    """Along one to three axes, of any group, stride, dilation and padding."""
    axes = len(chain.shape) - 2
    if axes not in (1, 2, 3):
        return
    channels = chain.shape[1]
    groups = chain.draw(st.sampled_from([g for g in range(1, channels + 1) if channels % g == 0]))
    out = groups * small(chain)
    kernel = [small(chain, 1, 3) for _ in range(axes)]
    strides, dilations = ([small(chain, 1, 2) for _ in range(axes)] for _ in range(2))
    pads = [(k - 1) * d for k, d in zip(kernel, dilations, strict=True)]
    w = chain.weights(out, channels // groups, *kernel)
    places = tuple(
        (size + 2 * pad - (k - 1) * d - 1) // s + 1
        for size, pad, k, d, s in zip(
            chain.shape[2:], pads, kernel, dilations, strides, strict=True
        )
    )
    _, y = chain.add(
        "Conv", [w], (chain.shape[0], out, *places), group=groups, strides=strides,
        dilations=dilations, pads=[*pads, *pads],
    )  # fmt: skip
    chain.macs.append(lambda s: math.prod(s[y]) * math.prod(s[w][1:]))


def transpose_convolve(chain: Chain) -> None:
    """The way back: every input meets every tap."""
    if len(chain.shape) != 4:
        return
    kernel = [small(chain, 1, 4) for _ in range(2)]
    strides = [small(chain, 1, 3) for _ in range(2)]
    out = small(chain)
    w = chain.weights(chain.shape[1], out, *kernel)
    places = tuple(
        (size - 1) * s + k for size, k, s in zip(chain.shape[2:], kernel, strides, strict=True)
    )
    x, _ = chain.add("ConvTranspose", [w], (chain.shape[0], out, *places), strides=strides)
    chain.macs.append(lambda s: math.prod(s[x]) * math.prod(s[w][1:]))


def multiply(chain: Chain) -> None:
    """With a matrix, a batch of them, or a vector."""
    depth = chain.shape[-1]
    how = chain.draw(st.sampled_from(["matrix", "batch", "vector"]))
    if how == "vector":
        if len(chain.shape) < 2:
            return
        w = chain.weights(depth)
        x, _ = chain.add("MatMul", [w], chain.shape[:-1])
        chain.macs.append(lambda s: math.prod(s[x]))
        return
    columns = small(chain)
    batch = chain.shape[:-2] if how == "batch" else ()
    w = chain.weights(*batch, depth, columns)
    x, y = chain.add("MatMul", [w], (*chain.shape[:-1], columns))
    chain.macs.append(lambda s: math.prod(s[y]) * s[x][-1])


def contract(chain: Chain) -> None:
    """Einsum over the last axis."""
    rank = len(chain.shape)
    letters = "abcdefgh"[:rank]
    w = chain.weights(chain.shape[-1], 3)
    equation = f"{letters},{letters[-1]}z->{letters[:-1]}z"
    x, y = chain.add("Einsum", [w], (*chain.shape[:-1], 3), equation=equation)
    if chain.shape[-1] > 1 or math.prod(chain.shape[:-1]) > 1:
        chain.macs.append(lambda s: math.prod(s[y]) * s[x][-1])


def recur(chain: Chain) -> None:
    """An LSTM, GRU or RNN of one direction, over three axes."""
    if len(chain.shape) != 3:
        return
    kind = chain.draw(st.sampled_from(["RNN", "GRU", "LSTM"]))
    gates = {"RNN": 1, "GRU": 3, "LSTM": 4}[kind]
    hidden = small(chain)
    w = chain.weights(1, gates * hidden, chain.shape[2])
    r = chain.weights(1, gates * hidden, hidden)
    steps, batch, _ = chain.shape
    x, _ = chain.add(kind, [w, r], (steps, 1, batch, hidden), hidden_size=hidden)
    chain.macs.append(lambda s: s[x][0] * s[x][1] * (math.prod(s[w]) + math.prod(s[r])))
    chain.add("Squeeze", [chain.constant(np.array([1]))], (steps, batch, hidden))


def reshape(chain: Chain) -> None:
    """To a shape that the graph computes from that of its input."""
    size, rows = math.prod(chain.shape), chain.shape[0]
    rank = chain.draw(st.sampled_from([3, 4]))
    rest = size // rows
    inner = chain.draw(st.sampled_from([n for n in range(1, rest + 1) if rest % n == 0]))
    shape = (rows, inner, rest // inner) + (1,) * (rank - 3)
    number = len(chain.nodes)
    first, more = f"first{number}", f"form{number}"
    chain.nodes += [
        node("Shape", [chain.last], [first], start=0, end=1),
        node("Concat", [first, chain.constant(np.array(shape[1:]))], [more], axis=0),
    ]
    chain.add("Reshape", [more], shape)


def turn(chain: Chain) -> None:
    """The axes in another order."""
    order = chain.draw(st.permutations(range(len(chain.shape))))
    chain.add("Transpose", [], tuple(chain.shape[axis] for axis in order), perm=list(order))


def pad(chain: Chain) -> None:
    """By numbers that come out of a slice backwards."""
    rank = len(chain.shape)
    ends = [small(chain, 0, 2) for _ in range(2 * rank)]
    shape = tuple(
        size + before + after
        for size, before, after in zip(chain.shape, ends[:rank], ends[rank:], strict=True)
    )
    turned = chain.constant(np.array(ends[::-1]))
    bounds = [chain.constant(np.array([n])) for n in (-1, -(2**31), 0, -1)]
    name = f"pads{len(chain.nodes)}"
    chain.nodes.append(node("Slice", [turned, *bounds], [name]))
    chain.add("Pad", [name], shape)


STEPS = [convolve, transpose_convolve, multiply, contract, recur, reshape, turn, pad]


@st.composite
def chains(draw: st.DrawFn) -> tuple[onnx.ModelProto, Shape, Chain]:
    shape = draw(st.lists(st.integers(1, 5), min_size=2, max_size=5).map(tuple))
    chain = Chain(draw, shape)
    for step in draw(st.lists(st.sampled_from(STEPS), min_size=1, max_size=6)):
        if len(chain.shape) > 0 and math.prod(chain.shape) < 20_000:
            step(chain)
    # Something that is always a layer.
    w = chain.weights(chain.shape[-1] if chain.shape else 1, 2)
    if not chain.shape:
        chain.add("Reshape", [chain.constant(np.array([1, 1]))], (1, 1))
    x, y = chain.add("MatMul", [w], (*chain.shape[:-1], 2))
    chain.macs.append(lambda s: math.prod(s[y]) * s[x][-1])
    sizes = [f"d{axis}" for axis in range(len(shape))]
    given = helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, sizes)
    names = [name for item in chain.nodes for name in item.output if name]
    results = [helper.make_empty_tensor_value_info(name) for name in names]
    graph = helper.make_graph(chain.nodes, "g", [given], results, chain.constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)]), shape, chain


@given(chains())
@settings(max_examples=count(40, 150), deadline=None)
def test_operations_are_those_of_the_executed_graph(
    case: tuple[onnx.ModelProto, Shape, Chain],
) -> None:
    """The graph is run; the layers have as many products as its tensors say."""
    model, shape, chain = case
    names = [result.name for result in model.graph.output]
    values = ReferenceEvaluator(model).run(None, {"x": np.zeros(shape, np.float32)})
    executed = {name: np.asarray(v).shape for name, v in zip(names, values, strict=True)}
    executed |= {c.name: tuple(c.dims) for c in chain.constants} | {"x": shape}

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "m.onnx"
        path.write_bytes(model.SerializeToString())
        sizes = {f"d{axis}": size for axis, size in enumerate(shape)}
        found = extract_workload(path, sizes=sizes)

    assert executed[chain.last] == chain.shape
    assert found.workload.macs == sum(count(executed) for count in chain.macs)
    assert not found.skipped
