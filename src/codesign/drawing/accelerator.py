"""A drawing of an accelerator to scale: nested memories and multipliers by their areas.

Areas are those of the energy table's area model (`hardware.area`). Levels without an area, such as
off-chip memory, are drawn beside the chip with dashed lines, not to scale.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle
from numpy.typing import NDArray

from codesign.display import cut, plural
from codesign.errors import InputError
from codesign.hardware.architecture import Hardware, StorageLevel
from codesign.hardware.area import AreaModel

FORMATS = (".png", ".pdf", ".svg")

WIDE = 2.0
"""The default width of a chip divided by its height."""

MOST_CELLS = 20_000
"""The cells of a mesh with more cells are not drawn one by one."""

_FILL = 0.9
"""The share of a unit's box within its margins."""

_THIN = 0.0015
"""A block narrower than this share of the chip's width is drawn with an edge, in front of the
others, because it may be narrower than a pixel."""

_PALETTE = (
    "#0173b2", "#de8f05", "#029e73", "#d55e00", "#cc78bc",
    "#ca9161", "#fbafe4", "#949494", "#ece133", "#56b4e9",
)  # fmt: skip
"""Ten colours that colour-blind readers can distinguish."""

_OUTSIDE: dict[str, Any] = {
    "facecolor": "white", "edgecolor": "0.4", "linestyle": "--", "linewidth": 0.8
}  # fmt: skip
"""The style of levels without an area."""

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True)
class Block:
    """All rectangles of one level, or of the multipliers.

    Args:
        name: the name of the level or of the multipliers.
        corners: [n, 2], lower left corners in mm.
        size: [2], width and height of each rectangle in mm.
    """

    name: str
    corners: Floats
    size: Floats


@dataclass(frozen=True)
class _Unit:
    """A repeated part of the chip: its own blocks, and a mesh of equal smaller units.

    Args:
        blocks: names and areas in mm² of its own blocks.
        mesh: the number of smaller units along X and Y.
        child: the smaller unit, if there is one.
    """

    blocks: tuple[tuple[str, float], ...]
    mesh: tuple[int, int] = (1, 1)
    child: _Unit | None = None

    @property
    def own_mm2(self) -> float:
        """The area of its own blocks in mm²."""
        return sum(area for _, area in self.blocks)

    @property
    def children(self) -> int:
        """The number of smaller units."""
        return 0 if self.child is None else self.mesh[0] * self.mesh[1]

    @property
    def content_mm2(self) -> float:
        """The area within its margins in mm²."""
        inner = 0.0 if self.child is None else self.children * self.child.box_mm2
        return self.own_mm2 + inner

    @property
    def box_mm2(self) -> float:
        """The area with its margins in mm²."""
        return self.content_mm2 / _FILL

    def merged(self) -> _Unit:
        """The unit without a mesh, with all smaller units joined into blocks."""
        if self.child is None:
            return self
        inner = self.child.merged()
        blocks = tuple((name, self.children * area) for name, area in inner.blocks)
        return _Unit(self.blocks + blocks)


def layout(hardware: Hardware, area: AreaModel, wide: float = WIDE) -> list[Block]:
    """The places of all blocks on the chip, outermost level first.

    The areas of blocks are exact; margins are around them. Levels without an area are left out.

    Args:
        hardware, area: the accelerator, and the area model.
        wide: the width of the chip divided by its height.
    """
    chip = _chip(hardware, area)
    return list(_place(chip, np.zeros((1, 2)), _size(chip.box_mm2, wide)))


def _chip(hardware: Hardware, area: AreaModel) -> _Unit:
    arithmetic = hardware.arithmetic
    unit = _Unit(((arithmetic.name, area.mac(arithmetic.word_bits) / 1e6),))
    for level, fanout in zip(hardware.levels, hardware.fanouts, strict=True):
        own = area.memory(level) / 1e6
        blocks = ((level.name, own),) if own > 0 else ()
        if fanout == (1, 1):
            unit = _Unit(blocks + unit.blocks, unit.mesh, unit.child)
        else:
            unit = _Unit(blocks, fanout, unit)
    outermost = hardware.levels[-1]
    if outermost.instances > 1:
        unit = _Unit((), (outermost.mesh_x, outermost.mesh_y), unit)
    return unit


