"""`codesign export`: a design in the files of another tool."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from codesign.commands.options import add_command

FORMATS = ("timeloop", "timeloop-v0.4")
"""The same as in `codesign.timeloop.export`, whose import would take too long for a help text."""

_DESCRIPTION = """\
Writes a design for another tool: for every layer, a folder with architecture.yaml, problem.yaml and
mapping.yaml. The timeloop-model of 2020 accepts the files of `timeloop` and gives the same costs;
`timeloop-v0.4` is the form of Timeloop 4. codesign.yaml has what they cannot say (names, counts,
energy table), for `codesign import` (docs/timeloop.md).
"""

_EXAMPLES = """\
  codesign export --format timeloop results/dqn/design.yaml results/dqn/timeloop
  codesign export --format timeloop-v0.4 results/dqn/design.yaml results/dqn/timeloop-v0.4
"""


def add_parser(subparsers: Any) -> None:
    """Adds the command."""
    parser = add_command(
        subparsers, "export", "write a design for Timeloop", _DESCRIPTION, _EXAMPLES
    )
    parser.add_argument("--format", choices=FORMATS, required=True, help="the format of the files")
    parser.add_argument("design", metavar="DESIGN.yaml", type=Path, help="the design to write")
    parser.add_argument(
        "folder", metavar="DIR", type=Path, help="the folder to write to; made if it is missing"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Runs the command, and returns the exit code."""
    from codesign.store.design_file import load_design
    from codesign.timeloop.export import export_design, padding_told

    design = load_design(options.design)
    names = export_design(design, options.folder, options.format)
    for name in names:
        print(options.folder / name)
    for told in padding_told(design):
        print(told)
    return 0
