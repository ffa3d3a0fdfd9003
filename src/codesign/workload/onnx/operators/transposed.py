"""Transposed convolutions, as what each of their phases computes.

Along an axis of stride s, input i meets tap r at output i·s + r·d, less the padding. Outputs of one
remainder modulo s meet the taps of one remainder class alone: each class is a convolution of stride
1, with those taps and as many places as the input has, whose products together are those of the
definition: every input times every tap. Outputs beyond these places, which meet only some taps of
their class, stand at the border; cropped ones are computed.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter

from codesign.workload.onnx.operators.convolution import moves, widths
from codesign.workload.onnx.operators.layers import Window, convolution, volume
from codesign.workload.onnx.operators.registry import Part, reads
from codesign.workload.onnx.values import Operator

Phases = Counter[tuple[Window, int]]
"""Windows of an axis, each with the output channels that its taps become, and how often."""


def phases(size: int, taps: int, stride: int, dilation: int) -> Phases:
    """What an axis with `size` inputs falls into.

    Where no two inputs meet at an output, taps add nothing up: each is an output of its own, as a
    channel is.
    """
    common = math.gcd(stride, dilation)
    period = stride // common
    if taps <= period or size == 1:
        return Counter({(Window(1, size), taps): 1})
    # Taps r and r + period meet outputs of the same remainder.
    return Counter(
        (Window(-(-(taps - first) // period), size, 1, dilation // common), 1)
        for first in range(min(period, taps))
    )


@reads("ConvTranspose", how="the convolutions of its phases: one per remainder of the stride")
def read_transposed(operator: Operator) -> list[Part]:
    """Inputs [N, C, …], weights [C, K/groups, …]."""
    inputs, filters = operator.shape(0), operator.shape(1)
    groups = operator.integer("group", 1)
    if len(inputs) != len(filters) or len(inputs) < 3:
        raise operator.misfit("as many axes in inputs and weights, and three at least")
    if groups < 1 or inputs[1] % groups or inputs[1] != filters[0]:
        raise operator.misfit(f"channels that {groups} groups divide")
    macs = volume(inputs) * volume(filters[1:])
    strides, dilations = moves(operator, len(inputs) - 2, macs)
    along = [
        phases(*numbers)
        for numbers in zip(inputs[2:], filters[2:], strides, dilations, strict=True)
    ]
    bits = widths(operator, 0, 1)
    parts: list[Part] = []
    for chosen in itertools.product(*(axis.items() for axis in along)):
        windows = [window for (window, _), _ in chosen]
        parts += convolution(
            operator.name,
            batch=inputs[0],
            groups=groups,
            depth=inputs[1] // groups,
            columns=filters[1] * volume([channels for (_, channels), _ in chosen]),
            windows=windows,
            bits=bits,
            count=volume([number for _, number in chosen]),
        )
    return parts
