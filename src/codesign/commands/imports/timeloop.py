"""`codesign import timeloop`: architectures, problems and mappings of Timeloop."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from codesign.commands.options import add_command, add_technology

_DESCRIPTION = """\
Reads YAML files of Timeloop (2020, or 0.4 for architectures and problems). An architecture becomes
an accelerator, problems become a network, and an architecture with problems and mappings becomes a
design, which is priced again. Files are recognised by their keys. A folder means all YAML files in
and below it, and files in one folder belong together (docs/timeloop.md).
"""

_EXAMPLES = """\
  codesign import timeloop results/dqn/timeloop --output design.yaml
  codesign import timeloop arch.yaml --output my-chip.yaml
  codesign import timeloop arch.yaml layer.yaml map.yaml --output design.yaml
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
    add_technology(parser, "that of codesign.yaml, or Timeloop's own")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Runs the command, and returns the exit code."""
    from codesign.hardware.technology import load_technology
    from codesign.store.atomic import require_distinct
    from codesign.store.write import write_any
    from codesign.timeloop.load import import_files

    require_distinct([*options.files, options.output])
    technology = None if options.technology is None else load_technology(options.technology)
    found = import_files(options.files, options.output.stem, technology)
    what = write_any(found, options.output)
    print(f"{what} {found.name}: {options.output}")
    return 0
