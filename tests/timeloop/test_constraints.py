"""Constraints: on bypass as what levels may hold, on loops as a dataflow, or left out by name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from codesign.errors import InputError
from codesign.hardware import Hardware
from codesign.hardware.dataflow import ALL, SlotRule
from codesign.hardware.files import load_chip
from codesign.space.mapping_space import MapSpace
from codesign.store.write import write_any
from codesign.timeloop import import_files
from codesign.timeloop.matching import Imported
from codesign.workload import Workload
from tests.timeloop.forms import CONSTRAINED, DUMP, FLAT, NODES, PROBLEM, TREE
from tests.timeloop.importing import write


def accelerator(folder: Path, **files: str) -> Imported:
    """The accelerator among what files are."""
    read = import_files(write(folder, **files), "x")
    assert not read.refused, read.files
    return next(one for one in read.found if one.kind == "accelerator")


@pytest.mark.parametrize("is_apart", [False, True])
def test_constraints_are_a_dataflow(tmp_path: Path, is_apart: bool) -> None:
    """Along X and along Y as containers and splits have it; what is left out is told."""
    files = {"arch": NODES, "limits": CONSTRAINED} if is_apart else {"arch": NODES + CONSTRAINED}

    one = accelerator(tmp_path, problem=PROBLEM, **files)

    assert isinstance(one.content, Hardware)
    assert one.content.levels[1].keeps == {"Inputs", "Outputs"}
    assert one.dataflow.name == "timeloop"
    assert one.dataflow.rules == (
        SlotRule("Buffer", "spatial-x", (("P", 1),)),
        SlotRule("Buffer", "spatial-y", (("P", 1), ("M", 1))),
        SlotRule("Spad", "temporal", (("C", ALL), ("M", 1)), None, ("P", "C", "M")),
    )
    assert one.notes == (
        "constraint on temporal loops of Spad: P<=4 is left out, a dataflow has no limits",
        "constraint on temporal loops of DRAM: the permutation 'M' is left out, because it leaves "
        "the order of C, P open",
        "constraint on Spad: utilization is left out, a dataflow has no word for it",
    )


def test_the_dataflow_is_written_and_can_be_mapped_in(tmp_path: Path) -> None:
    """Its mappings keep to it."""
    problem = PROBLEM.replace("C: 8", "C: 4")
    read = import_files(write(tmp_path, arch=NODES + CONSTRAINED, problem=problem), "x")
    chip_part, network = read.found
    assert isinstance(network.content, Workload)
    write_any(chip_part.content, tmp_path / "chip.yaml", [chip_part.dataflow])

    chip = load_chip(tmp_path / "chip.yaml")

    assert chip.dataflow("timeloop") == chip_part.dataflow
    space = MapSpace(network.content.layers[0], chip.hardware, chip.dataflow("timeloop"))
    mapping = space.draw(np.random.default_rng(0), 1).mapping(0)
    assert dict(mapping.levels[0].temporal).get("C", 1) == 4
    assert all((d, axis) != ("M", "Y") for d, axis, _ in mapping.levels[1].spatial)


def test_constraints_of_a_dump_name_what_the_front_end_inserted(tmp_path: Path) -> None:
    """Each of them is one axis of the level outside."""
    one = accelerator(tmp_path, arch=DUMP)

    assert one.dataflow.rules == (
        SlotRule("Buffer", "spatial-x", (("C", 1), ("M", 15))),
        SlotRule("Buffer", "spatial-y", (("M", 1),)),
    )
    assert one.notes == ()


def test_the_outermost_level_holds_everything(tmp_path: Path) -> None:
    """Where weights never leave the arrays that compute, access to it is still priced: a line."""
    bypass = (
        "architecture_constraints:\n  targets:\n  - {target: DRAM, type: bypass, bypass: [K]}\n"
    )
    one = accelerator(tmp_path, arch=NODES + bypass.replace("K", "Weights"))

    assert isinstance(one.content, Hardware)
    assert one.content.levels[-1].keeps is None
    assert one.notes == (
        "constraint on DRAM: its bypass of Weights is left out, and access to it is priced: "
        "the outermost level holds everything here",
    )


def test_a_split_may_be_a_formula(tmp_path: Path) -> None:
    """It is left out, with a line."""
    limits = CONSTRAINED.replace("split: 9", "split: len(spec.problem.instance)")
    one = accelerator(tmp_path, problem=PROBLEM, arch=NODES + limits)

    left = "split ('len(spec.problem.instance)') is left out, it is not a number"
    assert f"constraint on spatial loops of columns: {left}" in one.notes


def test_old_constraints_of_arch(tmp_path: Path) -> None:
    """Targets are levels, and splits divide the loops over their children."""
    text = (
        FLAT
        + """\
  constraints:
  - {target: Buffer, type: spatial, factors: K=15 R=1, permutation: KRC, split: 1}
  - {target: 0, type: bypass, bypass: [Outputs]}