def _place(unit: _Unit, corners: Floats, size: Floats) -> Iterator[Block]:
    """The blocks of equal units with lower left corners `corners` and size `size`."""
    if unit.content_mm2 <= 0:
        return
    if len(corners) * unit.children > MOST_CELLS:
        unit = unit.merged()
    margin = _margin(size, unit.content_mm2)
    corners, size = corners + margin, size - 2 * margin
    share = unit.own_mm2 / unit.content_mm2
    axis = _split(unit, size, share)
    own = size * np.where(np.arange(2) == axis, share, 1.0)
    yield from _stack(unit.blocks, corners, own)
    if unit.child is None:
        return
    mesh = np.array(unit.mesh)
    cell = (size - own * (np.arange(2) == axis)) / mesh
    steps = np.moveaxis(np.indices(unit.mesh), 0, -1).reshape(-1, 2) * cell
    starts = corners + own * (np.arange(2) == axis)
    yield from _place(unit.child, (starts[:, np.newaxis] + steps).reshape(-1, 2), cell)


def _margin(size: Floats, content_mm2: float) -> float:
    """The width of equal margins that leave exactly the content's area, by a quadratic equation."""
    half = size.sum() / 2
    return float(half - np.sqrt(half**2 - size.prod() + content_mm2)) / 2


def _split(unit: _Unit, size: Floats, share: float) -> int:
    """The axis along which the own blocks are beside the mesh, so that its cells are nearly
    square."""
    if unit.child is None:
        return int(size[1] > size[0])
    mesh = np.array(unit.mesh)
    lengths = [size * np.where(np.arange(2) == axis, 1 - share, 1.0) / mesh for axis in (0, 1)]
    return int(np.argmin([abs(np.log(width / height)) for width, height in lengths]))


def _stack(blocks: tuple[tuple[str, float], ...], corners: Floats, size: Floats) -> Iterator[Block]:
    """Places blocks side by side along the longer side."""
    total = sum(area for _, area in blocks)
    along = np.arange(2) == int(size[1] > size[0])
    for name, area in blocks:
        own = size * np.where(along, area / total, 1.0)
        yield Block(name, corners, own)
        corners = corners + own * along


def draw_blocks(hardware: Hardware, area: AreaModel, axes: Axes, wide: float = WIDE) -> Floats:
    """Draws only the chip, in mm: `layout` in the colours of `part_colours`.

    Returns:
        [2], its width and height in mm.
    """
    colours = part_colours(hardware)
    # If the energy table gives no area to anything, the frame is empty.
    size = _size(_chip(hardware, area).box_mm2 or 1.0, wide)
    for block in sorted(layout(hardware, area, wide), key=lambda block: -block.size.min()):
        width, height = block.size
        outline = np.array([[0, 0], [width, 0], [width, height], [0, height]])
        colour = colours[block.name]
        axes.add_collection(
            PolyCollection(
                block.corners[:, np.newaxis] + outline,
                facecolor=colour,
                edgecolor=colour,
                linewidth=0.5 if block.size.min() < _THIN * size[0] else 0.0,
                # Rounding to whole pixels would make a pattern of many narrow cells.
                snap=False,
            )
        )
    axes.add_patch(Rectangle((0, 0), *size, fill=False, edgecolor="0.6", linewidth=0.6))
    # Half of the frame's width is outside of the chip.
    edge = 0.004 * size[0]
    axes.set_xlim(-edge, size[0] + edge)
    axes.set_ylim(-edge, size[1] + edge)
    axes.set_aspect("equal")
    axes.set_axis_off()
    return size


def _size(mm2: float, wide: float) -> Floats:
    return np.sqrt(mm2 * np.array([wide, 1 / wide]))


def part_colours(hardware: Hardware) -> dict[str, str]:
    """The colours of the multipliers and of every level with storage, by name."""
    names = [level.name for level in hardware.levels if level.entries]
    names.append(hardware.arithmetic.name)
    return {name: _PALETTE[number % len(_PALETTE)] for number, name in enumerate(names)}


