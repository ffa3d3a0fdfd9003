"""Layers from sizes, in the one form that equal work has."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from codesign.workload.layer import Layer
from codesign.workload.onnx.operators.registry import Bits, Part
from codesign.workload.shape import CONV, CONV_3D, GROUPED_CONV, GROUPED_CONV_3D

MAX_AXES = 3


def product(
    name: str, *, batch: int = 1, rows: int, columns: int, depth: int, bits: Bits, count: int = 1
) -> list[Part]:
    """Products [rows, depth] × [depth, columns] that share nothing; none where one is empty."""
    if 0 in (batch, rows, columns, depth, count):
        return []
    sizes = {"P": rows, "K": columns, "C": depth}
    if batch == 1:
        return [Part(Layer.conv(name, **sizes), count, bits)]
    return [Part(Layer.of(GROUPED_CONV, name, G=batch, **sizes), count, bits)]


@dataclass(frozen=True)
class Window:
    """One axis of a convolution: taps of the filter, places of its output, and their steps."""

    taps: int
    places: int
    stride: int = 1
    dilation: int = 1

    def plain(self) -> Window:
        """The same work, without a stride that nothing moves along, or a dilation of nothing."""
        return Window(
            self.taps,
            self.places,
            1 if self.places == 1 else self.stride,
            1 if self.taps == 1 else self.dilation,
        )


def convolution(
    name: str,
    *,
    batch: int,
    groups: int,
    depth: int,
    columns: int,
    windows: Sequence[Window],
    bits: Bits,
    count: int = 1,
) -> list[Part]:
    """A convolution along up to three axes; none where it is empty.

    Args:
        depth, columns: channels in and out of one group.
        windows: the axes, outermost first as in ONNX; the last one is x.
    """
    sizes = (batch, groups, depth, columns, count)
    if 0 in sizes or any(0 in (window.taps, window.places) for window in windows):
        return []
    axes = [window.plain() for window in windows]
    if len(axes) == MAX_AXES and axes[0].taps == 1:
        # Slices that no filter connects are as so many images.
        batch, axes = batch * axes[0].places, axes[1:]
    elif len(axes) == MAX_AXES and axes[0].places == 1:
        # All slices of the one place are summed, as channels are.
        depth, axes = depth * axes[0].taps, axes[1:]
    named = {"N": batch, "C": depth, "K": columns}
    for window, letters in zip(reversed(axes), _AXES, strict=False):
        taps, places, stride, dilation = letters
        named |= {taps: window.taps, places: window.places}
        named |= {stride: window.stride, dilation: window.dilation}
    is_deep = len(axes) == MAX_AXES
    if groups == 1:
        return [Part(Layer.of(CONV_3D if is_deep else CONV, name, **named), count, bits)]
    shape = GROUPED_CONV_3D if is_deep else GROUPED_CONV
    return [Part(Layer.of(shape, name, G=groups, **named), count, bits)]


_AXES = (
    ("R", "P", "Wstride", "Wdilation"),
    ("S", "Q", "Hstride", "Hdilation"),
    ("T", "D", "Dstride", "Ddilation"),
)


def volume(sizes: Sequence[int]) -> int:
    """Words of a tensor."""
    return math.prod(sizes)
