"""`codesign export` and `codesign import`: there and back again."""

from __future__ import annotations

from pathlib import Path

import pytest

from codesign.store.design_file import load_design
from codesign.timeloop.export import FORMATS
from tests.cli.conftest import Command


@pytest.fixture
def design(codesign: Command, workload: Path, chip: Path, tmp_path: Path) -> Path:
    """What a short search finds."""
    folder = tmp_path / "found"
    search = ("--method", "random", "--trials", 20, "--output", folder)
    assert codesign("map", "--workload", workload, "--hardware", chip, *search).code == 0
    return folder / "design.yaml"


def test_a_design_goes_to_timeloop_and_back(
    codesign: Command, design: Path, tmp_path: Path
) -> None:
    """The same bytes, so that the claim comes out as well."""
    folder, back = tmp_path / "timeloop", tmp_path / "back.yaml"

    there = codesign("export", "--format", "timeloop", design, folder)
    here = codesign("import", "timeloop", folder, "--output", back)

    assert (there.code, here.code) == (0, 0)
    assert f"{folder}/stem\n" in there.out
    *each, whole = here.out.splitlines()
    assert whole == f"design {load_design(design).name}: {back}"
    assert f"{folder}/stem/problem.yaml: design" in each
    assert len(each) == len(list(folder.rglob("*.yaml")))
    assert back.read_bytes() == design.read_bytes()


def test_parts_become_files_of_ours(codesign: Command, design: Path, tmp_path: Path) -> None:
    """An architecture is an accelerator, problems are a network, in either form."""
    for name in FORMATS:
        folder, mine = tmp_path / name, tmp_path / f"{name}.yaml"
        assert codesign("export", "--format", name, design, folder).code == 0

        stem = folder / "stem"
        layer = codesign("import", "timeloop", stem / "problem.yaml", "--output", mine)
        assert layer.out == f"network {name}: {mine}\n"
        assert "name: stem, R: 3" in mine.read_text(encoding="utf-8")

        chip = codesign("import", "timeloop", stem / "architecture.yaml", "--output", mine)
        assert chip.out == f"accelerator {name}: {mine}\n"
        run = ("--hardware", mine, "--method", "random", "--trials", 5, "--output", tmp_path / "o")
        assert codesign("map", "--workload", "dqn", "--layer", "DQN-K2", *run).code == 0


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("import",), "SOURCE"),
        (("import", "onyx"), "SOURCE is 'onyx', expected one of onnx, timeloop"),
        (("import", "timeloop", "x.yaml"), "--output"),
        (("import", "timeloop", "x.yaml", "--output", "y.yaml"), "x.yaml: No such file"),
        (("import", "timeloop", "x.yaml", "--output", "x.yaml"), "x.yaml: named twice"),
        (("export", "x.yaml", "d"), "--format"),
        (
            ("export", "--format", "timelop", "x.yaml", "d"),
            "--format is 'timelop', expected one of",
        ),
    ],
)
def test_bad_arguments(codesign: Command, arguments: tuple[str, ...], expected: str) -> None:
    """One sentence each."""
    answer = codesign(*arguments)

    assert answer.code == 2
    assert expected in answer.err
    assert answer.err.count("\n") == 1
