"""`codesign import timeloop`: architectures, problems and mappings of Timeloop."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codesign.commands.options import add_command, add_technology

if TYPE_CHECKING:
    from codesign.timeloop.matching import Imported

_DESCRIPTION = """\
Reads YAML files of Timeloop (2020, and versions 0.1 to 0.4) and writes what they are: an
architecture becomes an accelerator, with the dataflow that its constraints are; problems become a
network; and an architecture with problems and mappings becomes a design, priced again. Files are
known by their keys; a folder stands for all YAML files in and below it, and what lies in one folder
belongs together. A line says what each file became, or why it was not read (docs/timeloop.md).
One thing is written to X.yaml, several to X-NAME.yaml.
"""

_EXAMPLES = """\
  codesign import timeloop results/dqn/timeloop --output design.yaml
  codesign import timeloop arch.yaml --output my-chip.yaml
  codesign import timeloop arch.yaml layer.yaml map.yaml --output design.yaml
  codesign import timeloop example_designs/eyeriss_like --output eyeriss.yaml
"""


_SPECIAL = re.compile(r"[^\w.+-]+")
"""What the names of files that are written do not have."""


def add_parser(subparsers: Any) -> None:
    """Adds the source."""
    parser = add_command(
        subparsers, "timeloop", "architectures, problems, mappings", _DESCRIPTION, _EXAMPLES
    )
    parser.add_argument("files", metavar="FILE", nargs="+", type=Path, help="files or folders")
    parser.add_argument(
        "--output", metavar="X.yaml", type=Path, required=True, help="the file to write"
    )
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
    read = import_files(options.files, options.output.stem, technology)
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
    kinds = [one.kind for one in found]
    stems: list[str] = []
    for one in found:
        label = one.kind if kinds.count(one.kind) == 1 else f"{one.kind}-{one.label}"
        stem = f"{output.stem}-{_SPECIAL.sub('_', label)[:80]}"
        twins = sum(other == stem or other.startswith(f"{stem}~") for other in stems)
        stems.append(f"{stem}~{twins + 1}" if twins else stem)
    return [output.with_name(stem + output.suffix) for stem in stems]
