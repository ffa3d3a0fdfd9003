"""The accelerator to scale: on-chip memories as areas in proportion to their bits."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from codesign.errors import InputError
from codesign.hardware.architecture import Hardware, StorageLevel

FORMATS = (".png", ".pdf", ".svg")
_HEIGHT = 1.0
_GAP = 0.08
_CELL_MARGIN = 0.06


def draw_accelerator(hardware: Hardware, axes: Axes) -> None:
    """Draws the memories (`draw_memories`) with their names and sizes."""
    for left, width, text in draw_memories(hardware, axes):
        _label(axes, left, width, text)
    stored, colors = _stored(hardware), level_colours(hardware)
    handles = [Rectangle((0, 0), 1, 1, color=colors[level.name]) for level in stored]
    names = [f"{level.name}: {level.entries} words × {level.instances}" for level in stored]
    if handles:
        axes.legend(
            handles,
            names,
            loc="upper center",
            bbox_to_anchor=(0.5, -0.02),
            ncols=2,
            frameon=False,
            fontsize="small",
        )
    axes.set_title(hardware.name)


def level_colours(hardware: Hardware) -> dict[str, tuple[float, float, float]]:
    """The colour of every level that stores something, by its name."""
    names = [level.name for level in _stored(hardware)]
    return dict(zip(names, sns.color_palette("colorblind"), strict=False))


def _stored(hardware: Hardware) -> list[StorageLevel]:
    return [level for level in hardware.levels if level.entries]


def draw_memories(hardware: Hardware, axes: Axes) -> list[tuple[float, float, str]]:
    """Draws the levels that a PE has of its own inside the mesh of PEs, the others beside it.

    The area of a memory is in proportion to its bits, all instances together; the multipliers,
    whose area the model may not know, are left out, and DRAM is off the chip. Returns the blocks
    from left to right: left end, width, and what they are.
    """
    stored, colors = _stored(hardware), level_colours(hardware)
    local = [level for level in stored if level.instances == hardware.pes]
    shared = [level for level in stored if level not in local]
    blocks = []
    # A bit is as wide in every block, since all blocks are equally high.
    scale = 2.0 * _HEIGHT / max(1, sum(_bits(level) for level in stored))
    left = 0.0
    for level in reversed(shared):
        rows = level.mesh_y
        width = scale * _bits(level)
        _draw_mesh(axes, left, width, (level.mesh_x, rows), [level], colors)
        blocks.append((left, width, _title(level)))
        left += width + _GAP
    if local:
        width = scale * sum(_bits(level) for level in local)
        mesh = (hardware.arithmetic.mesh_x, hardware.pes // hardware.arithmetic.mesh_x)
        _draw_mesh(axes, left, width, mesh, local, colors)
        blocks.append((left, width, f"{mesh[0]} × {mesh[1]} PEs"))
        left += width + _GAP
    axes.set_xlim(-_GAP, max(left, _GAP))
    axes.set_ylim(-_GAP, _HEIGHT + 2 * _GAP)
    axes.set_aspect("equal")
    axes.set_axis_off()
    return blocks


def save_accelerator(hardware: Hardware, path: Path, draft: Path) -> None:
    """Draws into the file `draft` in the format that the name of `path` asks for."""
    with mpl.rc_context({"svg.hashsalt": "codesign", "svg.fonttype": "none"}):
        figure = Figure(figsize=(8, 4.5), layout="constrained")
        draw_accelerator(hardware, figure.add_subplot())
        kind = path.suffix[1:].lower()
        # Dates would make every drawing of the same accelerator another file.
        dates = {"pdf": {"CreationDate": None}, "svg": {"Date": None}}
        figure.savefig(draft, format=kind, dpi=200, metadata=dates.get(kind))


def require_format(path: Path) -> None:
    """Refuses a picture that cannot be drawn, before anything is computed."""
    if path.suffix.lower() not in FORMATS:
        raise InputError(f"{path}: cannot draw that, expected a name in {', '.join(FORMATS)}")


def _bits(level: StorageLevel) -> int:
    return (level.entries or 0) * level.word_bits * level.instances


def _title(level: StorageLevel) -> str:
    kib = (level.entries or 0) * level.word_bits * level.instances / 8192
    return f"{level.name}\n{kib:g} KiB"


def _label(axes: Axes, left: float, width: float, text: str) -> None:
    place = (left + width / 2, _HEIGHT + _GAP / 3)
    axes.annotate(text, place, ha="center", va="bottom", fontsize="small")


def _draw_mesh(
    axes: Axes,
    left: float,
    width: float,
    mesh: tuple[int, int],
    levels: Sequence[StorageLevel],
    colors: dict[str, tuple[float, float, float]],
) -> None:
    """A mesh of equal cells, each split among `levels` by their bits."""
    size = np.array([width / mesh[0], _HEIGHT / mesh[1]])
    corners = np.array([left, 0.0]) + np.moveaxis(np.indices(mesh), 0, -1).reshape(-1, 2) * size
    inner = (1 - 2 * _CELL_MARGIN) * size
    total = sum(_bits(level) for level in levels)
    bottom = _CELL_MARGIN * size
    for level in levels:
        block = inner * [1, _bits(level) / total]
        outline = bottom + block * [[0, 0], [1, 0], [1, 1], [0, 1]]
        axes.add_collection(
            PolyCollection(
                corners[:, np.newaxis] + outline,
                facecolor=colors.get(level.name, "0.5"),
                linewidth=0,
                # Not to whole pixels, which many narrow cells would show as a pattern.
                snap=False,
            )
        )
        bottom = bottom + block * [0, 1]
