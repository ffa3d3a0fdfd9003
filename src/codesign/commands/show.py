"""`codesign show`: a design as text and as a picture."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codesign.commands.answers import add_json, print_json
from codesign.commands.options import add_command

if TYPE_CHECKING:
    from codesign.cost.breakdown import Breakdown
    from codesign.store.design import Design, LayerDesign

_DESCRIPTION = """\
Shows a design: the accelerator; for every layer its loop nest (outermost loop first, with the words
of the tile that every level keeps), the parts of its energy, and the level that limits its speed;
and the totals over layers.
"""

NOTATIONS = ("codesign", "timeloop")

_REST = "rest of the chip"
"""The row of the static energy that belongs to no level."""

_EXAMPLES = """\
  codesign show results/dqn/design.yaml
  codesign show results/dqn/design.yaml --layer DQN-K1
  codesign show results/dqn/design.yaml --notation timeloop
  codesign show results/dqn/design.yaml --usage --minimal least.yaml
  codesign show results/dqn/design.yaml --picture accelerator.pdf
"""


def add_parser(subparsers: Any) -> None:
    """Adds the command."""
    parser = add_command(subparsers, "show", "show a design", _DESCRIPTION, _EXAMPLES)
    parser.add_argument(
        "design", metavar="DESIGN", type=Path, help="a design.yaml, or the folder that has it"
    )
    parser.add_argument("--layer", metavar="L", help="one of its layers (default: all of them)")
    parser.add_argument(
        "--usage",
        action="store_true",
        help="show instead what the mappings use of every level, and what may be smaller",
    )
    parser.add_argument(
        "--minimal",
        metavar="FILE.yaml",
        type=Path,
        help="also write the design on the smallest accelerator that runs it as fast",
    )
    parser.add_argument(
        "--notation",
        choices=NOTATIONS,
        default="codesign",
        help="notation of loop nests: codesign's own, or that of Timeloop's map.txt",
    )
    parser.add_argument(
        "--picture",
        metavar="FILE",
        type=Path,
        help="also draw the accelerator to scale by area, as .png, .pdf or .svg",
    )
    add_json(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Runs the command, and returns the exit code."""
    from codesign.store.design_file import load_design

    if options.picture is not None:
        from codesign.extras import needs

        with needs("drawing", "--picture"):
            from codesign.drawing.accelerator import require_format

        require_format(options.picture)
    design = load_design(options.design)
    layers = _chosen(design, options.layer)
    _write_files(options, design)
    if options.json:
        print_json(_fields(design, layers, options.usage))
        return 0
    _show_head(design)
    if options.usage:
        from codesign.commands.usage import usage_text

        print(f"\n{usage_text(design)}")
        return 0
    for name, entry in layers:
        _show_layer(design, name, entry, options.notation)
    if options.layer is None:
        from codesign.commands.results import total_lines

        print("\ntotals over layers\n  " + "\n  ".join(total_lines(design)))
    return 0


def _fields(
    design: Design, layers: list[tuple[str, LayerDesign]], is_usage: bool
) -> dict[str, Any]:
    """The fields that `--json` prints."""
    from codesign.commands.fields import design_fields, layer_fields, usage_fields

    if is_usage:
        return design_fields(design) | usage_fields(design)
    return design_fields(design) | {"layers": [layer_fields(design, *each) for each in layers]}


def _write_files(options: argparse.Namespace, design: Design) -> None:
    from codesign.store.atomic import replacing, require_distinct
    from codesign.store.design_file import write_design
    from codesign.store.usage import on_minimal_hardware

    require_distinct([options.design, options.picture, options.minimal])
    if options.picture is not None:
        from codesign.drawing.accelerator import save_accelerator

        with replacing(options.picture) as draft:
            save_accelerator(design.hardware, design.technology.area, options.picture, draft)
    if options.minimal is not None:
        write_design(on_minimal_hardware(design), options.minimal)


