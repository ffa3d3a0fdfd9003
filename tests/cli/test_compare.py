"""`codesign compare`: totals, hardware and layers of several designs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from codesign.cli import main


@pytest.fixture
def runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The folders of two mapping runs."""
    folders = [str(tmp_path / name) for name in ("a", "b")]
    for seed, folder in enumerate(folders):
        chosen = ["--workload", "dqn", "--hardware", "eyeriss-168", "--trials", "3"]
        assert main(["map", *chosen, "--seed", str(seed), "--output", folder]) == 0
    capsys.readouterr()
    return folders


def test_runs_are_compared(runs: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """By their folders: totals, hardware, layers."""
    assert main(["compare", *runs]) == 0

    told = capsys.readouterr().out
    assert "EDP, pJ·cycles" in told
    assert "hardware: the same in all designs" in told
    assert "DQN-K1" in told


def test_json_has_the_same_numbers(runs: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """As numbers, and nothing else on stdout."""
    assert main(["compare", *runs, "--json"]) == 0

    found = json.loads(capsys.readouterr().out)
    assert set(found) == {"designs", "hardware", "layers", "notes"}
    summary = json.loads((Path(runs[1]) / "summary.json").read_text())
    assert found["designs"][1]["edp"] == summary["edp"]
    assert found["designs"][1]["cycles"] == summary["cycles"]


@pytest.mark.parametrize(
    ("number", "sentence"), [(1, "expected at least two"), (0, "no design.yaml in this folder")]
)
def test_bad_input_is_refused(
    runs: list[str],
    number: int,
    sentence: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """In a sentence."""
    given = runs[:1] if number else [runs[0], str(tmp_path)]

    assert main(["compare", *given]) == 2
    assert sentence in capsys.readouterr().err


def test_a_design_that_stands_twice_is_refused(
    runs: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """The table would have two columns with one name."""
    assert main(["compare", runs[0], runs[0]]) == 2
    assert "is given twice" in capsys.readouterr().err
