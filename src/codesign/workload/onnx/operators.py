"""Operators that multiply and accumulate, as layers.

A layer is what an operator computes, whatever the order of its operands in memory. Padding has
no place of its own: it shows in the size of the output.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from codesign.errors import InputError
from codesign.workload.layer import Layer
from codesign.workload.onnx.model import Operator, Shape
from codesign.workload.shape import GROUPED_CONV


class UnsupportedError(Exception):
    """An operator that computes, but not as any layer of ours; the text says why."""


def to_layer(operator: Operator) -> Layer | None:
    """The layer that an operator is, or None where it does not multiply and accumulate.

    Raises:
        UnsupportedError: it does, but in a way that no layer expresses.
        InputError: a shape is not known, or does not fit the operator.
    """
    if operator.kind in BUILDERS:
        return BUILDERS[operator.kind](operator)
    if operator.has_body:
        raise UnsupportedError("what it computes depends on the run")
    if operator.kind in COMPUTING:
        raise UnsupportedError("no layer expresses it")
    if "." in operator.kind:
        raise UnsupportedError("not an operator of ONNX itself")
    return None


def _convolution(operator: Operator, weights: int = 1) -> Layer:
    """Conv: inputs [N, C, (H,) W], weights [K, C/groups, (S,) R], outputs [N, K, (Q,) P]."""
    filters, outputs = _input(operator, weights), _output(operator)
    inputs = _input(operator, 0)
    groups = int(operator.attribute("group", 1))
    if len(filters) not in (3, 4):
        raise UnsupportedError(f"a convolution along {len(filters) - 2} axes, expected one or two")
    if not len(filters) == len(outputs) == len(inputs):
        raise _misfit(operator, "as many axes in inputs, weights and outputs")
    if groups < 1 or filters[0] % groups or inputs[1] != filters[1] * groups:
        raise _misfit(operator, f"channels that {groups} groups divide")
    axes = len(filters) - 2
    strides = _pair(operator, "strides", axes)
    dilations = _pair(operator, "dilations", axes)
    sizes = {"N": outputs[0], "C": filters[1], "K": filters[0] // groups}
    sizes |= {"R": filters[-1], "P": outputs[-1], "Wstride": strides[-1]}
    sizes |= {"Wdilation": dilations[-1]}
    if axes == 2:
        sizes |= {"S": filters[2], "Q": outputs[2], "Hstride": strides[0]}
        sizes |= {"Hdilation": dilations[0]}
    # A stride that nothing moves along, a dilation of nothing: equal work, equal layers.
    for size, coefficient in (("P", "Wstride"), ("Q", "Hstride"), ("R", "Wdilation")):
        if sizes.get(size, 1) == 1:
            sizes.pop(coefficient, None)
    if sizes.get("S", 1) == 1:
        sizes.pop("Hdilation", None)
    if groups == 1:
        return Layer.conv(operator.name, **sizes)
    return Layer.of(GROUPED_CONV, operator.name, G=groups, **sizes)


def _gemm(operator: Operator) -> Layer:
    """Gemm: [M, K] × [K, N], either of which may be transposed."""
    left, right = _input(operator, 0), _input(operator, 1)
    if len(left) != 2 or len(right) != 2:
        raise _misfit(operator, "two matrices")
    rows, depth = left[::-1] if operator.attribute("transA", 0) else left
    depth_too, columns = right[::-1] if operator.attribute("transB", 0) else right
    if depth != depth_too:
        raise _misfit(operator, f"inner sizes that agree, not {depth} and {depth_too}")
    return Layer.conv(operator.name, P=rows, K=columns, C=depth)


def _matmul(operator: Operator, right_place: int = 1) -> Layer:
    """MatMul as NumPy's: [batch…, M, K] × [batch…, K, N].

    A batch axis along which only the left operand varies is more rows of one product, since all
    of them share the right one (weights: every token of every sentence); only the right one, more
    columns. What is left, along which both vary, is a batch of products that share nothing.
    """
    left, right = _input(operator, 0), _input(operator, right_place)
    left = (1, *left) if len(left) == 1 else left
    right = (*right, 1) if len(right) == 1 else right
    axes = max(len(left), len(right)) - 2
    lefts = (1,) * (axes + 2 - len(left)) + left[:-2]
    rights = (1,) * (axes + 2 - len(right)) + right[:-2]
    if left[-1] != right[-2] or any(
        a != b and 1 not in (a, b) for a, b in zip(lefts, rights, strict=True)
    ):
        raise _misfit(operator, f"sizes that agree, not {list(left)} × {list(right)}")
    both = list(zip(lefts, rights, strict=True))
    batch = math.prod(a for a, b in both if a == b)
    rows = left[-2] * math.prod(a for a, b in both if b == 1)
    columns = right[-1] * math.prod(b for a, b in both if a == 1)
    sizes = {"P": rows, "K": columns, "C": left[-1]}
    if batch == 1:
        return Layer.conv(operator.name, **sizes)
    return Layer.of(GROUPED_CONV, operator.name, G=batch, **sizes)


def _quantized_convolution(operator: Operator) -> Layer:
    return _convolution(operator, weights=3)


def _quantized_matmul(operator: Operator) -> Layer:
    return _matmul(operator, right_place=3)


BUILDERS: dict[str, Callable[[Operator], Layer]] = {
    "Conv": _convolution,
    "ConvInteger": _convolution,
    "QLinearConv": _quantized_convolution,
    "Gemm": _gemm,
    "MatMul": _matmul,
    "MatMulInteger": _matmul,
    "QLinearMatMul": _quantized_matmul,
}
"""What becomes a layer."""

COMPUTING = frozenset(
    {
        *("Attention", "CausalConvWithState", "ConvTranspose", "DeformConv", "DFT", "Einsum"),
        *("GRU", "LSTM", "LinearAttention", "Loop", "MelWeightMatrix", "RNN", "STFT"),
    }
)
"""What multiplies and accumulates, but becomes no layer. All else moves, adds or looks up."""


def _input(operator: Operator, place: int) -> Shape:
    shape = operator.inputs[place] if place < len(operator.inputs) else None
    if shape is None:
        name = operator.input_names[place] if place < len(operator.input_names) else f"#{place}"
        raise InputError(
            f"node {operator.name} ({operator.kind}): the shape of its input {name!r} cannot be "
            "inferred, expected a model exported with fixed shapes"
        )
    return shape


def _output(operator: Operator) -> Shape:
    shape = operator.outputs[0] if operator.outputs else None
    if shape is None:
        raise InputError(
            f"node {operator.name} ({operator.kind}): the shape of its output cannot be inferred, "
            "expected a model exported with fixed shapes"
        )
    return shape


def _pair(operator: Operator, name: str, axes: int) -> list[int]:
    values = [int(value) for value in operator.attribute(name, [1] * axes)]
    if len(values) != axes or min(values) < 1:
        raise _misfit(operator, f"{axes} positive numbers as {name}, not {values}")
    return values


def _misfit(operator: Operator, expected: str) -> InputError:
    return InputError(f"node {operator.name} ({operator.kind}): expected {expected}")
