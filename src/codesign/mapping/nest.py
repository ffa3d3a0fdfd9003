"""A mapping as text: its loop nest, outermost loop first."""

from __future__ import annotations

from collections.abc import Mapping as Names
from collections.abc import Sequence

from codesign.hardware.architecture import Hardware
from codesign.mapping.mapping import LevelMapping, Mapping


def nest_text(mapping: Mapping, hardware: Hardware, tile_words: Names[tuple[int, str], int]) -> str:
    """The loop nest in a form like Timeloop's, one loop per line.

    For each level, a line names what it keeps, and below it are its loops, each indented more
    than the one before.

    Args:
        mapping, hardware: what to show.
        tile_words: words of the tile by (level index, dataspace), for those that a level keeps.
    """
    titles = []
    for index, level in enumerate(hardware.levels):
        kept = [f"{name} {words}" for (at, name), words in tile_words.items() if at == index]
        titles.append(f"{level.name}  [{', '.join(kept) if kept else 'keeps nothing'}]")
    return _nest(mapping, titles)


def bare_nest_text(mapping: Mapping) -> str:
    """The loop nest without an accelerator: levels say what they bypass instead of tile sizes."""
    titles = []
    for name, level in zip(mapping.level_names, mapping.levels, strict=True):
        bypass = f"  [bypasses {', '.join(sorted(level.bypass))}]" if level.bypass else ""
        titles.append(f"{name}{bypass}")
    return _nest(mapping, titles)


def _nest(mapping: Mapping, titles: Sequence[str]) -> str:
    lines: list[str] = []
    depth = 0
    for title, level in zip(reversed(titles), reversed(mapping.levels), strict=True):
        lines.append(title)
        for loop in _loops(level):
            lines.append(f"| {'  ' * depth}{loop}")
            depth += 1
    lines.append(f"| {'  ' * depth}multiply-accumulate")
    return "\n".join(lines)


def timeloop_text(
    mapping: Mapping, hardware: Hardware, tile_words: Names[tuple[int, str], int]
) -> str:
    """The loop nest in the notation of Timeloop's `map.txt`; arguments as for `nest_text`.

    For a level without temporal loops, Timeloop writes a loop of bound 1; this text has no loop.
    """
    blocks: list[str] = []
    depth = 0
    for index in reversed(range(len(hardware.levels))):
        kept = [f"{name}:{words} " for (level, name), words in tile_words.items() if level == index]
        title = f"{hardware.levels[index].name} [ {''.join(kept)}]"
        lines = [title, "-" * len(title)]
        level = mapping.levels[index]
        loops = [f"for {d} in [0:{bound})" for d, bound in reversed(level.temporal) if bound > 1]
        for axis in "YX":
            loops += [
                f"for {d} in [0:{bound}) (Spatial-{axis})"
                for d, along, bound in reversed(level.spatial)
                if along == axis and bound > 1
            ]
        for loop in loops:
            lines.append(f"| {'  ' * depth}{loop}")
            depth += 1
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def _loops(level: LevelMapping) -> list[str]:
    """The loops of a level, outermost first: the temporal ones, then Y, then X."""
    temporal = [f"for {d} in 0..{bound - 1}" for d, bound in level.temporal if bound > 1]
    spatial = [
        f"parallel for {d} in 0..{bound - 1}  (mesh-{axis})"
        for wanted in "XY"
        for d, axis, bound in level.spatial
        if axis == wanted and bound > 1
    ]
    return [*reversed(temporal), *reversed(spatial)]
