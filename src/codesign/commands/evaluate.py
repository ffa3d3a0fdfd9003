"""`codesign evaluate`: prices records, or a design again."""

from __future__ import annotations

import argparse
import fnmatch
import sys
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from codesign.commands.answers import add_json, print_json
from codesign.commands.options import (
    add_command,
    add_cost_options,
    add_technology,
    at_the_end,
    progress_bar,
    read_technology,
)
from codesign.errors import InputError
from codesign.paths import kind_of

_DESCRIPTION = """\
Prices mappings. It prices either every record of record files (docs/records.md), and writes a table
with one row per record; or a design, whose cost must be the one that it claims, bit for bit.
"""

_EXAMPLES = """\
  codesign evaluate --records mappings.jsonl.gz --output costs.parquet
  codesign evaluate --records a.jsonl b.jsonl --output costs.parquet --detail counts.parquet
  codesign evaluate results/dqn/design.yaml
"""

DISAGREES = 1
"""Exit code for a design with another cost than it claims."""


def add_parser(subparsers: Any) -> None:
    """Adds the command."""
    parser = add_command(
        subparsers, "evaluate", "price records, or a design again", _DESCRIPTION, _EXAMPLES
    )
    parser.add_argument(
        "design",
        metavar="DESIGN",
        nargs="?",
        type=Path,
        help="a design to price again, or its folder",
    )
    parser.add_argument(
        "--records",
        metavar="FILE",
        nargs="+",
        type=Path,
        help="record files, .jsonl or .jsonl.gz, priced one after the other",
    )
    parser.add_argument(
        "--output", metavar="FILE.parquet", type=Path, help="the table to write; one row per record"
    )
    parser.add_argument(
        "--detail",
        metavar="FILE.parquet",
        type=Path,
        help="also write counts and energies of every valid record, level and dataspace",
    )
    add_cost_options(parser, accounting=None)
    add_technology(parser, "timeloop-pat-public, or the design's own")
    add_json(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Runs the command, and returns the exit code."""
    if (options.design is None) == (options.records is None):
        raise InputError("evaluate: expected either a design or --records, and not both")
    if options.design is not None:
        return _evaluate_design(options)
    if options.output is None:
        raise InputError("evaluate: --output is missing, expected the table to write")
    _evaluate_records(options)
    return 0


def _evaluate_records(options: argparse.Namespace) -> None:
    from codesign.cost.record_table import ANSWER_TYPES, price_records
    from codesign.hardware.technology import PAT
    from codesign.store.atomic import require_distinct
    from codesign.store.provenance import run_metadata
    from codesign.store.table import table_writer

    records = [found for path in options.records for found in _record_files(path)]
    require_distinct([*records, options.output, options.detail])
    accounting = options.accounting or "timeloop"
    technology = read_technology(options.technology, PAT)
    metadata = run_metadata({"command": "evaluate"}, technology, accounting)
    counts: Counter[str] = Counter()
    with ExitStack() as stack, at_the_end(lambda: "no table was written"):
        output = stack.enter_context(table_writer(options.output, metadata, ANSWER_TYPES))
        detail = (
            stack.enter_context(table_writer(options.detail, metadata)) if options.detail else None
        )
        bar = stack.enter_context(progress_bar(None, "records"))
        for tables in price_records(
            records, accounting, technology, is_detailed=detail is not None
        ):
            output.append(tables.answers)
            if detail is not None and tables.detail is not None:
                detail.append(tables.detail)
            counts.update(tables.answers["reason"].fillna("valid"))
            bar.update(len(tables.answers))
    if options.json:
        outcomes = {key: counts[key] for key in _OUTCOMES}
        named = {"technology": technology.name, "technology_hash": technology.digest}
        total = {"records": counts.total(), **outcomes, **named, "accounting": accounting}
        print_json({**total, "output": options.output, "detail": options.detail})
        return
    told = ", ".join(f"{counts[key]} {word}" for key, word in _OUTCOMES.items() if counts[key])
    print(f"{counts.total()} records: {told}")
    print(f"energy table {technology.name}, accounting {accounting}: {options.output}")


_OUTCOMES = {
    "valid": "valid",
    "fanout": "above a fan-out",
    "capacity": "above a capacity",
}


def _record_files(path: Path) -> list[Path]:
    """The files that a path or a pattern names, or their compressed forms if those exist.

    A shell passes on a pattern that matches nothing: `*.jsonl` if all files end in `.jsonl.gz`.

    Raises:
        InputError: there is no such file.
    """
    if kind_of(path) is not None:
        return [path]
    has_folder = kind_of(path.parent) == "folder"
    beside = [each.name for each in path.parent.iterdir()] if has_folder else []
    for name in (path.name, f"{path.name}.gz"):
        found = sorted(path.parent / each for each in fnmatch.filter(beside, name))
        if found:
            names = ", ".join(each.name for each in found)
            print(f"codesign: {path} means {names}", file=sys.stderr)
            return found
    is_pattern = any(letter in path.name for letter in "*?[")
    problem = "no file matches this pattern" if is_pattern else "No such file or directory"
    raise InputError(f"{path}: {problem}")


def _evaluate_design(options: argparse.Namespace) -> int:
    from dataclasses import replace

    from codesign.store.atomic import require_distinct
    from codesign.store.design_file import load_design
    from codesign.store.provenance import run_metadata
    from codesign.store.replay import network_totals, replay
    from codesign.store.table import write_table

    if options.detail is not None:
        raise InputError("evaluate: --detail is for --records; `codesign show` details a design")
    require_distinct([options.design, options.output])
    claimed = load_design(options.design)
    technology = read_technology(options.technology, claimed.technology)
    accounting = options.accounting or claimed.accounting
    design = replace(claimed, technology=technology, accounting=accounting)
    layers = replay(design)
    if options.output is not None:
        metadata = run_metadata({"command": "evaluate"}, technology, accounting)
        write_table(layers, options.output, metadata)
    is_claim = (technology.digest, accounting) == _terms(claimed)
    if options.json:
        agrees = bool(layers["agrees"].all()) if is_claim else None
        named = {"technology": technology.name, "technology_hash": technology.digest}
        totals = {"networks": network_totals(layers), "layers": layers, "agrees": agrees}
        print_json({**named, "accounting": accounting, **totals})
        return 0 if agrees or (agrees is None and layers["valid"].all()) else DISAGREES
    columns = ["workload", "layer", "count", "energy_pj", "cycles", "edp", "utilization"]
    # All digits, so that the printed number is the computed one.
    print(layers[columns].to_string(index=False, float_format=_exactly))
    print()
    print(network_totals(layers).to_string(index=False, float_format=_exactly))
    print()
    print(f"energy table {technology.name} ({technology.digest}), accounting {accounting}")
    return _judge(layers, is_claim)


def _exactly(value: float) -> str:
    return repr(float(value))


def _terms(design: Any) -> tuple[str, str]:
    return design.technology.digest, design.accounting


def _judge(layers: Any, is_claim: bool) -> int:
    """Prints whether the claimed cost was confirmed, and returns the exit code."""
    for row in layers[~layers["valid"]].itertuples():
        print(f"{row.layer} is not valid: it breaks the {row.reason} of {row.level}")
    if not is_claim:
        print("priced by other rules than the design's claim, so the two are not compared")
        return 0 if layers["valid"].all() else DISAGREES
    wrong = layers[~layers["agrees"]]
    for row in wrong.itertuples():
        print(
            f"{row.layer} claims {row.claimed_energy_pj!r} pJ and {row.claimed_cycles!r} cycles, "
            f"but costs {row.energy_pj!r} pJ and {row.cycles!r} cycles"
        )
    if wrong.empty:
        print("the claimed cost comes out bit for bit")
    return DISAGREES if len(wrong) else 0
