"""`codesign list`: everything that has a name."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from codesign.commands.answers import add_json, print_json
from codesign.commands.options import add_command

_DESCRIPTION = """\
Lists everything that commands and configs know by name, one line each: networks, chips, energy
tables, search methods, and the results of the study. Your own files are listed as well: those in
the folders workloads, hardware and technology of config/ in the working directory, and of the
folder that CODESIGN_CONFIG names.
"""

_EXAMPLES = """\
  codesign list
  codesign list networks
  codesign list chips --json
"""

Entry = dict[str, Any]
"""One line of the list: `name`, `about` and `source`, and numbers that depend on the kind."""


def add_parser(subparsers: Any) -> None:
    """Adds the command."""
    parser = add_command(
        subparsers, "list", "list everything that has a name", _DESCRIPTION, _EXAMPLES
    )
    parser.add_argument(
        "kind", metavar="KIND", nargs="?", choices=list(KINDS), help=", ".join(KINDS)
    )
    add_json(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Runs the command, and returns the exit code."""
    kinds = [options.kind] if options.kind else list(KINDS)
    found = {kind: KINDS[kind]() for kind in kinds}
    if options.json:
        print_json(found)
    else:
        print("\n\n".join(_text(kind, entries) for kind, entries in found.items()))
    return 0


def _text(kind: str, entries: list[Entry]) -> str:
    width = max((len(entry["name"]) for entry in entries), default=0)
    # If all have the same source, it is left out.
    is_mixed = len({entry.get("source") for entry in entries}) > 1
    lines = [f"  {entry['name']:{width}}  {_told(entry, is_mixed)}".rstrip() for entry in entries]
    return "\n".join([kind, *lines])


def _told(entry: Entry, is_mixed: bool) -> str:
    if "problem" in entry:
        return f"cannot be read: {entry['problem']}"
    parts = [entry["size"]] if entry.get("size") else []
    parts += [entry["about"]] if entry["about"] else []
    place = f" ({entry['source']})" if is_mixed else ""
    return "; ".join(parts) + place


def _networks() -> list[Entry]:
    from codesign.display import plural, si
    from codesign.workload import load_workload

    def describe(path: Path) -> Entry:
        network = load_workload(path)
        layers, macs = sum(network.counts), network.macs
        size = f"{plural(layers, 'layer')}, {si(macs)} MACs"
        return {"layers": layers, "macs": macs, "size": size}

    return _files("workloads", describe)


def _chips() -> list[Entry]:
    from codesign.display import plural
    from codesign.hardware.files import load_chip

    def describe(path: Path) -> Entry:
        chip = load_chip(path)
        hardware, searched = chip.hardware, list(chip.template.searched)
        size = f"{plural(hardware.pes, 'MAC')}, {plural(len(hardware.levels), 'level')}"
        size += f", {plural(len(searched), 'parameter')} to search" if searched else ""
        return {
            "macs": hardware.pes,
            "levels": len(hardware.levels),
            "parameters": searched,
            "dataflows": list(chip.dataflows),
            "size": size,
        }

    return _files("hardware", describe)


def _tables() -> list[Entry]:
    from codesign.hardware.technology import load_technology

    def describe(path: Path) -> Entry:
        return {"hash": load_technology(path).digest}

    return _files("technology", describe)


def _files(kind: str, describe: Callable[[Path], Entry]) -> list[Entry]:
    """The lines for the files of a kind. A file that cannot be read is listed with the reason."""
    from codesign.errors import InputError
    from codesign.reading import read_yaml
    from codesign.shipped import names

    found = []
    for named in names(kind):
        entry: Entry = {"name": named.name, "about": "", "source": named.source}
        try:
            entry |= describe(named.path)
            entry["about"] = read_yaml(named.path).text("description", "")
        except InputError as error:
            entry["problem"] = str(error)
        found.append(entry)
    return found


def _methods() -> list[Entry]:
    from codesign.search.registry import METHODS

    found = []
    for method in METHODS.values():
        parts = [method.label]
        parts += ["proves what it finds; for mappings only"] if method.proves else []
        parts += [] if method.knows_constraints else ["does not know constraints"]
        parts += [method.citation] if method.citation else []
        found.append(
            {
                "name": method.name,
                "about": "; ".join(parts),
                "proves": method.proves,
                "knows_constraints": method.knows_constraints,
                "citation": method.citation or None,
            }
        )
    return found


def _results() -> list[Entry]:
    from codesign.study.registry import RESULTS

    return [{"name": name, "about": result.title} for name, result in RESULTS.items()]


KINDS: dict[str, Callable[[], list[Entry]]] = {
    "networks": _networks,
    "chips": _chips,
    "tables": _tables,
    "methods": _methods,
    "results": _results,
}
"""The kinds of lists, each with the function that makes it."""
