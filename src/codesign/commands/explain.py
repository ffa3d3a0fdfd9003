"""What `codesign map --explain` says: one screen a layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from codesign.cost.breakdown import break_down
from codesign.mapping.nest import nest_text
from codesign.space.explain import (
    best_drawn,
    count_rejections,
    enlarged,
    nearest_point,
    needs,
    relaxed,
)
from codesign.space.mapping_space import MapSpace

if TYPE_CHECKING:
    from codesign.hardware.files import Chip
    from codesign.space.explain import Need, Rejections
    from codesign.workload.layer import Layer

MOST_RULES = 8
"""Rules that are listed; the rest are added up."""


def explain_layer(
    layer: Layer, chip: Chip, dataflow: str, seed: int, is_brief: bool = False
) -> tuple[str, bool]:
    """Why a layer has the mappings it has, and whether it has any.

    The same arguments give the same text.

    Args:
        layer, chip, dataflow: what is mapped, on what, and how.
        seed: of the draws.
        is_brief: whether a layer that has mappings gets a line only.
    """
    rng = np.random.default_rng(seed)
    space = MapSpace(layer, chip.hardware, chip.dataflow(dataflow))
    lines = [f"{layer.name} on {chip.hardware.name}, dataflow {dataflow}"]
    if space.problem is None:
        lines[0] += ": mappings exist"
    else:
        lines[0] += f": no mapping, {space.problem}"
    rejections = count_rejections(space, rng)
    if is_brief and space.problem is None and rejections is not None:
        return f"{lines[0]}, {_share(rejections)}", True
    if rejections is not None:
        lines += ["", *_rejections(rejections)]
    found = needs(space)
    if found:
        lines += ["", "words that a level must hold for any mapping, and what it has:"]
        lines += [_need(need) for need in reversed(found)]
    if space.problem is not None:
        lines += ["", *_ways_out(space, chip, found, rng)]
    return "\n".join(lines), space.problem is None


def _rejections(found: Rejections) -> list[str]:
    lines = [_share(found)]
    listed = found.rules.most_common(MOST_RULES)
    for (rule, level, what), count in listed:
        told = f"fan-out of {level} along {what}" if rule == "fanout" else _capacity(level, what)
        lines.append(f"  {count:6d}  break the {told}")
    rest = found.drawn - found.valid - sum(count for _, count in listed)
    return [*lines, f"  {rest:6d}  break others"] if rest else lines


def _share(found: Rejections) -> str:
    share = 100 * found.valid / found.drawn
    return f"of {found.drawn} drawn at random, {found.valid} fit ({share:.3g} %)"


def _capacity(level: str, what: str) -> str:
    return f"capacity of {level}" + (
        ", its dataspaces together" if what == "together" else f", {what} alone"
    )


def _need(need: Need) -> str:
    parts = ", ".join(f"{name} {count}" for name, count in need.words.items()) or "keeps nothing"
    has = "no bound" if need.entries is None else str(need.entries)
    is_short = need.entries is not None and need.least_entries > need.entries
    line = f"  {need.level}: {need.least_entries} of {has} ({parts})"
    line += f"  << smallest buffer: {need.least_entries}" if is_short else ""
    for axis, has_fan, least in zip("XY", need.fanout, need.least_fanout, strict=True):
        if least > has_fan:
            line += f"  << smallest fan-out along {axis}: {least}, it has {has_fan}"
    return line


def _ways_out(
    space: MapSpace, chip: Chip, found: list[Need], rng: np.random.Generator
) -> list[str]:
    """What to change: the mapping, the accelerator, or the point of its space."""
    lines = []
    shown = None
    for given_up, wider in relaxed(space.layer, space.hardware, space.dataflow):
        lines.append(f"it fits without {given_up}")
        shown = shown or (given_up, wider)
    if found:
        larger = MapSpace(space.layer, enlarged(chip.hardware, found), space.dataflow)
        changed = ", ".join(need.level for need in found if not need.is_met)
        if larger.problem is None:
            lines.append(f"it fits with {changed} changed as said above, and all else as it is")
            shown = shown or (f"the present {changed}", larger)
    near = nearest_point(chip, [space.layer], space.dataflow.name, rng)
    if near is not None:
        before = chip.template.point
        changes = [
            f"{name}={value:g} (now {before[name]:g})"
            for name, value in near[0].values
            if before[name] != value
        ]
        lines.append("the nearest accelerator of its space that would do: " + " ".join(changes))
    elif chip.template.has_choice:
        lines.append("no accelerator of its space was found that would do")
    if shown is not None:
        given_up, wider = shown
        mapping, edp = best_drawn(wider, chip, rng)
        lines += ["", f"a mapping without {given_up}, EDP {edp:.4g} pJ·cycles:"]
        parts = break_down(space.layer, wider.hardware, mapping, chip.technology)
        lines.append(nest_text(mapping, wider.hardware, parts.tile_words))
    return lines or ["nothing simple was found that would make it fit"]
