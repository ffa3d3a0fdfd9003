"""The accelerator to scale: every memory and the multipliers by their area, inside one another.

Areas are those of the energy table's model (`hardware.area`). What is off the chip has none there:
it stands beside the chip, dashed, as large as it happens to fit.
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
"""Width of a chip over its height, where nobody asks for another."""

MOST_CELLS = 20_000
"""Of a mesh with more cells, the cells are not drawn one by one."""

_FILL = 0.9
"""Of the box of a unit, what lies within its margins."""

_THIN = 0.0015
"""A block that is narrower than this share of the chip's width is drawn with an edge, in front of
the others: the register of a word is thinner than a pixel."""

_PALETTE = (
    "#0173b2", "#de8f05", "#029e73", "#d55e00", "#cc78bc",
    "#ca9161", "#fbafe4", "#949494", "#ece133", "#56b4e9",
)  # fmt: skip
"""Ten colours that colour-blind readers can tell apart."""

_OUTSIDE: dict[str, Any] = {
    "facecolor": "white", "edgecolor": "0.4", "linestyle": "--", "linewidth": 0.8
}  # fmt: skip
"""How what has no area is drawn."""

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True)
class Block:
    """All that is drawn of one level, or of the multipliers.

    Args:
        name: whose.
        corners: [n, 2], lower left, mm.
        size: [2], width and height of each, mm.
    """

    name: str
    corners: Floats
    size: Floats


@dataclass(frozen=True)
class _Unit:
    """A part of the chip that comes several times, alike: own blocks, and a mesh of smaller units.

    Args:
        blocks: names and areas, mm².
        mesh: how many smaller units, along X and Y.
        child: one of these.
    """

    blocks: tuple[tuple[str, float], ...]
    mesh: tuple[int, int] = (1, 1)
    child: _Unit | None = None

    @property
    def own_mm2(self) -> float:
        """The area of its own blocks."""
        return sum(area for _, area in self.blocks)

    @property
    def children(self) -> int:
        """How many smaller units there are."""
        return 0 if self.child is None else self.mesh[0] * self.mesh[1]

    @property
    def content_mm2(self) -> float:
        """What lies within its margins."""
        inner = 0.0 if self.child is None else self.children * self.child.box_mm2
        return self.own_mm2 + inner

    @property
    def box_mm2(self) -> float:
        """With its margins."""
        return self.content_mm2 / _FILL

    def merged(self) -> _Unit:
        """The same areas without the mesh: all smaller units as if they were one."""
        if self.child is None:
            return self
        inner = self.child.merged()
        blocks = tuple((name, self.children * area) for name, area in inner.blocks)
        return _Unit(self.blocks + blocks)


def layout(hardware: Hardware, area: AreaModel, wide: float = WIDE) -> list[Block]:
    """Where everything on the chip lies, outermost level first.

    Areas of the blocks are exact: margins lie around them. What has no area is left out.

    Args:
        wide: width of the chip over its height.
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
    """The blocks of units of one kind, all as large, whose lower left corners are `corners`."""
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
    """As wide on all sides, so that just the content has room within: a quadratic equation."""
    half = size.sum() / 2
    return float(half - np.sqrt(half**2 - size.prod() + content_mm2)) / 2


def _split(unit: _Unit, size: Floats, share: float) -> int:
    """Along which axis the own blocks lie beside the mesh: so that its cells are nearly square."""
    if unit.child is None:
        return int(size[1] > size[0])
    mesh = np.array(unit.mesh)
    lengths = [size * np.where(np.arange(2) == axis, 1 - share, 1.0) / mesh for axis in (0, 1)]
    return int(np.argmin([abs(np.log(width / height)) for width, height in lengths]))


def _stack(blocks: tuple[tuple[str, float], ...], corners: Floats, size: Floats) -> Iterator[Block]:
    """Blocks side by side along the longer side."""
    total = sum(area for _, area in blocks)
    along = np.arange(2) == int(size[1] > size[0])
    for name, area in blocks:
        own = size * np.where(along, area / total, 1.0)
        yield Block(name, corners, own)
        corners = corners + own * along


def draw_blocks(hardware: Hardware, area: AreaModel, axes: Axes, wide: float = WIDE) -> Floats:
    """Draws the chip alone, in mm: `layout` in the colours of `part_colours`.

    Returns:
        [2], its width and height, mm.
    """
    colours = part_colours(hardware)
    # An energy table may give no area to anything; then there is an empty frame.
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
                # Not to whole pixels, which many narrow cells would show as a pattern.
                snap=False,
            )
        )
    axes.add_patch(Rectangle((0, 0), *size, fill=False, edgecolor="0.6", linewidth=0.6))
    # Half of the frame lies outside.
    edge = 0.004 * size[0]
    axes.set_xlim(-edge, size[0] + edge)
    axes.set_ylim(-edge, size[1] + edge)
    axes.set_aspect("equal")
    axes.set_axis_off()
    return size


def _size(mm2: float, wide: float) -> Floats:
    return np.sqrt(mm2 * np.array([wide, 1 / wide]))


def part_colours(hardware: Hardware) -> dict[str, str]:
    """The colour of the multipliers and of every level that stores something, by name."""
    names = [level.name for level in hardware.levels if level.entries]
    names.append(hardware.arithmetic.name)
    return {name: _PALETTE[number % len(_PALETTE)] for number, name in enumerate(names)}


def draw_accelerator(hardware: Hardware, area: AreaModel, axes: Axes) -> None:
    """Draws the chip with a scale, and below it what every colour is and how large."""
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
    """What the legend has, outermost level first."""
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
    """Draws levels without area to the left of the chip; returns where they begin."""
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
    """A bar of a round length below the chip, at most a quarter of its width."""
    most = float(size[0]) / 4
    power = 10.0 ** np.floor(np.log10(most))
    length = power * max(step for step in (1, 2, 5) if step * power <= most)
    below = -0.035 * float(size[0])
    axes.plot([0, length], [below, below], color="0.2", linewidth=1.5, solid_capstyle="butt")
    place = (length + 0.01 * float(size[0]), below)
    axes.annotate(f"{length:g} mm", place, va="center", fontsize="small")


def accelerator_figure(hardware: Hardware, area: AreaModel) -> Figure:
    """`draw_accelerator` on a page of its own."""
    rows = (len(hardware.levels) + 2) // 2
    title, drawn, below = 0.4, 4.0, 0.22 * rows + 0.1
    height = title + drawn + below
    # Placed by hand: a drawing that keeps its proportions leaves a layout no room for a legend.
    figure = Figure(figsize=(8, height))
    draw_accelerator(hardware, area, figure.add_axes((0.03, below / height, 0.94, drawn / height)))
    return figure


def save_accelerator(hardware: Hardware, area: AreaModel, path: Path, draft: Path) -> None:
    """Draws into the file `draft` in the format that the name of `path` asks for."""
    with mpl.rc_context({"svg.hashsalt": "codesign", "svg.fonttype": "none"}):
        kind = path.suffix[1:].lower()
        # Dates would make every drawing of the same accelerator another file.
        dates = {"pdf": {"CreationDate": None}, "svg": {"Date": None}}
        figure = accelerator_figure(hardware, area)
        figure.savefig(draft, format=kind, dpi=200, metadata=dates.get(kind))


def require_format(path: Path) -> None:
    """Refuses a picture that cannot be drawn, before anything is computed."""
    if path.suffix.lower() not in FORMATS:
        raise InputError(f"{path}: cannot draw that, expected a name in {', '.join(FORMATS)}")
