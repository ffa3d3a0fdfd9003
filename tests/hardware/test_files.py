"""Hardware files: Eyeriss is the template's, and what is read can be written and read again."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings

from codesign.errors import InputError
from codesign.hardware import Budget, EyerissPoint, Hardware, eyeriss, load_hardware
from codesign.hardware.files import load_chip, read_budget, read_hardware, read_point
from codesign.hardware.writing import budget_fields, hardware_fields, point_fields
from codesign.reading import Fields
from tests.cost.strategies import hardwares

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
    assert dict(chip.domains)["h10"] == (1,)


def test_several_buffers_split_capacity_and_bandwidth() -> None:
    """The budget is divided evenly; the fanouts above and below multiply to the mesh."""
    point = EyerissPoint(16, 16, h6=8, h7=4, h8=2)

    hardware = eyeriss("x", point, Budget(pes=256))

    buffer = hardware.levels[hardware.index("GlobalBuffer")]
    assert (buffer.entries, buffer.read_bandwidth) == (65536 // 8, 2.0)
    assert hardware.fanouts[3:] == ((1, 8), (4, 1), (4, 2))
    assert hardware.levels[3].instances == 16 * 2


@pytest.mark.parametrize(
    ("point", "rule"),
    [
        (EyerissPoint(16, 8), "H1·H2 = 256"),
        (EyerissPoint(16, 16, h3=100, h4=100, h5=21), "H3+H4+H5 ≤ 220"),
        (EyerissPoint(16, 16, h5=0), "H3, H4, H5 ≥ 1"),
        (EyerissPoint(16, 16, h6=4, h7=2), "H7·H8 = H6"),
        (EyerissPoint(16, 16, h6=3, h7=3), "H7 divides H1"),
        (EyerissPoint(16, 16, h6=3, h8=3), "H8 divides H2"),
    ],
)
def test_broken_constraints_are_named(point: EyerissPoint, rule: str) -> None:
    """Each known constraint of the hardware space."""
    with pytest.raises(InputError, match=rule.replace("+", r"\+")):
        eyeriss("x", point, Budget(pes=256))


def test_an_explicit_accelerator(tmp_path: Path) -> None:
    """Level by level; a plain bandwidth is half read, half write."""
    hardware = load_hardware(write(tmp_path / "x.yaml", EXPLICIT))

    buffer = hardware.levels[0]
    assert (buffer.entries, buffer.read_bandwidth, buffer.write_bandwidth) == (512, 4.0, 4.0)
    assert buffer.keeps == {"Inputs"}
    assert hardware.fanouts == ((2, 2), (1, 1))


@settings(deadline=None)
@given(hardwares())
def test_any_accelerator_reads_back(hardware: Hardware) -> None:
    """Through text, to the bit."""
    text = yaml.safe_dump(hardware_fields(hardware))
    fields = Fields(yaml.safe_load(text), "x")

    assert read_hardware(fields, hardware.name) == hardware
    fields.done()


def test_template_parameters_read_back() -> None:
    """Budget and H1 to H12."""
    budget, point = Budget(24, 100, 3001, 8), EyerissPoint(6, 4, 1, 2, 3, 2, 1, 2, 8, 2, 1, 2)

    assert read_budget(Fields(budget_fields(budget), "x")) == budget
    assert read_point(Fields(point_fields(point), "x")) == point


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
        (TEMPLATE, "H2: 2", "H2: 3", "H1·H2 = 8"),
        (TEMPLATE, "H2: 2", "H22: 2", "'H2' is missing"),
        (TEMPLATE, "H2: 2", "H2: 2, H11: 3", "H11 is 3"),
        (TEMPLATE, "H2: 2}", "H2: 2}\nspace: {H9: [true]}", r"H9 is \[True\]"),
        (TEMPLATE, "H2: 2}", "H2: 2}\nspace: {H9: []}", r"H9 is \[\]"),
        (TEMPLATE, "H2: 2}", "H2: 2}\nspace: {H8: [1]}", "unknown field 'H8'"),
        (EXPLICIT, "meshX: 2", "meshX: 3", "meshX is 3, expected a divisor"),
        (EXPLICIT, "sizeKB: 1", "sizeKB: .nan", "sizeKB is nan"),
        (EXPLICIT, "sizeKB: 1", "depth: 99999999999999", "depth is 9999"),
        (EXPLICIT, "keeps: [Inputs]", "keeps: [[Inputs]]", "keeps is"),
        (EXPLICIT, "keeps: [Inputs]", "keep: [Inputs]", "did you mean 'keeps'"),
        (EXPLICIT, "DRAM}", "DRAM, cluster-size: 2}", "cluster size is 2, expected 1 for DRAM"),
        (EXPLICIT, "DRAM}", "DRAM, keeps: [Inputs]}", "must keep every dataspace"),
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
