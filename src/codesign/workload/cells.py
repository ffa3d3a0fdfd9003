"""The networks of NAS-Bench-201 (Dong and Yang 2020) and of NATS-Bench's topology space.

A network is a stem, three stages of equal cells with a residual block before the second and the
third, and a classifier. A cell has four nodes; node j is the sum of an operation on each node
i < j. The text `|op~0|+|op~0|op~1|+|op~0|op~1|op~2|` gives the six operations.

Average pooling is a depthwise convolution. Batch normalisation (it folds into the convolution),
ReLU, identity, sums of nodes and global pooling cost nothing here. An edge that does not lie on a
way from the cell's input to its output computes nothing that is used, so its operation is not a
layer of the network.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from codesign.errors import InputError
from codesign.reading import shown
from codesign.workload.family import Family
from codesign.workload.layer import Layer
from codesign.workload.shape import GROUPED_CONV

NONE, SKIP, POOL = "none", "skip_connect", "avg_pool_3x3"
CONVOLUTIONS = {"nor_conv_1x1": 1, "nor_conv_3x3": 3}
"""The operations that are convolutions, with the size of their filter."""

OPERATIONS = (NONE, SKIP, *CONVOLUTIONS, POOL)
"""The operations of an edge, by the names that the benchmark gives them."""

EDGES = ((0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3))
"""The edges of a cell, from node to node, in the order of its text."""

_COSTLY = (*CONVOLUTIONS, POOL)


@dataclass(frozen=True)
class Skeleton:
    """What surrounds the cells.

    Args:
        inputs: the height and width of an image.
        classes: the number of classes.
        channels: the channels of the stages. Every stage but the first halves height and width.
        depth: the number of cells of a stage.

    Raises:
        InputError: the images are too small, so that a stage has no whole positions.
    """

    inputs: int = 32
    classes: int = 10
    channels: tuple[int, ...] = (16, 32, 64)
    depth: int = 5

    def __post_init__(self) -> None:
        halvings = len(self.channels) - 1
        if self.inputs % 2**halvings:
            raise InputError(
                f"inputs is {self.inputs}, expected a multiple of {2**halvings}, "
                f"because {halvings} stages halve it"
            )

    @functools.cached_property
    def stages(self) -> list[tuple[int, int]]:
        """Height (and width) and channels of every stage."""
        return [(self.inputs >> at, width) for at, width in enumerate(self.channels)]

    def fixed(self) -> list[Layer]:
        """The layers that every network has, each once: stem, residual blocks, classifier."""
        size, width = self.stages[0]
        layers = [Layer.conv("stem", R=3, S=3, P=size, Q=size, C=3, K=width)]
        for (size, width), (_, before) in zip(self.stages[1:], self.stages, strict=False):
            sizes = {"P": size, "Q": size, "K": width}
            stride = {"Wstride": 2, "Hstride": 2}
            layers += [
                Layer.conv(f"down-{width}", R=3, S=3, C=before, **sizes, **stride),
                Layer.conv(f"conv3x3-{width}", R=3, S=3, C=width, **sizes),
                _pooling(f"shrink-{width}", 2, size, before, **stride),
                Layer.conv(f"widen-{width}", C=before, **sizes),
            ]
        return [*layers, Layer.conv("classifier", K=self.classes, C=self.channels[-1])]

    def operation(self, name: str, stage: int) -> Layer:
        """An operation of the cells of a stage as a layer."""
        size, width = self.stages[stage]
        if name == POOL:
            return _pooling(f"pool3x3-{width}", 3, size, width)
        filter_size = CONVOLUTIONS[name]
        return Layer.conv(
            f"conv{filter_size}x{filter_size}-{width}",
            R=filter_size, S=filter_size, P=size, Q=size, C=width, K=width,
        )  # fmt: skip


def _pooling(name: str, window: int, size: int, channels: int, **stride: int) -> Layer:
    """Average pooling as accelerators for convolutions run it: as a depthwise convolution."""
    sizes = {"R": window, "S": window, "P": size, "Q": size, "G": channels}
    return Layer.of(GROUPED_CONV, name, **sizes, **stride)


def parse_cell(text: str, where: str = "cell") -> tuple[str, ...]:
    """The operations of the six edges of a cell, in the order of `EDGES`.

    Args:
        text: for example `|avg_pool_3x3~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|`.
        where: the place of the text, for messages.

    Raises:
        InputError: the text is not a cell, or has an unknown operation.
    """
    expected = "expected a text like '|op~0|+|op~0|op~1|+|op~0|op~1|op~2|'"
    nodes = text.split("+")
    found = []
    for node, part in enumerate(nodes, start=1):
        edges = part.strip("|").split("|")
        sources = [edge.rpartition("~")[2] for edge in edges]
        if sources != [str(source) for source in range(node)]:
            raise InputError(f"{where} is {shown(text)}, {expected}")
        found += [edge.rpartition("~")[0] for edge in edges]
    if len(found) != len(EDGES):
        raise InputError(f"{where} is {shown(text)}, {expected}")
    for operation in found:
        if operation not in OPERATIONS:
            known = ", ".join(OPERATIONS)
            raise InputError(f"{where}: operation {shown(operation)}, expected one of {known}")
    return tuple(found)


def live(operations: Sequence[str]) -> list[bool]:
    """For the six edges of a cell, whether each lies on a way from its input to its output."""
    used = [op != NONE for op in operations]
    reached, needed = {0}, {3}
    for (source, target), is_used in zip(EDGES, used, strict=True):
        if is_used and source in reached:
            reached.add(target)
    for (source, target), is_used in reversed(list(zip(EDGES, used, strict=True))):
        if is_used and target in needed:
            needed.add(source)
    return [
        is_used and source in reached and target in needed
        for (source, target), is_used in zip(EDGES, used, strict=True)
    ]


@functools.lru_cache(maxsize=1 << 15)
def costly(text: str, where: str = "cell") -> tuple[int, ...]:
    """How often a cell has each operation that costs something: 1×1, 3×3, pooling."""
    operations = parse_cell(text, where)
    kept = [op for op, lives in zip(operations, live(operations), strict=True) if lives]
    return tuple(kept.count(op) for op in _COSTLY)


def cell_family(
    name: str, cells: Sequence[str], quality: Sequence[float], skeleton: Skeleton | None = None
) -> Family:
    """The family of the networks that have some cells, named by the texts of these.

    Args:
        name: the family's name.
        cells: [N], the texts of the cells.
        quality: [N], their qualities.
        skeleton: what surrounds the cells; by default that of the benchmark for CIFAR-10.

    Raises:
        InputError: a text is not a cell, or a cell occurs twice.
    """
    skeleton = skeleton or Skeleton()
    layers: list[Layer] = []
    counts: list[NDArray[np.int64]] = []
    per_cell = np.array(
        [costly(text, f"{name}: cell {row}") for row, text in enumerate(cells)], np.int64
    ).reshape(len(cells), len(_COSTLY))
    for layer in skeleton.fixed():
        layers.append(layer)
        counts.append(np.ones(len(cells), np.int64))
    for stage in range(len(skeleton.channels)):
        for at, operation in enumerate(_COSTLY):
            layers.append(skeleton.operation(operation, stage))
            counts.append(per_cell[:, at] * skeleton.depth)
    merged: dict[tuple[object, ...], int] = {}
    table = np.zeros((len(cells), len(layers)), np.int64)
    for layer, column in zip(layers, counts, strict=True):
        at = merged.setdefault(layer.content, len(merged))
        table[:, at] += column
    distinct = {layer.content: layer for layer in reversed(layers)}
    return Family(
        name,
        tuple(cells),
        np.array(quality, np.float64),
        tuple(distinct[key] for key in merged),
        table[:, : len(merged)],
    )