def _show_head(design: Design) -> None:
    from codesign.hardware.drawing import hardware_text

    technology = design.technology
    print(f"{design.name}: energy table {technology.name}, accounting {design.accounting}")
    if design.origin:
        print("found by " + ", ".join(f"{key} {value}" for key, value in design.origin.items()))
    print(f"\n{hardware_text(design.hardware)}")
    _show_area(design)
    if design.point.values:
        print("\n" + " ".join(f"{name}={value}" for name, value in design.point.values))


def _chosen(design: Design, layer: str | None) -> list[tuple[str, LayerDesign]]:
    from codesign.errors import InputError
    from codesign.reading import closest

    every = [(network.name, entry) for network in design.networks for entry in network.layers]
    if layer is None:
        return every
    found = [(name, entry) for name, entry in every if entry.layer.name == layer]
    if not found:
        names = [entry.layer.name for _, entry in every]
        known = ", ".join(names)
        raise InputError(
            f"{design.name}: no layer {layer!r}{closest(layer, names)}; it has {known}"
        )
    return found


def _show_area(design: Design) -> None:
    parts = design.technology.area.parts_mm2(design.hardware)
    told = ", ".join(f"{name} {mm2:.3g}" for name, mm2 in reversed(parts.items()) if mm2)
    print(f"\narea {sum(parts.values()):.4g} mm²: {told or 'nothing'}")


def _show_layer(design: Design, network: str, entry: LayerDesign, notation: str) -> None:
    from codesign.cost.breakdown import break_down
    from codesign.factors import ANY
    from codesign.mapping.nest import nest_text, timeloop_text

    layer = entry.layer
    times = f", {entry.count} times in the network" if entry.count > 1 else ""
    run = entry.mapping.padded(layer)
    if run != layer:
        more = f"{run.described}, {100 * (run.macs / layer.macs - 1):.3g} % more operations"
        is_partial = design.factors == ANY
        times += f"; last iterations are partial, padded it would be {more}" * is_partial
        times += f"; runs as {more}" * (not is_partial)
    parts = break_down(
        layer, design.hardware, entry.mapping, design.technology, design.accounting, design.factors
    )
    print(f"\n{network}, {layer.name}: {layer.described}{layer.told_widths}{times}\n")
    write = timeloop_text if notation == "timeloop" else nest_text
    print(write(entry.mapping, design.hardware, parts.tile_words))
    _show_costs(parts)


def _show_costs(parts: Breakdown) -> None:
    import pandas as pd

    energy = parts.energy_pj.copy()
    if parts.static_pj.any() or parts.chip_static_pj:
        energy["static"] = parts.static_pj
        rest = pd.DataFrame({"static": parts.chip_static_pj}, index=[_REST])
        energy = pd.concat([energy, rest]).fillna(0.0)
    energy["all"] = energy.sum(axis=1)
    energy.loc["all"] = energy.sum()
    total = float(energy["all"].iloc[-1])
    energy["share"] = (100 * energy["all"] / total) if total else 0.0
    energy["cycles"] = parts.cycles.reindex(energy.index)
    pace_cycles = int(parts.cycles.max())
    delay = pace_cycles + parts.late_cycles
    energy.loc["all", "cycles"] = delay
    energy["cycles"] = energy["cycles"].astype("Int64").astype(str).replace("<NA>", "")
    form = {name: "{:.4g}".format for name in energy.columns if name != "cycles"}
    form["share"] = "{:.1f} %".format
    computing = parts.cycles.index[-1]
    slowest = parts.cycles.index[parts.cycles == pace_cycles]
    pace = computing if computing in slowest else ", ".join(slowest)
    print(f"\nenergy in pJ, cycles that each level needs (utilization {parts.utilization:.3f})")
    print(energy.to_string(formatters=form))
    if parts.late_cycles:
        print(f"{parts.late_cycles} of the {delay} cycles are for filling and draining")
    print(f"{total:.6g} pJ × {delay} cycles = {total * delay:.6g} pJ·cycles; {pace} set the pace")