"""
    )
    one = accelerator(tmp_path, arch=text)

    assert isinstance(one.content, Hardware)
    assert one.content.levels[0].keeps == {"Weights", "Inputs"}
    assert one.dataflow.rules == (
        SlotRule("Buffer", "spatial-x", (("K", 15), ("R", 1)), ()),
        SlotRule("Buffer", "spatial-y", (("R", 1), ("K", 1))),
    )


def test_constraints_by_level_with_attributes(tmp_path: Path) -> None:
    """The oldest form of map-spaces; and sets of constraints that have a name."""
    by_level = """\
mapspace:
  targets:
  - name: Spad
    constraints:
    - {type: bypassing, attributes: {keep: [Outputs], bypass: [Inputs, Weights]}}
    - {type: temporal, attributes: {factors: C1 K1, permutation: CK}}
"""
    named = """\
mapspace:
  constraints: mine
  constraints_mine:
  - {target: Spad, type: bypassing, keep: [Outputs], bypass: [Inputs, Weights]}
  - {target: Spad, type: temporal, factors: C=1 K=1, permutation: C K}
  constraints_others: []
"""
    tree = TREE.replace("VERSION", "0.3")
    (tmp_path / "b").mkdir()
    first, second = (
        accelerator(tmp_path, arch=tree + by_level),
        accelerator(tmp_path / "b", arch=tree + named),
    )
    assert isinstance(first.content, Hardware)
    assert first.content.levels[0].keeps == {"Outputs"}
    assert first.dataflow.rules == (
        SlotRule("Spad", "temporal", (("C", 1), ("K", 1)), None, ("C", "K")),
    )
    assert (first.content, first.dataflow) == (second.content, second.dataflow)


def test_dataspaces_that_only_constraints_name(tmp_path: Path) -> None:
    """Are those of the accelerator, where they are not those of a convolution."""
    text = NODES + "constraints: {targets: [{target: Buffer, type: dataspace, keep_only: [A]}]}\n"
    other = "mapspace_constraints: [{target: Spad, type: bypass, bypass: [A], keep: [B, Z]}]\n"

    one = accelerator(tmp_path, arch=text + other)

    assert isinstance(one.content, Hardware)
    assert [level.keeps for level in one.content.levels[:2]] == [{"B", "Z"}, {"A"}]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sparse_optimizations: {targets: [{name: Buffer}]}\n", "sparse data is not modelled"),
        ("architecture_constraints: {targets: [{target: Spat, type: bypass}]}\n", "mean 'Spad'"),
        ("architecture_constraints: {targets: [{target: Spad}]}\n", "'type' is missing"),
        (
            "architecture_constraints: [{target: Spad, type: temporal, factors: C=x}]\n",
            "factors is 'C=x', expected factors such as",
        ),
        (
            f"mapspace_constraints: [{{target: 0, type: temporal, factors: {'a' * 9000}}}]\n",
            "expected a short text",
        ),
    ],
)
def test_constraints_that_are_wrong(tmp_path: Path, text: str, expected: str) -> None:
    """Named, with their place."""
    with pytest.raises(InputError, match=expected):
        import_files(write(tmp_path, arch=NODES + text), "x")
