"""Architectures of all versions: one accelerator, however its file describes it."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from codesign.cost import evaluate
from codesign.errors import InputError
from codesign.hardware import PAT, Hardware, load_hardware
from codesign.hardware.dataflow import FREE
from codesign.space.mapping_space import MapSpace
from codesign.store.design import Design
from codesign.store.write import write_any
from codesign.timeloop import import_files
from codesign.workload import Layer
from tests.timeloop.forms import DUMP, FLAT, FLATTENED, MAPPING, NODES, PROBLEM, TREE
from tests.timeloop.importing import imported, write


@pytest.mark.parametrize(
    ("form", "text"),
    [
        *((f"tree {version}", TREE.replace("VERSION", version)) for version in ("0.2", "0.3")),
        ("tree 0.4", TREE.replace("VERSION", "'0.4'")),
        ("nodes", NODES),
        ("dump", DUMP),
        ("flattened", FLATTENED),
        ("flat", FLAT),
    ],
)
def test_every_form_is_the_same_accelerator(tmp_path: Path, form: str, text: str) -> None:
    """Names with ranges, containers, levels of the front end, hyphens, formulas."""
    found = import_files(write(tmp_path, arch=text), "x")

    (one,) = found.found
    hardware = one.content
    assert isinstance(hardware, Hardware)
    spad, buffer, dram = hardware.levels
    assert [level.name for level in hardware.levels] == ["Spad", "Buffer", "DRAM"]
    assert (spad.entries, spad.word_bits, spad.technology) == (16, 16, "RegFile")
    assert (buffer.entries, buffer.word_bits, buffer.block_size) == (8192, 8, 8)
    assert (buffer.read_bandwidth, buffer.write_bandwidth) == (16.0, None)
    assert buffer.shared_bandwidth == 24.0
    assert (dram.entries, dram.block_size, dram.technology) == (None, 8, "DRAM")
    assert hardware.fanouts == ((1, 1), (15, 4), (1, 1))
    assert (hardware.pes, hardware.arithmetic.word_bits) == (60, 8)
    left_out = ["Wire, of class wire, is left out: it neither stores nor computes"]
    assert list(one.notes) == (left_out if form.startswith("tree") else [])
    expected = "2020" if form == "flat" else {"tree 0.2": "0.2", "tree 0.3": "0.3"}.get(form, "0.4")
    assert one.version == expected


@pytest.mark.parametrize(
    ("arch", "asked", "accounting"),
    [
        (NODES, None, "timeloop-4"),
        (NODES, "timeloop", "timeloop"),
        (NODES, "exact", "exact"),
    ],
)
def test_designs_of_version_4_are_priced_by_its_rules(
    tmp_path: Path, arch: str, asked: str | None, accounting: str
) -> None:
    """Unless another accounting is requested."""
    paths = write(tmp_path, arch=arch, layer=PROBLEM, map=MAPPING)

    (one,) = import_files(paths, "x", accounting=asked).found

    assert isinstance(one.content, Design)
    assert one.content.accounting == accounting


@pytest.mark.parametrize("arch", [NODES, DUMP])
def test_spatial_loops_name_the_container(tmp_path: Path, arch: str) -> None:
    """They are loops of the level outside; a level in a directive bypasses what it may not hold."""
    forms = [MAPPING, MAPPING.replace("columns", "inter_columns_spatial")]
    designs = []
    for number, text in enumerate(forms):
        folder = tmp_path / str(number)
        folder.mkdir()
        design = imported(write(folder, arch=arch, layer=PROBLEM, map=text), "x")
        assert isinstance(design, Design)
        designs.append(design)
    (entry,) = designs[0].networks[0].layers
    spad, buffer, dram = entry.mapping.levels
    assert spad.temporal == (("P", 4), ("C", 2))
    assert set(buffer.spatial) == {("M", "X", 15), ("C", "Y", 4)}
    assert buffer.bypass == {"Weights"}
    assert dram.temporal == (("M", 2),)
    assert designs[0] == designs[1]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("target: columns", "target: Spad", "target is 'Spad', expected a node with a fan-out"),
        ("target: columns", "target: colums", "target is 'colums', expected one of"),
        ("factors: [M=2]", "factors: [M<=2]", "factors is .'M<=2'., expected each of C M P once"),
        ("keep: [Inputs, Outputs]", "keep: [Weights]", "not to name Weights, which is also under"),
    ],
)
def test_mappings_of_nodes_that_are_wrong(
    tmp_path: Path, old: str, new: str, expected: str
) -> None:
    """Told by field and value."""
    assert old in MAPPING

    with pytest.raises(InputError, match=expected):
        import_files(write(tmp_path, all=NODES + PROBLEM + MAPPING.replace(old, new, 1)), "x")


def test_what_the_nodes_forbid_is_bypassed(tmp_path: Path) -> None:
    """In version 0.4 their constraints are part of every mapping."""
    forbids = NODES.replace(
        "  - !Component\n    name: Buffer\n",
        "  - !Component\n    constraints: {dataspace: {bypass: [Weights]}}\n    name: Buffer\n",
    )
    silent = "\n".join(line for line in MAPPING.splitlines() if "dataspace" not in line)

    design = imported(write(tmp_path, all=f"{forbids}{PROBLEM}{silent}\n"), "x")

    assert isinstance(design, Design)
    assert design.networks[0].layers[0].mapping.levels[1].bypass == {"Weights"}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("PE[0..14]", "PE[0..999999999999]", "expected a range such as .0..15."),
        ("PE[0..14]", "PE[0..2147483647]", "expected at most 2147483647"),
        ("PE[0..14]", "PE[14..0]", "expected a range such as .0..15."),
        ("VERSION", "0.5", "version is 0.5, expected one of 0.1, 0.2, 0.3, 0.4"),
        ("memory_depth: 2 * 512", "memory_depth: 2 * x", "memory_depth is '2 . x', expected a num"),
        ("memory_width: 64", "memory_width: 63", "width is 63, expected a multiple of word-bits"),
        ("read_bandwidth: 16", "read_bandwith: 16", "did you mean 'read_bandwidth'"),
        ("class: intmac", "class: adder", "3 storage and 0 compute components"),
        ("n_banks: 32", "metadata_storage_width: 3", "sparse data is not modelled"),
        ("n_banks: 32", "allow_overbooking: true", "allow_overbooking is True, expected False"),
        ("n_banks: 32", "network_fill_latency: 0.5", "network_fill_latency is 0.5, expected a w"),
    ],
)
def test_trees_that_are_wrong(tmp_path: Path, old: str, new: str, expected: str) -> None:
    """One sentence, and in no time however many instances a name stands for."""
    text = TREE.replace("VERSION", "0.3") if old != "VERSION" else TREE
    assert old in text

    with pytest.raises(InputError, match=expected):
        import_files(write(tmp_path, arch=text.replace(old, new, 1)), "x")


def test_a_tree_has_one_branch(tmp_path: Path) -> None:
    """As in Timeloop."""
    two = "architecture: {version: 0.3, subtree: [{name: a}, {name: b}]}"
    with pytest.raises(InputError, match="subtree has 2 entries at depth 1, expected one"):
        import_files(write(tmp_path, arch=two), "x")
    deep = "architecture: " + "{subtree: [" * 40 + "{}" + "]}" * 40
    with pytest.raises(InputError, match=r"nested too deeply|at most 32 deep"):
        import_files(write(tmp_path, arch=deep), "x")


def test_a_mesh_is_that_of_what_is_inside(tmp_path: Path) -> None:
    """Where a level of as many instances has nothing of its own."""
    text = TREE.replace("VERSION", "0.2").replace("datawidth: 16, meshX: 15, n", "datawidth: 16, n")

    hardware = imported(write(tmp_path, arch=text), "x")

    assert isinstance(hardware, Hardware)
    assert hardware.fanouts == ((1, 1), (15, 4), (1, 1))


def test_variables_are_numbers_in_formulas(tmp_path: Path) -> None:
    """From any file of the set; what another variable says as well."""
    variables = "variables: {version: 0.4, words: 512, twice: words * 2, name: x}\n"
    arch = NODES.replace("512 * scale", "twice")

    hardware = imported(write(tmp_path, arch=variables + arch), "x")

    assert isinstance(hardware, Hardware)
    assert hardware.levels[1].entries == 8192


def test_a_class_of_components_gives_a_capacity(tmp_path: Path) -> None:
    """Where the component itself has none."""
    classes = """\
