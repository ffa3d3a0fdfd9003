"""`codesign compare`: several designs side by side."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codesign.commands.answers import add_json, print_json
from codesign.commands.options import add_command

if TYPE_CHECKING:
    import pandas as pd

    from codesign.store.comparison import Comparison
    from codesign.store.design import Design

_DESCRIPTION = """\
Compares designs: the energy-delay product, energy, delay and area of each, also relative to the
first; the differences between their accelerators; and the energy-delay product layer by layer. A
design is a design.yaml, or the folder to which `map` or `search` wrote it.
"""

_EXAMPLES = """\
  codesign map --workload dqn --hardware eyeriss-168 --output results/dqn
  codesign search --workload dqn --hardware-space eyeriss-168 --hardware-trials 10 \\
      --output results/dqn-found
  codesign compare results/dqn results/dqn-found
  codesign compare results/dqn results/dqn-found --json
"""


def add_parser(subparsers: Any) -> None:
    """Adds the command."""
    parser = add_command(subparsers, "compare", "compare designs or runs", _DESCRIPTION, _EXAMPLES)
    parser.add_argument(
        "designs", metavar="DESIGN", type=Path, nargs="+", help="design.yaml files, or folders"
    )
    add_json(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Runs the command, and returns the exit code."""
    from codesign.store.comparison import compare

    found = compare(_load(options.designs))
    if options.json:
        print_json(
            {
                "designs": found.totals,
                "hardware": found.hardware,
                "layers": found.layers,
                "notes": found.notes,
            }
        )
    else:
        print(_text(found))
    return 0


def _load(paths: list[Path]) -> dict[str, Design]:
    from codesign.errors import InputError
    from codesign.store.design_file import load_design

    designs: dict[str, Design] = {}
    for path in paths:
        if str(path) in designs:
            raise InputError(f"compare: {path} is given twice, expected each design once")
        designs[str(path)] = load_design(path)
    return designs


def _text(found: Comparison) -> str:
    totals = found.totals
    names = list(totals["design"])
    numbered = [f"{number}  {name}" for number, name in enumerate(names, start=1)]
    table = totals.assign(design=numbered)
    heads = {"edp": "EDP, pJ·cycles", "energy_pj": "energy, pJ", "area_mm2": "area, mm²"}
    form = {
        **dict.fromkeys(["edp", "energy_pj", "cycles", "area_mm2"], "{:.6g}".format),
        **{f"{cost}_ratio": _times for cost in ("edp", "energy_pj", "cycles", "area_mm2")},
    }
    shown = _formatted(table, form)
    for cost in ("edp", "energy_pj", "cycles", "area_mm2"):
        shown[cost] = shown[cost] + "  " + shown.pop(f"{cost}_ratio")
    parts = [_aligned(shown.rename(columns=heads))]
    if len(found.hardware):
        numbers = {name: str(number) for number, name in enumerate(names, start=1)}
        differing = found.hardware.rename(columns=numbers).astype(object)
        told = differing.where(differing.notna(), "–").map(_told)
        parts.append("hardware\n" + _aligned(told, words=2))
    else:
        parts.append("hardware: the same in all designs")
    columns = [c for c in map(str, found.layers.columns) if c.startswith(("edp ", "ratio "))]
    layer_form = {c: _times if c.startswith("ratio") else "{:.6g}".format for c in columns}
    layers = _formatted(found.layers, layer_form).drop(columns="ratio 1").map(str)
    parts.append("layers, EDP of one execution in pJ·cycles\n" + _aligned(layers, words=2))
    parts += [f"note: {note}" for note in found.notes]
    return "\n\n".join(parts)


def _formatted(frame: pd.DataFrame, form: dict[str, Any]) -> pd.DataFrame:
    """The table with numbers as text, and dashes for unknown values."""
    texts = {
        name: ["–" if value != value else write(value) for value in frame[name]]
        for name, write in form.items()
    }
    return frame.assign(**texts)


def _told(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _times(value: float) -> str:
    return f"{value:.4g}×"


def _aligned(frame: pd.DataFrame, words: int = 1) -> str:
    """A table of texts, with the first `words` columns aligned left and the others right."""
    cells = [list(map(str, frame.columns)), *frame.to_numpy().tolist()]
    widths = [max(len(str(row[i])) for row in cells) for i in range(len(cells[0]))]
    lines = []
    for row in cells:
        padded = [
            str(cell).ljust(width) if i < words else str(cell).rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(padded).rstrip())
    return "\n".join(lines)
