"""Exports of version 0.4 against a file in the forms of Timeloop's published examples, key by key.

`benchmarks/timeloop_export.py` compares with the published examples themselves.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from benchmarks.timeloop_export import check, compare, keys_of
from codesign.store.design import Design
from codesign.timeloop import export_design
from codesign.timeloop.source import TAG, read_source
from codesign.timeloop.templates import DUMP
from tests.timeloop.forms import DUMP as DUMPED
from tests.timeloop.forms import PROBLEM
from tests.timeloop.importing import imported, write

ARCHITECTURE = """\
architecture:
  version: 0.4
  nodes:
  - !Container
    name: system
    attributes: {technology: "45nm", global_cycle_seconds: 1.0e-09}
  - !Component
    name: DRAM
    class: DRAM
    attributes: {width: 64, datawidth: 8, block_size: 8}
  - !Component
    name: glb
    class: SRAM
    attributes: {depth: 512, width: 64, datawidth: 8, block_size: 8, read_bandwidth: 16.0,
                 write_bandwidth: 8.0}
    constraints:
      dataspace: {bypass: [Weights]}
  - !Container
    name: column
    spatial: {meshX: 15}
  - !Container
    name: PE
    spatial: {meshY: 4}
  - !Component
    name: spad
    class: regfile
    attributes: {depth: 16, width: 8, datawidth: 8, block_size: 1}
  - !Component
    name: mac
    class: intmac
    attributes: {multiplier_width: 8, adder_width: 8}
"""

MAPPING = """\
mapping:
- {target: DRAM, type: dataspace, keep: [Weights, Inputs, Outputs], bypass: []}
- {target: DRAM, type: temporal, factors: [C=1, M=2, P=1], permutation: [M, C, P]}
- {target: glb, type: dataspace, keep: [Inputs, Outputs], bypass: [Weights]}
- {target: glb, type: temporal, factors: [C=1, M=1, P=1], permutation: [C, M, P]}
- {target: column, type: spatial, factors: [C=1, M=15, P=1], permutation: [M, C, P], split: 3}
- {target: PE, type: spatial, factors: [C=4, M=1, P=1], permutation: [C, M, P], split: 0}
- {target: spad, type: dataspace, keep: [Weights, Inputs, Outputs], bypass: []}
- {target: spad, type: temporal, factors: [C=2, M=1, P=4], permutation: [P, C, M]}
"""


@pytest.fixture
def exported(tmp_path: Path) -> dict[str, Path]:
    """The files of the export of a published design, by stem."""
    design = imported(write(tmp_path, all=ARCHITECTURE + PROBLEM + MAPPING), "published")
    assert isinstance(design, Design)
    (name,) = export_design(design, tmp_path / "exported", "timeloop-v0.4")
    return {path.stem: path for path in (tmp_path / "exported" / name).iterdir()}


def renamed(value: Any) -> Any:
    """Containers get names from what is outside of them, since no design holds the published."""
    names = {"glb_to_X": "column", "glb_to_Y": "PE"}
    if isinstance(value, dict):
        return {key: renamed(each) for key, each in value.items()}
    if isinstance(value, list):
        return [renamed(each) for each in value]
    return names.get(value, value) if isinstance(value, str) else value


def test_the_architecture_is_the_published_one(exported: dict[str, Path], tmp_path: Path) -> None:
    """Every node with its tag, every key with its value, every directive of the mapping."""
    published = read_source(tmp_path / "all.yaml").data
    for part in "architecture", "mapping":
        written = renamed(read_source(exported[part]).data[part])
        assert written == published[part]
        assert list(written) == list(published[part])
    nodes = read_source(exported["architecture"]).data["architecture"]["nodes"]
    assert [node[TAG] for node in nodes] == [
        *("!Container", "!Component", "!Component", "!Container", "!Container"),
        *("!Component", "!Component"),
    ]


def test_the_problem_is_the_published_one(exported: dict[str, Path], tmp_path: Path) -> None:
    """But for densities of one, which are none."""
    published = read_source(tmp_path / "all.yaml").data["problem"]
    del published["instance"]["densities"]

    assert read_source(exported["problem"]).data["problem"] == published


def test_texts_of_attributes_are_in_quotes(exported: dict[str, Path]) -> None:
    """The front end takes all others for formulas, and stops at `45nm`."""
    text = exported["architecture"].read_text(encoding="utf-8").replace("!C", "!!map # C")
    attributes = [
        value
        for node in yaml.compose(text).value[0][1].value[1][1].value
        for key, inner in node.value
        if key.value == "attributes"
        for _, value in inner.value
    ]
    texts = [value for value in attributes if value.tag == "tag:yaml.org,2002:str"]
    assert [(value.value, value.style) for value in texts] == [("45nm", '"')]


def test_the_comparison_finds_what_differs(tmp_path: Path) -> None:
    """Of two files of the front end: values, instances, and components."""
    before, after = write(
        tmp_path, before=DUMPED, after=DUMPED.replace("datawidth: 8", "datawidth: 4", 1)
    )

    assert list(compare(before, before)) == []
    assert list(compare(before, after)) == ["datawidth: 4 for 8"]
    after.write_text(DUMPED.replace("name: DRAM", "name: HBM"), encoding="utf-8")
    assert "components: HBM" in next(compare(before, after))


def test_published_designs_are_checked(tmp_path: Path) -> None:
    """An export of a file of the front end has no key that the published files have not."""
    mapping = MAPPING.replace("column", "columns")
    text = DUMPED.replace("mapping: []\n", mapping).replace(" shared_bandwidth: 24,", "") + PROBLEM
    text = text.replace("target: glb", "target: Buffer").replace("target: spad", "target: Spad")
    (tmp_path / DUMP).write_text(text, encoding="utf-8")
    (known,) = write(tmp_path, known=ARCHITECTURE + PROBLEM + MAPPING)
    keys = keys_of(known)
    known.unlink()

    assert "architecture.nodes[].attributes.depth" in keys
    assert check(tmp_path, keys, None, Counter()) == "exported"
    fewer = keys - {"architecture.nodes[].attributes.depth"}
    assert "no published file has: architecture" in check(tmp_path, fewer, None, Counter())
