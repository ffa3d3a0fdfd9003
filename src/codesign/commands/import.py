"""`codesign import`: converts files of other tools. Every source is a module of `imports`."""  # noqa: N999 - called as the command is

from __future__ import annotations

import importlib
from typing import Any

from codesign.commands.options import add_command

SOURCES = ("onnx", "timeloop")
"""Modules of `codesign.commands.imports`, each with `add_parser(subparsers)` and `run(options)`."""

_DESCRIPTION = "Reads the files of another tool and writes files of codesign (docs/files.md)."

_EXAMPLES = """\
  codesign import onnx model.onnx --output network.yaml
  codesign import timeloop exported/ --output design.yaml
  codesign import timeloop problem.yaml --output network.yaml
"""


def add_parser(subparsers: Any) -> None:
    """Adds the command with all its sources."""
    parser = add_command(
        subparsers, "import", "read the files of another tool", _DESCRIPTION, _EXAMPLES
    )
    sources = parser.add_subparsers(
        metavar="SOURCE", required=True, title="sources (each has its own --help)"
    )
    for name in SOURCES:
        importlib.import_module(f"codesign.commands.imports.{name}").add_parser(sources)
