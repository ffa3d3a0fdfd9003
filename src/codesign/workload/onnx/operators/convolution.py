"""Convolutions. Padding has no place of its own: it shows in the size of the output."""

from __future__ import annotations

from codesign.workload.onnx.operators.layers import MAX_AXES, Window, convolution, volume
from codesign.workload.onnx.operators.registry import Bits, Part, UnsupportedError, reads
from codesign.workload.onnx.values import Operator, Shape


def widths(operator: Operator, inputs: int, weights: int, weight_bits: int | None = None) -> Bits:
    """Widths of an operator's words, by the places of its operands."""
    output = operator.outputs[0] if operator.outputs else None
    written = operator.written_bits or (output.width if output is not None else None)
    return Bits(weight_bits or operator.input(weights).width, operator.input(inputs).width, written)


def _convolution(operator: Operator, weights: int, is_last: bool) -> list[Part]:
    """Inputs [N, C, …], weights [K, C/groups, …], outputs [N, K, …]; channels may be last."""
    filters = operator.shape(weights)
    inputs, outputs = operator.shape(0), operator.output_shape()
    if is_last:
        inputs, outputs = _channels_first(inputs), _channels_first(outputs)
    groups = operator.integer("group", 1)
    if not len(filters) == len(outputs) == len(inputs) or len(filters) < 3:
        raise operator.misfit("as many axes in inputs, weights and outputs, and three at least")
    if groups < 1 or filters[0] % groups or inputs[1] != filters[1] * groups:
        raise operator.misfit(f"channels that {groups} groups divide")
    if volume(inputs) and not volume(outputs) and volume(filters):
        raise operator.misfit(f"inputs that hold the filter, not {list(inputs[2:])}")
    axes = len(filters) - 2
    strides, dilations = moves(operator, axes, volume(outputs) * volume(filters[1:]))
    windows = [
        Window(*numbers)
        for numbers in zip(filters[2:], outputs[2:], strides, dilations, strict=True)
    ]
    return convolution(
        operator.name,
        batch=outputs[0],
        groups=groups,
        depth=filters[1],
        columns=filters[0] // groups,
        windows=windows,
        bits=widths(operator, 0, weights),
    )


def moves(operator: Operator, axes: int, macs: int) -> tuple[list[int], list[int]]:
    """Strides and dilations of a convolution with so many MACs.

    Raises:
        UnsupportedError: it runs along too many axes.
    """
    if axes > MAX_AXES:
        raise UnsupportedError(
            f"a convolution along {axes} axes, expected at most {MAX_AXES}", macs
        )
    return _steps(operator, "strides", axes), _steps(operator, "dilations", axes)


def _steps(operator: Operator, name: str, axes: int) -> list[int]:
    """Strides or dilations, 1 where they are not given."""
    values = operator.integers(name, [1] * axes)
    if len(values) != axes or min(values) < 1:
        raise operator.misfit(f"{axes} positive numbers as {name}, not {values}")
    return values


def _channels_first(shape: Shape) -> Shape:
    return (shape[0], shape[-1], *shape[1:-1]) if len(shape) > 2 else shape


@reads(
    *("Conv", "ConvInteger", "com.microsoft.FusedConv"),
    how="a convolution along one, two or three axes, with groups, strides and dilations",
)
def read_convolution(operator: Operator) -> list[Part]:
    """Conv and its likes."""
    return _convolution(operator, 1, False)


@reads(
    *("QLinearConv", "com.microsoft.QLinearConv"),
    how="a convolution, without its scales and zero points",
)
def read_quantized_convolution(operator: Operator) -> list[Part]:
    """Inputs and weights each with their scale and zero point."""
    return _convolution(operator, 3, bool(operator.integer("channels_last", 0)))


@reads(
    *("com.microsoft.NhwcConv", "com.microsoft.NhwcFusedConv"),
    how="a convolution; the order of words in memory is not modelled",
)
def read_channels_last(operator: Operator) -> list[Part]:
    """Channels last in inputs and outputs."""
    return _convolution(operator, 1, True)


@reads(
    *("CausalConvWithState", "com.microsoft.CausalConvWithState"),
    how="a depthwise convolution along one axis",
)
def read_causal(operator: Operator) -> list[Part]:
    """Inputs [B, C, L], weights [C, 1, k]: every place sees itself and those before it."""
    data, filters = operator.shape(0), operator.shape(1)
    if len(data) != 3 or len(filters) != 3 or filters[:2] != (data[1], 1):
        raise operator.misfit("inputs [B, C, L] and weights [C, 1, k]")
    return convolution(
        operator.name,
        batch=data[0],
        groups=data[1],
        depth=1,
        columns=1,
        windows=[Window(filters[2], data[2])],
        bits=widths(operator, 0, 1),
    )
