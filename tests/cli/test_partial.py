"""Partial iterations in the commands: mapped, priced again, shown, exported; or refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from codesign.cli import main
from codesign.store.design_file import load_design


@pytest.fixture
def network(tmp_path: Path) -> Path:
    """A layer whose sizes are prime."""
    path = tmp_path / "odd.yaml"
    path.write_text("name: odd\nlayers: [{name: odd, P: 19, C: 23, K: 5}]\n")
    return path


def search(network: Path, *options: str) -> list[str]:
    """A small search with factors `any`."""
    chosen = ["--hardware", "eyeriss-168", "--trials", "20", "--method", "random"]
    return ["map", "--workload", str(network), *chosen, "--factors", "any", *options]


def test_a_design_comes_out_again(
    network: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Found, written, priced again to the bit, and shown with what padding would waste."""
    folder = tmp_path / "found"
    assert main(search(network, "--accounting", "exact", "--output", str(folder))) == 0
    assert load_design(folder).factors == "any"
    assert main(["evaluate", str(folder)]) == 0
    assert main(["show", str(folder)]) == 0
    assert main(["show", str(folder), "--usage"]) == 0
    told = capsys.readouterr().out
    assert "the claimed cost comes out bit for bit" in told
    assert "last iterations are partial, padded it would be" in told

    export = ["export", "--format", "timeloop", str(folder / "design.yaml")]
    assert main([*export, str(tmp_path / "timeloop")]) == 0
    assert "have no partial iterations" in capsys.readouterr().out

    assert main(["evaluate", str(folder), "--accounting", "timeloop"]) == 2
    assert "factors is 'any' and accounting is 'timeloop'" in capsys.readouterr().err


def test_what_any_factors_lack_is_refused(
    network: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Other accountings, and proofs: one sentence each, and nothing is written."""
    folder = ["--output", str(tmp_path / "found")]
    assert main(search(network, *folder)) == 2
    assert "factors is 'any' and accounting is 'timeloop'" in capsys.readouterr().err
    exact = ["--accounting", "exact", "--method", "exact"]
    assert main(search(network, *exact, *folder)) == 2
    assert "no proof covers partial iterations" in capsys.readouterr().err
    assert not (tmp_path / "found").exists()
