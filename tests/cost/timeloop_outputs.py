"""Reads the output of a run of Timeloop 4: the problem, the mapping, and the counts.

The public exercises of Timeloop have folders with `parsed-processed-input.yaml`, `*.map.txt` and
`*.stats.txt`. The mapping is the loop nest of the second, with the levels that it names; meshes
are as large as the mapping fills them, since nothing that is compared here depends on idle
instances.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from codesign.hardware import Arithmetic, Hardware, StorageLevel
from codesign.mapping import LevelMapping, Mapping
from codesign.workload import Axis, Dataspace, Layer, ProblemShape

LOOP = re.compile(r"for (\w) in \[0:(\d+)\)(?: \(Spatial-([XY])\))?")
LEVEL = re.compile(r"(\w+) \[(.*)\]")
COUNT = re.compile(r"Scalar (reads|fills|updates) \(per-instance\) +: (\d+)")
BANDWIDTH = re.compile(r"(Shared|Read|Write) bandwidth +: ([\d.]+)")

Count = tuple[int, int, int, int]
"""Words of the tile, reads, fills and updates, per instance."""


@dataclass(frozen=True)
class Published:
    """A run of Timeloop: what was priced, and the counts by level and dataspace."""

    layer: Layer
    hardware: Hardware
    mapping: Mapping
    cycles: int
    counts: dict[tuple[str, str], Count]


def runs(folder: Path) -> Iterator[tuple[str, Path]]:
    """The dense runs below a folder, by name."""
    for path in sorted(folder.rglob("parsed-processed-input.yaml")):
        if re.search(r"/ref[-_]outputs?/", str(path)) and not _is_sparse(path):
            yield str(path.parent.relative_to(folder)), path.parent


def _is_sparse(path: Path) -> bool:
    data = yaml.safe_load(path.read_text())
    if (data.get("sparse_optimizations") or {}).get("targets"):
        return True
    return bool(data["problem"]["instance"].get("densities"))


def read_run(folder: Path) -> Published:
    """One run of Timeloop, with its counts."""
    layer = _layer(yaml.safe_load((folder / "parsed-processed-input.yaml").read_text())["problem"])
    stats = next(folder.glob("*.stats.txt")).read_text()
    names, mapping = _mapping(next(folder.glob("*.map.txt")).read_text(), layer)
    blocks = _levels_of(stats)
    cycles = re.search(r"^Cycles: (\d+)", stats, re.MULTILINE)
    assert cycles is not None
    counts = {
        (level, space): found
        for level in names
        for space in layer.shape.dataspace_names
        if (found := _counts(blocks.get(level, ""), space)) is not None
    }
    return Published(layer, _hardware(names, mapping, blocks), mapping, int(cycles[1]), counts)


def _layer(problem: dict[str, Any]) -> Layer:
    shape, instance = problem["shape"], problem["instance"]
    spaces = []
    for space in shape["data_spaces"]:
        axes = [
            Axis(tuple((term[0], term[1] if len(term) > 1 else None) for term in terms))
            for terms in space["projection"]
        ]
        spaces.append(Dataspace(space["name"], tuple(axes), bool(space.get("read_write"))))
    names = tuple(each["name"] for each in shape["coefficients"])
    defaults = {each["name"]: each["default"] for each in shape["coefficients"]}
    found = ProblemShape("published", tuple(shape["dimensions"]), names, tuple(spaces))
    values = {name: instance[name] for name in found.dimensions}
    values |= {name: instance.get(name, defaults[name]) for name in names}
    return Layer.of(found, "layer", **values)


def _mapping(text: str, layer: Layer) -> tuple[list[str], Mapping]:
    """Names of levels and their mapping, innermost first; the text is outermost first."""
    names: list[str] = []
    loops: dict[str, list[re.Match[str]]] = {}
    kept: dict[str, str] = {}
    for line in text.splitlines():
        if level := LEVEL.match(line):
            names.insert(0, level[1])
            loops[level[1]], kept[level[1]] = [], level[2]
        elif loop := LOOP.search(line):
            loops[names[0]].insert(0, loop)
        else:
            assert " for " not in line, f"a loop that this test does not read: {line}"
    levels = []
    for name in names:
        temporal = tuple((loop[1], int(loop[2])) for loop in loops[name] if not loop[3])
        spatial = tuple((loop[1], loop[3], int(loop[2])) for loop in loops[name] if loop[3])
        spaces = layer.shape.dataspace_names
        bypass = frozenset(space for space in spaces if f"{space}:" not in kept[name])
        levels.append(LevelMapping(temporal, spatial, bypass))
    return names, Mapping(tuple(levels))


def _levels_of(stats: str) -> dict[str, str]:
    """What is written of every level, by its name."""
    parts = re.split(r"^=== (\w+) ===$", stats, flags=re.MULTILINE)
    found: dict[str, str] = {}
    for name, text in zip(parts[1::2], parts[2::2], strict=True):
        found.setdefault(name, text)
    return found


def _counts(text: str, space: str) -> Count | None:
    start = text.find(f"\n    {space}:\n")
    if start < 0:
        return None
    end = re.compile(r"\n    \w+:\n").search(text, start + 1)
    block = text[start : end.start() if end else len(text)]
    size = re.search(r"Utilized capacity +: (\d+)", block)
    assert size is not None
    words = {found[1]: int(found[2]) for found in COUNT.finditer(block)}
    return int(size[1]), words["reads"], words["fills"], words["updates"]


def _hardware(names: list[str], mapping: Mapping, blocks: dict[str, str]) -> Hardware:
    x = y = 1
    levels: list[StorageLevel] = []
    for name, level in zip(reversed(names), reversed(mapping.levels), strict=True):
        text = blocks.get(name, "")
        rates = {found[1]: float(found[2]) for found in BANDWIDTH.finditer(text)}
        levels.insert(
            0,
            StorageLevel(
                name, None, instances=x * y, mesh_x=x,
                read_bandwidth=rates.get("Read"), write_bandwidth=rates.get("Write"),
                shared_bandwidth=rates.get("Shared"),
                technology="DRAM" if "Technology                      : DRAM" in text else "SRAM",
            ),
        )  # fmt: skip
        for _, axis, bound in level.spatial:
            x, y = (x * bound, y) if axis == "X" else (x, y * bound)
    return Hardware("published", Arithmetic("MACs", x * y, x), tuple(levels))
