"""Hardware files: Eyeriss is the template's, and what is read can be written and read again."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings

from codesign.errors import InputError
from codesign.hardware import Hardware, StorageLevel, load_hardware
from codesign.hardware.drawing import hardware_text
from codesign.hardware.files import load_chip
from codesign.hardware.levels import read_hardware
from codesign.hardware.point import Point
from codesign.hardware.resizing import entries_for
from codesign.hardware.template_file import template_of
from codesign.hardware.writing import hardware_fields
from codesign.reading import Fields
from tests.budgets import count
from tests.cost.strategies import hardwares
from tests.eyeriss import budget_of, chip_of, eyeriss, point_of

TEMPLATE = "name: x\ntemplate: eyeriss\nbudget: {pes: 8}\nparameters: {H1: 4, H2: 2}\n"
EXPLICIT = (
    "name: x\n"
    "arithmetic: {instances: 4, meshX: 2}\n"
    "storage:\n"
    "- {name: Buffer, sizeKB: 1, bandwidth: 8, keeps: [Inputs]}\n"
    "- {name: DRAM, technology: DRAM}\n"
)


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(("pes", "mesh"), [(168, (14, 12)), (256, (16, 16))])
def test_the_baselines_are_eyeriss(pes: int, mesh: tuple[int, int]) -> None:
    """Meshes, buffers and bandwidths of `docs/paper.md`."""
    chip = load_chip(f"eyeriss-{pes}")
    psum, weight, inputs, dummy, buffer, dram = chip.hardware.levels

    assert chip.hardware.pes == pes
    assert chip.hardware.fanouts == ((1, 1), (1, 1), (1, 1), (1, mesh[1]), (mesh[0], 1), (1, 1))
    assert (psum.entries, weight.entries, inputs.entries, dummy.entries) == (16, 192, 12, 0)
    assert (psum.keeps, weight.keeps, inputs.keeps) == ({"Outputs"}, {"Weights"}, {"Inputs"})
    assert psum.read_bandwidth == psum.write_bandwidth == 2
    assert (buffer.entries, buffer.block_size, buffer.read_bandwidth) == (65536, 4, 16)
    assert buffer.keeps == {"Inputs", "Outputs"}
    assert (dram.entries, dram.keeps, dram.technology) == (None, None, "DRAM")
    assert set(chip.dataflows) == {"row-stationary", "free"}
    assert chip.template.domains["H10"] == (1,)


def test_several_buffers_split_capacity_and_bandwidth() -> None:
    """The budget is divided evenly; the fanouts above and below multiply to the mesh."""
    point = point_of(16, 16, h6=8, h7=4, h8=2)

    hardware = eyeriss("x", point, budget_of(pes=256))

    buffer = hardware.levels[hardware.index("GlobalBuffer")]
    assert (buffer.entries, buffer.read_bandwidth) == (65536 // 8, 2.0)
    assert hardware.fanouts[3:] == ((1, 8), (4, 1), (4, 2))
    assert hardware.levels[3].instances == 16 * 2


@pytest.mark.parametrize(
    ("point", "rule"),
    [
        (point_of(16, 8), "constraint 'H1 * H2 in PEs' (H1 = 16, H2 = 8, PEs = 256)"),
        (
            point_of(16, 16, h3=100, h4=100, h5=21),
            "'H3 + H4 + H5 <= local_words' (H3 = 100, H4 = 100, H5 = 21, local_words = 220)",
        ),
        (point_of(16, 16, h5=0), "H5 is 0, expected a whole number from 1"),
        (point_of(16, 16, h6=4, h7=2), "constraint 'H7 * H8 == H6' (H6 = 4, H7 = 2, H8 = 1)"),
        (point_of(16, 16, h6=3, h7=3), "constraint 'H1 % H7 == 0' (H1 = 16, H7 = 3)"),
        (point_of(16, 16, h6=3, h8=3), "constraint 'H2 % H8 == 0' (H2 = 16, H8 = 3)"),
        (point_of(16, 16, h10=2), "constraint 'H6 % H10 == 0' (H6 = 1, H10 = 2)"),
    ],
)
def test_broken_constraints_are_named(point: Point, rule: str) -> None:
    """Each known constraint of the hardware space."""
    with pytest.raises(InputError, match=re.escape(rule)):
        chip_of(budget_of(pes=256), point)


def test_an_explicit_accelerator(tmp_path: Path) -> None:
    """Level by level; a plain bandwidth is half read, half write."""
    hardware = load_hardware(write(tmp_path / "x.yaml", EXPLICIT))

    buffer = hardware.levels[0]
    assert (buffer.entries, buffer.read_bandwidth, buffer.write_bandwidth) == (512, 4.0, 4.0)
    assert buffer.keeps == {"Inputs"}
    assert hardware.fanouts == ((2, 2), (1, 1))


@settings(max_examples=count(40, 100), deadline=None)
@given(hardwares())
def test_any_accelerator_reads_back(hardware: Hardware) -> None:
    """Through text, to the bit."""
    text = yaml.safe_dump(hardware_fields(hardware))
    fields = Fields(yaml.safe_load(text), "x")

    assert read_hardware(fields, hardware.name) == hardware
    fields.done()


def test_reads_and_writes_may_share_a_bandwidth(tmp_path: Path) -> None:
    """It is a rate of its own, told with the others and written again."""
    text = EXPLICIT.replace("bandwidth: 8", "shared_bandwidth: 2.5")
    hardware = load_hardware(write(tmp_path / "x.yaml", text))

    buffer = hardware.levels[0]
    assert (buffer.read_bandwidth, buffer.write_bandwidth) == (None, None)
    assert buffer.shared_bandwidth == 2.5
    assert hardware_fields(hardware)["storage"][0]["shared_bandwidth"] == 2.5
    assert "reads and writes 2.5/cycle" in hardware_text(hardware)
    with pytest.raises(InputError, match="shared_bandwidth is 0, expected a number from"):
        load_hardware(write(tmp_path / "x.yaml", text.replace("2.5", "0")))


def test_template_parameters_read_back() -> None:
    """Budget and H1 to H12."""
    budget, point = budget_of(24, 100, 3001, 8), point_of(6, 4, 1, 2, 3, 2, 1, 2, 8, 2, 1, 2)

    template = template_of("eyeriss", "x", budget, point.named, "x")

    assert (template.point, template.recorded_budget) == (point, budget)
    assert template.budget["global_words"] == 3001
    free = chip_of(budget, point, {"PEs": [6, 24]}).template
    assert free.recorded_budget == budget | {"PEs": (6, 24)}
    assert template_of("eyeriss", "x", free.recorded_budget, point.named, "x").lists == free.lists


def test_dataflows_of_ones_own(tmp_path: Path) -> None:
    """A file may add dataflows to those of the template."""
    rules = (
        "dataflows:\n  mine:\n  - {level: DRAM, kind: temporal, pinned: {K: 2}, order: [K, C]}\n"
    )

    chip = load_chip(write(tmp_path / "x.yaml", TEMPLATE + rules))

    rule = chip.dataflow("mine").rule("DRAM", "temporal")
    assert rule.pinned == (("K", 2),)
    assert rule.order == ("K", "C")
    with pytest.raises(InputError, match=r"no dataflow 'mein' \(did you mean 'mine'\?\)"):
        chip.dataflow("mein")


@pytest.mark.parametrize(
    ("text", "old", "new", "expected"),
    [
        (TEMPLATE, "eyeriss", "eyeris", "template is 'eyeris'.*did you mean 'eyeriss'"),
        (TEMPLATE, "pes: 8", "pes: -8", "budget: pes is -8"),
        (TEMPLATE, "pes: 8", "pes: 8, bits: 1", "unknown field 'bits'"),
        (TEMPLATE, "pes: 8", "pes: 8, global_kb: .inf", "global_kb is inf"),
        (TEMPLATE, "H2: 2", "H2: 3", r"H1 \* H2 in PEs' \(H1 = 4, H2 = 3, PEs = 8\)"),
        (TEMPLATE, "H2: 2", "H22: 2", "'H2' is missing"),
        (TEMPLATE, "H2: 2", "H2: 2, H11: 3", "H11 is 3"),
        (TEMPLATE, "H2: 2}", "H2: 2}\nspace: {H9: [true]}", r"H9 is \[True\]"),
        (TEMPLATE, "H2: 2}", "H2: 2}\nspace: {H9: []}", r"H9 is \[\]"),
        (TEMPLATE, "H2: 2}", "H2: 2}\nspace: {H8: [1]}", "unknown field 'H8'"),
        (TEMPLATE, "H2: 2}", "H2: 2}\nspace: {H11: [3]}", r"H11 is \[3\], expected a list of one"),
        (TEMPLATE, "H2: 2}", "H2: 2}\nspace: {PEs: [8, 9]}", r"PEs is \[8, 9\], expected .* to 8"),
        (TEMPLATE, "H2: 2}", "H2: 2}\nspace: {PEs: [4]}", r"'H1 \* H2 in PEs' .*PEs = 4"),
        (TEMPLATE, "H2: 2}", "H2: 2}\nconstraints: [H1 < H2]", r"'H1 < H2' \(H1 = 4, H2 = 2\)"),
        (
            TEMPLATE,
            "H2: 2}",
            "H2: 2}\nconstraints: [H1 < H13]",
            "'H13', expected arithmetic",
        ),
        (TEMPLATE, "H2: 2}", "H2: 2}\nconstraints: [H1 in H2]", "name of a list after 'in': .*PEs"),
        (
            TEMPLATE,
            "H2: 2}",
            "H2: 2}\nconstraints: [[H1]]",
            "constraints is .*a list of",
        ),
        (TEMPLATE, "H2: 2}", "H2: 2}\npins: []", "unknown field 'pins'"),
        (EXPLICIT, "meshX: 2", "meshX: 3", "meshX is 3, expected a divisor"),
        (EXPLICIT, "sizeKB: 1", "sizeKB: .nan", "sizeKB is nan"),
        (
            EXPLICIT,
            "sizeKB: 1",
            "size-kb: 64",
            "'size-kb' .did you mean 'sizeKB'",
        ),
        (
            EXPLICIT,
            "sizeKB: 1",
            "Entries: 64",
            "'Entries' .did you mean 'entries'",
        ),
        (EXPLICIT, "sizeKB: 1, ", "", "the capacity is missing, expected entries, sizeKB or depth"),
        (EXPLICIT, "sizeKB: 1", "depth: 99999999999999", "depth is 9999"),
        (EXPLICIT, "keeps: [Inputs]", "keeps: [[Inputs]]", "keeps is"),
        (EXPLICIT, "keeps: [Inputs]", "keep: [Inputs]", "did you mean 'keeps'"),
        (EXPLICIT, "DRAM}", "DRAM, cluster-size: 2}", "cluster size is 2, expected 1 for DRAM"),
        (EXPLICIT, "DRAM}", "DRAM, keeps: [Inputs]}", "must keep every dataspace"),
        (
            EXPLICIT,
            "name: x",
            "name: x\ndataflows: {a: [{level: DRAM, kind: temporal, order: [K, C, K]}]}",
            r"order is \['K', 'C', 'K'\], expected every dimension once, and 'K' occurs twice",
        ),
        (EXPLICIT, "name: x", "name: x\ntechnology: none", "technology: no 'none'"),
        (EXPLICIT, "name: x", "name: x\ndataflows: {a: [{level: Bufer, kind: temporal}]}", "Bufer"),
    ],
)
def test_bad_hardware_is_refused(
    tmp_path: Path, text: str, old: str, new: str, expected: str
) -> None:
    """The field and its value are named."""
    path = write(tmp_path / "x.yaml", text.replace(old, new, 1))

    with pytest.raises(InputError, match=expected):
        load_hardware(path)


@pytest.mark.parametrize(
    ("entries", "buffering", "capacity"),
    [(11, 1.1, 10), (22, 1.1, 20), (21, 1.05, 20), (1000, 1.6, 625), (7, 2, 3), (5, 1, 5)],
)
def test_capacity_is_the_quotient_cut_off(entries: int, buffering: float, capacity: int) -> None:
    """As Timeloop computes it; the floor of the quotient of the binary fractions is one less."""
    level = StorageLevel("Buffer", entries, multiple_buffering=buffering)

    assert level.capacity == capacity
    assert entries_for(capacity, buffering) <= entries
