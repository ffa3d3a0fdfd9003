"""`codesign show`: a design that can be read, and a picture to scale."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli.conftest import Command


@pytest.fixture
def design(codesign: Command, workload: Path, chip: Path, tmp_path: Path) -> Path:
    """What a short search finds."""
    folder = tmp_path / "found"
    search = ("--method", "random", "--trials", 20, "--output", folder)
    assert codesign("map", "--workload", workload, "--hardware", chip, *search).code == 0
    return folder / "design.yaml"


def test_everything_is_shown(codesign: Command, design: Path) -> None:
    """The accelerator, the loops of every layer, and where the energy goes."""
    answer = codesign("show", design)

    assert answer.code == 0
    assert "GlobalBuffer: 2048 words (4 KiB)" in answer.out
    assert "MACs: 8 in a mesh of 4 × 2, 16 bit" in answer.out
    assert "H1=4 H2=2 H3=12 H4=32 H5=16" in answer.out
    assert "tiny, stem: R=3 S=3 P=4 Q=4 C=2 K=8, 2 times in the network" in answer.out
    assert "\narea 0.1" in answer.out
    assert answer.out.count("multiply-accumulate") == 2
    assert answer.out.count("100.0 %") == 2


def test_static_energy_is_shown_by_itself(
    codesign: Command, workload: Path, chip: Path, tmp_path: Path
) -> None:
    """In a column of its own, with a row for what belongs to no level; the parts are the whole."""
    table = tmp_path / "leaky.yaml"
    leak = "leak: {mac_pj_per_cycle: 0.5, sram_pj_per_cycle: kb, chip_pj_per_cycle: 100}"
    table.write_text(f"name: leaky\n{leak}\n", encoding="utf-8")
    search = ("--method", "random", "--trials", 5, "--output", tmp_path, "--technology", table)
    assert codesign("map", "--workload", workload, "--hardware", chip, *search).code == 0

    answer = codesign("show", tmp_path)
    fields = json.loads(codesign("show", tmp_path, "--json").out)

    assert re.search(r"rest of the chip( +0)+", answer.out)
    for layer in fields["layers"]:
        static = [level["static_pj"] for level in layer["levels"]]
        assert static[-1] == 8 * 0.5 * layer["cycles"]
        assert layer["chip_static_pj"] == 100 * layer["cycles"]
        dynamic = sum(sum(level["energy_pj"].values()) for level in layer["levels"])
        whole = dynamic + sum(static) + layer["chip_static_pj"]
        assert whole == pytest.approx(layer["energy_pj"])
    assert codesign("evaluate", tmp_path).code == 0


def test_loop_nests_as_timeloop_writes_them(codesign: Command, design: Path) -> None:
    """An option prints them."""
    answer = codesign("show", design, "--notation", "timeloop")

    assert answer.code == 0
    assert "DRAM [ Weights:144 Inputs:72 Outputs:128 ]\n-----" in answer.out
    assert "multiply-accumulate" not in answer.out


def test_what_costs_nothing_is_shown(
    codesign: Command, workload: Path, chip: Path, tmp_path: Path
) -> None:
    """With an energy table of zeros, which is one way to search for the fewest cycles."""
    table = tmp_path / "zero.yaml"
    table.write_text("name: zero\nmac_pj: 0\ndram_pj_per_vector: 0\nsram_pj_per_vector: 0\n")
    given = ("--workload", workload, "--technology", table, "--output", tmp_path / "found")
    trials = ("--hardware-trials", 2, "--mapping-trials", 20)
    assert codesign("search", "--hardware-space", chip, *trials, *given).code == 0

    answer = codesign("show", tmp_path / "found", "--usage")

    assert (answer.code, answer.err) == (0, "")
    assert "tiny on such an accelerator: 0 pJ (+0.00 %), " in answer.out


def test_usage_is_shown(codesign: Command, design: Path, tmp_path: Path) -> None:
    """What of every level is used, what may shrink, and the design on what is left."""
    answer = codesign("show", design, "--usage", "--minimal", tmp_path / "least.yaml")

    assert answer.code == 0
    assert re.search(r"GlobalBuffer +\d+ of 2048 +(stem|head) ", answer.out)
    assert re.search(r"  GlobalBuffer: 2048 → \d+ words", answer.out)
    assert "multiply-accumulate" not in answer.out
    cycles = re.search(
        r"tiny on such an accelerator: .* pJ \(-.* %\), (\d+) cycles \(now (\d+)\)", answer.out
    )
    assert cycles is not None
    assert cycles[1] == cycles[2]
    assert codesign("evaluate", tmp_path / "least.yaml").code == 0


def test_one_layer_is_shown(codesign: Command, design: Path) -> None:
    """The others are left out, and an unknown name is refused."""
    answer = codesign("show", design, "--layer", "head")
    wrong = codesign("show", design, "--layer", "heat")

    assert "tiny, head" in answer.out
    assert "tiny, stem" not in answer.out
    assert wrong.code == 2
    assert "did you mean 'head'?" in wrong.err


@pytest.mark.parametrize("kind", ["png", "pdf", "svg"])
def test_pictures_are_the_same_every_time(
    codesign: Command, design: Path, tmp_path: Path, kind: str
) -> None:
    """In every format; no date enters."""
    pictures = [tmp_path / f"{name}.{kind}" for name in "ab"]

    for picture in pictures:
        assert codesign("show", design, "--picture", picture).code == 0

    first, second = (picture.read_bytes() for picture in pictures)
    assert first == second
    assert len(first) > 1000