def draw_accelerator(hardware: Hardware, area: AreaModel, axes: Axes) -> None:
    """Draws the chip with a scale, and below it a legend with the area of every part."""
    size = draw_blocks(hardware, area, axes)
    outside = [v for v in reversed(hardware.levels) if v.entries != 0 and area.memory(v) <= 0]
    left = _draw_outside(axes, size, outside)
    _draw_scale(axes, size)
    axes.set_xlim(left, axes.get_xlim()[1])
    axes.set_ylim(-0.06 * size[0], axes.get_ylim()[1])
    axes.legend(
        handles=_keys(hardware, area),
        loc="upper center",
        bbox_to_anchor=(0.5, 0.0),
        ncols=2,
        frameon=False,
        fontsize="small",
    )
    axes.set_title(f"{cut(hardware.name, 60)}: {area.mm2(hardware):.4g} mm²")


def _keys(hardware: Hardware, area: AreaModel) -> list[Patch]:
    """The entries of the legend, outermost level first."""
    parts, colours = area.parts_mm2(hardware), part_colours(hardware)
    keys = []
    for level in reversed(hardware.levels):
        mm2 = parts[level.name]
        times = f" × {level.instances}" if level.instances > 1 else ""
        if mm2 > 0:
            label = f"{cut(level.name, 24)}: {plural(level.entries or 0, 'word')}{times}"
            keys.append(Patch(color=colours[level.name], label=f"{label}, {mm2:.3g} mm²"))
        elif level.entries != 0:
            place = "off the chip" if level.technology == "DRAM" else "no area is known"
            label = f"{cut(level.name, 24)}{times}: {place}, not to scale"
            keys.append(Patch(label=label, **_OUTSIDE))
    arithmetic = hardware.arithmetic
    label = f"{cut(arithmetic.name, 24)}: {arithmetic.instances} of {arithmetic.word_bits} bit"
    mm2 = parts[arithmetic.name]
    return [*keys, Patch(color=colours[arithmetic.name], label=f"{label}, {mm2:.3g} mm²")]


def _draw_outside(axes: Axes, size: Floats, levels: Sequence[StorageLevel]) -> float:
    """Draws levels without an area to the left of the chip. Returns the left end in mm."""
    width, gap = 0.05 * size[0], 0.015 * size[0]
    left = -0.004 * float(size[0])
    for level in reversed(levels):
        left -= width + gap
        axes.add_patch(Rectangle((left, 0), width, float(size[1]), **_OUTSIDE))
        place = (left + width / 2, float(size[1]) / 2)
        axes.annotate(
            cut(level.name, 24), place, rotation=90, ha="center", va="center", fontsize="small"
        )
    return left - 0.004 * float(size[0])


def _draw_scale(axes: Axes, size: Floats) -> None:
    """Draws a bar of a round length below the chip, at most a quarter of its width."""
    most = float(size[0]) / 4
    power = 10.0 ** np.floor(np.log10(most))
    length = power * max(step for step in (1, 2, 5) if step * power <= most)
    below = -0.035 * float(size[0])
    axes.plot([0, length], [below, below], color="0.2", linewidth=1.5, solid_capstyle="butt")
    place = (length + 0.01 * float(size[0]), below)
    axes.annotate(f"{length:g} mm", place, va="center", fontsize="small")


def accelerator_figure(hardware: Hardware, area: AreaModel) -> Figure:
    """A figure of its own with `draw_accelerator`."""
    rows = (len(hardware.levels) + 2) // 2
    title, drawn, below = 0.4, 4.0, 0.22 * rows + 0.1
    height = title + drawn + below
    # Placed by hand: an automatic layout leaves no room for the legend of a fixed-ratio drawing.
    figure = Figure(figsize=(8, height))
    draw_accelerator(hardware, area, figure.add_axes((0.03, below / height, 0.94, drawn / height)))
    return figure


def save_accelerator(hardware: Hardware, area: AreaModel, path: Path, draft: Path) -> None:
    """Writes the figure to the file `draft`, in the format of the suffix of `path`."""
    with mpl.rc_context({"svg.hashsalt": "codesign", "svg.fonttype": "none"}):
        kind = path.suffix[1:].lower()
        # Without dates, equal accelerators give equal files.
        dates = {"pdf": {"CreationDate": None}, "svg": {"Date": None}}
        figure = accelerator_figure(hardware, area)
        figure.savefig(draft, format=kind, dpi=200, metadata=dates.get(kind))


def require_format(path: Path) -> None:
    """Checks that a figure can be written to `path`, before anything is computed.

    Raises:
        InputError: its suffix is not in `FORMATS`.
    """
    if path.suffix.lower() not in FORMATS:
        raise InputError(f"{path}: unknown format of a drawing, expected {', '.join(FORMATS)}")