compound_components:
  version: 0.4
  classes:
  - {name: smartbuffer_RF, attributes: {technology: any, depth: 32, width: 16, datawidth: 16}}
"""
    arch = NODES.replace("attributes: {depth: 16, width: 16, datawidth: 16}", "attributes: {}")

    hardware = imported(write(tmp_path, arch=classes + arch), "x")

    assert isinstance(hardware, Hardware)
    assert (hardware.levels[0].entries, hardware.levels[0].word_bits) == (32, 16)


def test_a_level_of_no_words_keeps_nothing(tmp_path: Path) -> None:
    """It imports, and mappings are found on it; it costs no area."""
    text = FLAT.replace(
        "  - {name: Buffer,",
        "  - {name: Dummy, entries: 0, instances: 60, meshX: 15}\n  - {name: Buffer,",
    )
    hardware = imported(write(tmp_path, arch=text), "x")
    assert isinstance(hardware, Hardware)
    layer = Layer.conv("c", P=4, C=8, K=30)

    space = MapSpace(layer, hardware, FREE)
    mapping = space.draw(np.random.default_rng(1), 1).mapping(0)

    assert mapping.levels[1].bypass == set(layer.shape.dataspace_names)
    assert evaluate(layer, hardware, [mapping])["valid"].all()
    assert PAT.area.parts_mm2(hardware)["Dummy"] == 0.0


def test_architecture_and_problem_are_two_things(tmp_path: Path) -> None:
    """Both are read; no mapping is needed."""
    found = import_files(write(tmp_path, all=NODES + PROBLEM), "x")

    assert [one.kind for one in found.found] == ["accelerator", "network"]
    assert list(found.files.values()) == ["accelerator (version 0.4), network"]


def test_sizes_beyond_any_memory_are_unbounded(tmp_path: Path) -> None:
    """Studies of bounds write them."""
    text = FLAT.replace("entries: 8192", "sizeKB: 2147483648")
    hardware = imported(write(tmp_path, arch=text), "x")
    assert isinstance(hardware, Hardware)
    assert hardware.levels[1].entries is None
    assert dataclasses.replace(hardware, name="y") != hardware


def test_a_written_accelerator_is_read_again(tmp_path: Path) -> None:
    """With its shared bandwidth."""
    hardware = imported(write(tmp_path, arch=NODES), "x")
    write_any(hardware, tmp_path / "x.yaml")
    assert load_hardware(tmp_path / "x.yaml") == hardware
