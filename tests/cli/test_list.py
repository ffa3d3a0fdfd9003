"""`codesign list`: everything that has a name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from codesign.cli import main
from codesign.search.registry import METHODS
from codesign.shipped import names
from codesign.study.registry import RESULTS


def listed(
    capsys: pytest.CaptureFixture[str], *arguments: str
) -> dict[str, list[dict[str, object]]]:
    """What the command says as JSON."""
    assert main(["list", *arguments, "--json"]) == 0
    found: dict[str, list[dict[str, object]]] = json.loads(capsys.readouterr().out)
    return found


def test_everything_with_a_name_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """Every shipped file, every method, every result, and each says what it is."""
    found = listed(capsys)

    told = {kind: [entry["name"] for entry in entries] for kind, entries in found.items()}
    assert told["networks"] == [entry.name for entry in names("workloads")]
    assert told["chips"] == [entry.name for entry in names("hardware")]
    assert told["tables"] == [entry.name for entry in names("technology")]
    assert told["methods"] == list(METHODS)
    assert told["results"] == list(RESULTS)
    assert all(entry["about"] for entries in found.values() for entry in entries)
    assert not any("problem" in entry for entries in found.values() for entry in entries)


def test_one_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    """Under the kind."""
    assert main(["list", "chips"]) == 0

    head, *lines = capsys.readouterr().out.splitlines()
    assert head == "chips"
    assert len(lines) == len(names("hardware"))
    (simba,) = [line for line in lines if line.split()[0] == "simba"]
    assert "1024 MACs" in simba
    assert "8 parameters to search" in simba


def test_own_files_are_listed_with_their_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also one that cannot be read, with the reason; the others are listed all the same."""
    folder = tmp_path / "config" / "workloads"
    folder.mkdir(parents=True)
    layer = "layers:\n- {name: x, P: 4, C: 4, K: 4}\n"
    (folder / "mine.yaml").write_text(f"name: mine\ndescription: my own\n{layer}")
    (folder / "bad.yaml").write_text("name: bad\n")
    monkeypatch.chdir(tmp_path)

    entries = {entry["name"]: entry for entry in listed(capsys, "networks")["networks"]}

    assert entries["mine"]["about"] == "my own"
    assert entries["mine"]["macs"] == 64
    assert entries["mine"]["source"] != "shipped"
    assert "layers" in str(entries["bad"]["problem"])
    assert entries["dqn"]["source"] == "shipped"


def test_an_unknown_kind_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """In a sentence."""
    assert main(["list", "chip"]) == 2
    assert "chip" in capsys.readouterr().err
