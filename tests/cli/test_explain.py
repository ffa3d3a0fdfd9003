"""`codesign map --explain`: why there is no mapping, and what to change."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Command

RULES = """\
dataflows:
  whole-rows:
  - {level: GlobalBuffer, kind: temporal, pinned: {P: all}}
  - {level: InputRegFile, kind: temporal, pinned: {R: all}}
"""


@pytest.fixture
def narrow(chip: Path) -> Path:
    """The small Eyeriss with input registers that are too small for a row of a filter."""
    text = chip.read_text(encoding="utf-8").replace("H3: 12", "H3: 2")
    chip.write_text(text + RULES, encoding="utf-8")
    return chip


def test_a_layer_without_a_mapping(codesign: Command, workload: Path, narrow: Path) -> None:
    """The rule, the level, the dataspace; the smallest buffer; three ways out; a mapping."""
    options = ("--workload", workload, "--hardware", narrow, "--layer", "stem", "--explain")

    answer = codesign("map", *options, "--dataflow", "whole-rows")

    assert answer.code == 1
    assert "no mapping, InputRegFile would hold 3 words, it has 2" in answer.out
    assert "of 20000 random mappings, 0 fit (0 %)" in answer.out
    assert "break the capacity of InputRegFile, Inputs alone" in answer.out
    assert "  InputRegFile: 3 of 2 (Inputs 3)  << smallest buffer: 3\n" in answer.out
    assert "it fits without the rule for InputRegFile temporal\n" in answer.out
    assert "it fits with InputRegFile changed as said above" in answer.out
    assert "the nearest accelerator of its space on which it fits: H3=4 (now 2)\n" in answer.out
    assert "multiply-accumulate" in answer.out
    assert len(answer.out.splitlines()) < 60
    assert codesign("map", *options, "--dataflow", "whole-rows") == answer


def test_layers_that_have_mappings(codesign: Command, workload: Path, chip: Path) -> None:
    """A line each; one alone in full."""
    options = ("--workload", workload, "--hardware", chip, "--explain")

    answer = codesign("map", *options)
    assert (answer.code, answer.out.count("\n")) == (0, 2)
    assert answer.out.count("mappings exist, of 20000 random mappings, ") == 2
    alone = codesign("map", *options, "--layer", "head")
    assert "words that a level must hold for any mapping" in alone.out


def test_a_search_needs_a_folder(codesign: Command, workload: Path, chip: Path) -> None:
    """Unless it is only explained."""
    answer = codesign("map", "--workload", workload, "--hardware", chip)

    assert answer.code == 2
    assert "--output is missing" in answer.err
