"""Designs that are published with Timeloop 4, exported again and compared with what is published.

Usage: python benchmarks/timeloop_export.py FOLDER… [--front-end PYTHON]

Every folder, such as a checkout of a public repository, is searched for what Timeloop's front end
leaves, `parsed-processed-input.yaml` with a mapping in it or beside it. Each design is imported and
exported as version 0.4. Every key that is written must occur in a file of version 0.4 in the
folders, and the export must read back as the same layer with the same cycles.
PYTHON is a Python that can import `timeloopfe` and `accelergy`. With it, Timeloop's own front end
reads the exported files, and what it makes of them is compared with the published files, component
by component and key by key.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from codesign.errors import InputError
from codesign.store.design import Design
from codesign.timeloop import import_files
from codesign.timeloop.export import export_design
from codesign.timeloop.source import TAG, read_source
from codesign.timeloop.structure import INSERTED, count_of, plain_name
from codesign.timeloop.templates import DUMP

FRONT_END = """
import sys
import timeloopfe.v4 as timeloop
from timeloopfe.common import backend_calls
specification = timeloop.Specification.from_yaml_files(*sys.argv[2:])
text = backend_calls._specification_to_yaml_string(specification, for_model=True)
open(sys.argv[1], "w").write(text)
"""
"""What the front end does before it calls Timeloop."""

PARTS = ("architecture", "problem", "mapping")


def keys_in(value: Any, place: str = "") -> Iterator[str]:
    """Every key with its place: the keys above it, in which an entry of a list is `[]`."""
    if isinstance(value, list):
        for item in value:
            yield from keys_in(item, f"{place}[]")
    elif isinstance(value, dict):
        for key, item in value.items():
            # Sizes and dimensions have names of their own.
            name = f"{place}.{key}" if place != "problem.instance" else f"{place}.*"
            if key != TAG:
                yield name
                yield from keys_in(item, name)


def keys_of(file: Path) -> set[str]:
    """The keys of a file of version 0.4, if it is one."""
    try:
        data = read_source(file).data
    except InputError:
        return set()
    return {key for part in PARTS if part in data for key in keys_in(data[part], part)}


def components(file: Path) -> dict[str, tuple[int, dict[str, Any]]]:
    """Instances and attributes of every component in a file of the front end, by name."""
    node = read_source(file).data["architecture"]
    found = {}
    while node is not None:
        for entry in node.get("local") or ():
            if not INSERTED.match(plain_name(entry["name"])):
                attributes = {"class": entry["class"], **(entry.get("attributes") or {})}
                found[plain_name(entry["name"])] = (count_of(entry["name"], str(file)), attributes)
        (node,) = node.get("subtree") or (None,)
    return found


def compare(published: Path, ours: Path) -> Iterator[str]:
    """How the components of two files of the front end differ."""
    theirs, mine = components(published), components(ours)
    if list(theirs) != list(mine):
        yield f"components: {', '.join(mine)} for {', '.join(theirs)}"
    for name in theirs.keys() & mine.keys():
        (count, given), (other, written) = theirs[name], mine[name]
        if count != other:
            yield f"instances: {other} for {count}"
        for key in sorted(given.keys() | written.keys()):
            before, after = (str(each.get(key, "nothing")) for each in (given, written))
            if before != after:
                yield f"{key}: {after} for {before}"


def same(design: Design, paths: list[Path]) -> bool:
    """Whether files import as the only layer of a design, with its cycles."""
    (entry,) = design.networks[0].layers
    (one,) = import_files(paths, design.name, accounting=design.accounting).found
    assert isinstance(one.content, Design)
    (other,) = one.content.networks[0].layers
    return other.layer.content == entry.layer.content and other.cycles == entry.cycles


def check(folder: Path, known: set[str], front_end: str | None, told: Counter[str]) -> str:
    """Exports one published design; counts how it differs and returns how it went."""
    try:
        found = [one.content for one in import_files([folder], folder.name).found]
    except InputError as error:
        return f"not read: {str(error)[-70:]}"
    designs = [each for each in found if isinstance(each, Design)]
    if len(designs) != 1:
        return "no design"
    with tempfile.TemporaryDirectory() as text:
        (name,) = export_design(designs[0], Path(text) / "files", "timeloop-v0.4")
        files = sorted((Path(text) / "files" / name).iterdir())
        new = set().union(*map(keys_of, files)) - known
        if new:
            return f"keys that no published file has: {', '.join(sorted(new))}"
        if not same(designs[0], files):
            return "it reads back as something else"
        if front_end is None:
            return "exported"
        dump = Path(text) / DUMP
        command = [front_end, "-c", FRONT_END, str(dump), *map(str, files)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            return f"the front end stops: {done.stderr.strip().splitlines()[-1]}"
        if not same(designs[0], [dump]):
            return "what the front end makes of it reads back as something else"
        told.update(compare(folder / DUMP, dump))
    return "exported, and read by the front end"


def main() -> None:
    """Checks the designs in the folders that are named."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", metavar="FOLDER", nargs="+", type=Path)
    parser.add_argument("--front-end", metavar="PYTHON", help="a Python with timeloopfe")
    options = parser.parse_args()
    files = [file for folder in options.folders for file in sorted(folder.rglob("*.yaml"))]
    known = set().union(*map(keys_of, files))
    told: Counter[str] = Counter()
    went = Counter[str]()
    for folder in sorted({file.parent for file in files if file.name == DUMP}):
        how = check(folder, known, options.front_end, told)
        went[how] += 1
        print(f"{folder}: {how}")
    print(*(f"{times} {how}" for how, times in went.most_common()), sep="\n")
    print(*(f"  {times} components, {how}" for how, times in told.most_common()), sep="\n")


if __name__ == "__main__":
    main()
