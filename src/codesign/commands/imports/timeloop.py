"""`codesign import timeloop`: architectures, problems and mappings of Timeloop."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codesign.commands.options import add_command, add_cost_options, add_technology

if TYPE_CHECKING:
    from codesign.timeloop.matching import Imported

_DESCRIPTION = """\
Reads files of Timeloop (2020, and versions 0.1 to 0.4), YAML or libconfig (.cfg). An architecture
becomes an accelerator, with the dataflow that its constraints are. Problems become a network, and
an architecture with problems and mappings becomes a design. It is priced again: by accounting
timeloop-4 if its architecture is of version 0.4, else by timeloop, or as --accounting says. Files
are recognised by their keys. A folder means all such files in and below it, and files in one folder
belong together. A line says what each file became, or why it was not read (docs/timeloop.md).
One thing is written to X.yaml, several to X-NAME.yaml.
"""

_EXAMPLES = """\
  codesign import timeloop results/dqn/timeloop --output design.yaml
  codesign import timeloop arch.yaml --output my-chip.yaml
  codesign import timeloop arch.yaml layer.yaml map.yaml --output design.yaml
  codesign import timeloop example_designs/eyeriss_like --output eyeriss.yaml
"""


def add_parser(subparsers: Any) -> None:
    """Adds the source."""
    parser = add_command(
        subparsers, "timeloop", "architectures, problems, mappings", _DESCRIPTION, _EXAMPLES
    )
    parser.add_argument("files", metavar="FILE", nargs="+", type=Path, help="files or folders")
    parser.add_argument(
        "--output", metavar="X.yaml", type=Path, required=True, help="the file to write"
    )
    add_cost_options(parser, accounting=None)
    add_technology(parser, "that of codesign.yaml, or Timeloop's own")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Runs the command; returns the exit code."""
    from codesign.hardware.technology import load_technology
    from codesign.store.atomic import require_distinct
    from codesign.store.write import write_any
    from codesign.timeloop.load import import_files

    require_distinct([*options.files, options.output])
    technology = None if options.technology is None else load_technology(options.technology)
    read = import_files(options.files, options.output.stem, technology, options.accounting)
    outputs = _outputs(read.found, options.output)
    for output in outputs:
        require_distinct([*read.files, output])
    is_one_of_many = len(read.files) > 1
    for file, told in read.files.items() if is_one_of_many else ():
        print(told if file in read.refused else f"{file}: {told}")
    for one, output in zip(read.found, outputs, strict=True):
        flows = [one.dataflow] if one.dataflow.rules else []
        content = one.content
        if len(outputs) > 1:
            content = replace(content, name=output.stem)
        what = write_any(content, output, flows)
        print(f"{what} {content.name}: {output}")
        for note in one.notes:
            print(f"  {note}")
    return 0


def _outputs(found: Sequence[Imported], output: Path) -> list[Path]:
    """A file for each: the output itself if there is only one, or names that distinguish them."""
    if len(found) == 1:
        return [output]
    from codesign.timeloop.file_names import LONGEST, distinct, plain

    kinds = [one.kind for one in found]
    labels = [
        one.kind if kinds.count(one.kind) == 1 else f"{one.kind}-{one.label}" for one in found
    ]
    stems = distinct([f"{output.stem}-{plain(label)[:LONGEST]}" for label in labels])
    return [output.with_name(stem + output.suffix) for stem in stems]
