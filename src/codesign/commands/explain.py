"""The output of `codesign map --explain`: one screen per layer."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from codesign.accounting import accounting_for
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
"""The number of rules that are listed; the counts of the others are added up."""


@dataclass(frozen=True)
class Explanation:
    """Why a layer has few mappings or none, and which changes would help.

    Args:
        layer, hardware, dataflow: the names of the layer, the accelerator and the dataflow.
        problem: why there is no mapping; None if there is one.
        rejections: the counts of raw draws; None if nothing can be drawn.
        needs: what every level must have, innermost first.
        without: rules of the dataflow without which the layer fits.
        with_larger: levels that it is enough to enlarge as in `needs`; None if that does not help.
        nearest: the changed parameters of the nearest accelerator of the chip's space on which the
            layer fits, with their present values; None if none was found.
        has_space: whether the chip has such a space.
        example: a mapping with the first of these changes.
    """

    layer: str
    hardware: str
    dataflow: str
    problem: str | None
    rejections: Rejections | None
    needs: list[Need]
    without: list[str] = field(default_factory=list)
    with_larger: list[str] | None = None
    nearest: dict[str, tuple[float, float]] | None = None
    has_space: bool = False
    example: Example | None = None

    def fields(self) -> dict[str, Any]:
        """The explanation as fields for `--json`."""
        found = self.rejections
        return {
            "layer": self.layer,
            "hardware": self.hardware,
            "dataflow": self.dataflow,
            "problem": self.problem,
            "draws": None if found is None else {
                "drawn": found.drawn,
                "valid": found.valid,
                "broken": [
                    {"rule": rule, "level": level, "what": what, "count": count}
                    for (rule, level, what), count in found.rules.most_common()
                ],
            },
            "needs": [asdict(need) for need in self.needs],
            "fits_without": self.without,
            "fits_with_larger": self.with_larger,
            "nearest": None if self.nearest is None else {
                name: {"value": value, "now": now} for name, (value, now) in self.nearest.items()
            },
            "example": None if self.example is None else asdict(self.example),
        }  # fmt: skip


@dataclass(frozen=True)
class Example:
    """A mapping that exists after a change, with its EDP in pJ·cycles."""

    without: str
    edp: float
    nest: str


def explain_layer(layer: Layer, chip: Chip, dataflow: str, seed: int) -> Explanation:
    """Explains the map-space of a layer. Equal arguments give equal answers.

    Args:
        layer, chip, dataflow: the layer, the chip, and the name of the dataflow.
        seed: the seed of the draws.
    """
    rng = np.random.default_rng(seed)
    space = MapSpace(layer, chip.hardware, chip.dataflow(dataflow))
    found = Explanation(
        layer.name,
        chip.hardware.name,
        dataflow,
        space.problem,
        count_rejections(space, rng),
        needs(space),
    )
    return found if space.problem is None else _with_ways_out(found, space, chip, rng)


def explanation_text(found: Explanation, is_brief: bool = False) -> str:
    """An explanation as text: one screen.

    Args:
        explanation: the explanation.
        is_brief: whether a layer with mappings gets only one line.
    """
    lines = [f"{found.layer} on {found.hardware}, dataflow {found.dataflow}"]
    if found.problem is None:
        lines[0] += ": mappings exist"
    else:
        lines[0] += f": no mapping, {found.problem}"
    if is_brief and found.problem is None and found.rejections is not None:
        return f"{lines[0]}, {_share(found.rejections)}"
    if found.rejections is not None:
        lines += ["", *_rejections(found.rejections)]
    if found.needs:
        lines += ["", "words that a level must hold for any mapping, and what it has:"]
        lines += [_need(need) for need in reversed(found.needs)]
    if found.problem is not None:
        lines += ["", *_ways_out(found)]
    return "\n".join(lines)


def _rejections(found: Rejections) -> list[str]:
    lines = [_share(found)]
    listed = found.rules.most_common(MOST_RULES)
    for (rule, level, what), count in listed:
        told = f"fan-out of {level} along {what}" if rule == "fanout" else _capacity(level, what)
        lines.append(f"  {count:6d}  break the {told}")
    rest = found.drawn - found.valid - sum(count for _, count in listed)
    return [*lines, f"  {rest:6d}  break other rules"] if rest else lines


def _share(found: Rejections) -> str:
    share = 100 * found.valid / found.drawn
    return f"of {found.drawn} random mappings, {found.valid} fit ({share:.3g} %)"


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


def _ways_out(found: Explanation) -> list[str]:
    """Lines on possible changes: of the dataflow, the accelerator, or the point of its space."""
    lines = [f"it fits without {given_up}" for given_up in found.without]
    if found.with_larger is not None:
        changed = ", ".join(found.with_larger)
        lines.append(f"it fits with {changed} changed as said above, and everything else unchanged")
    if found.nearest is not None:
        changes = [f"{name}={to:g} (now {now:g})" for name, (to, now) in found.nearest.items()]
        lines.append("the nearest accelerator of its space on which it fits: " + " ".join(changes))
    elif found.has_space:
        lines.append("no accelerator of its space was found on which it fits")
    if found.example is not None:
        told = f"a mapping without {found.example.without}, EDP {found.example.edp:.4g} pJ·cycles:"
        lines += ["", told, found.example.nest]
    return lines or ["no simple change was found with which it fits"]


def _with_ways_out(
    found: Explanation, space: MapSpace, chip: Chip, rng: np.random.Generator
) -> Explanation:
    ways = relaxed(space.layer, space.hardware, space.dataflow)
    shown = ways[0] if ways else None
    larger = None
    if found.needs:
        larger_space = MapSpace(space.layer, enlarged(chip.hardware, found.needs), space.dataflow)
        if larger_space.problem is None:
            larger = [need.level for need in found.needs if not need.is_met]
            shown = shown or (f"the present {', '.join(larger)}", larger_space)
    near = nearest_point(chip, [space.layer], space.dataflow.name, rng)
    nearest = None
    if near is not None:
        before = chip.template.point
        nearest = {
            name: (value, before[name]) for name, value in near[0].values if before[name] != value
        }
    example = None
    if shown is not None:
        given_up, wider = shown
        mapping, edp = best_drawn(wider, chip, rng)
        parts = break_down(
            space.layer,
            wider.hardware,
            mapping,
            chip.technology,
            accounting_for(chip.factors),
            chip.factors,
        )
        example = Example(given_up, edp, nest_text(mapping, wider.hardware, parts.tile_words))
    return replace(
        found,
        without=[given_up for given_up, _ in ways],
        with_larger=larger,
        nearest=nearest,
        has_space=chip.template.has_choice,
        example=example,
    )
