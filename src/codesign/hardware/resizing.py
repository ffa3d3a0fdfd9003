"""Accelerators with other capacities and fan-outs, otherwise unchanged."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from codesign.hardware.architecture import Hardware


def entries_for(words: int, multiple_buffering: float) -> int:
    """The fewest entries that hold `words` after division by the multiple buffering."""
    entries = math.ceil(words * multiple_buffering)
    # Product and quotient round, each its own way.
    near = range(max(0, entries - 1), entries + 1)
    enough = [count for count in near if int(count / multiple_buffering) >= words]
    return enough[0] if enough else entries + 1


def resized(
    hardware: Hardware,
    entries: Sequence[int | None],
    fanouts: Sequence[tuple[int, int]],
) -> Hardware:
    """The accelerator with these words per instance and (X, Y) fan-outs, innermost level first.

    The mesh of the outermost level stays, and the others follow from the fan-outs.
    """
    outermost = hardware.levels[-1]
    mesh = (outermost.mesh_x, outermost.mesh_y)
    levels = []
    for level, words, fanout in zip(
        reversed(hardware.levels), reversed(entries), reversed(fanouts), strict=True
    ):
        resized_level = replace(level, entries=words, instances=mesh[0] * mesh[1], mesh_x=mesh[0])
        levels.append(resized_level)
        mesh = (mesh[0] * fanout[0], mesh[1] * fanout[1])
    arithmetic = replace(hardware.arithmetic, instances=mesh[0] * mesh[1], mesh_x=mesh[0])
    return replace(hardware, arithmetic=arithmetic, levels=tuple(reversed(levels)))
