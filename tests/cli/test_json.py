"""`--json`: one JSON value on stdout, with numbers as numbers and nothing else."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest

from codesign.store.design_file import load_design
from codesign.store.usage import usage
from tests.cli.conftest import Answer, Command


def read(answer: Answer, code: int = 0) -> dict[str, Any]:
    """The answer as JSON is defined: without NaN and infinity."""

    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is not JSON")

    assert answer.code == code, answer.err
    found = json.loads(answer.out, parse_constant=refuse)
    assert isinstance(found, dict)
    assert sorted(keys(found) - documented()) == []
    return found


BY_NAME = {"hardware", "origin", "point", "sizes", "coefficients", "area_parts_mm2", "nearest"}
BY_NAME |= {"tile_words", "words", "bits"}
"""Keys whose value has names of the user's as keys, or those of another format."""


def keys(value: object) -> set[str]:
    """All keys of an answer that are its own."""
    if isinstance(value, list):
        return {key for each in value for key in keys(each)}
    if not isinstance(value, dict):
        return set()
    # Energy by dataspace has the dataspaces' names, and its total has none.
    inner = {k: v for k, v in value.items() if k not in BY_NAME and k != "energy_pj"}
    return {*value} | {key for each in inner.values() for key in keys(each)}


def documented() -> set[str]:
    """What pages say of the keys: all words in code, outside of blocks."""
    pages = (Path(__file__).parents[2] / f"docs/{page}.md" for page in ("cli", "files"))
    texts = (re.sub(r"(?ms)^```.*?^```", "", page.read_text("utf-8")) for page in pages)
    code = [part for text in texts for part in re.findall(r"`([^`]+)`", text)]
    words = {word for part in code for word in re.findall(r"\w+", part)}
    # What there is and what is used of it.
    quantities = ("entries", "instances", "fanout", "read", "write")
    return words | {f"used_{name}" for name in quantities}


@pytest.fixture
def folder(codesign: Command, workload: Path, chip: Path, tmp_path: Path) -> Path:
    """What an exact search leaves."""
    path = tmp_path / "found"
    files = ("--workload", workload, "--hardware", chip, "--output", path)
    assert codesign("map", *files, "--method", "exact").code == 0
    return path


def test_map(codesign: Command, workload: Path, chip: Path, tmp_path: Path) -> None:
    """The summary of the folder, and a row per layer."""
    files = ("--workload", workload, "--hardware", chip, "--output", tmp_path / "run")

    found = read(codesign("map", *files, "--method", "random", "--trials", 20, "--json"))

    summary = json.loads((tmp_path / "run/summary.json").read_text(encoding="utf-8"))
    assert summary.items() <= found.items()
    assert found["design"] == str(tmp_path / "run/design.yaml")
    assert found["trials"] == 40
    assert 0 < found["feasible_share"] <= 1
    assert [row["layer"] for row in found["layers"]] == ["stem", "head"]
    energy_pj = sum(row["count"] * row["energy_pj"] for row in found["layers"])
    assert found["energy_pj"] == pytest.approx(energy_pj)
    assert isinstance(found["cycles"], int)
    assert found["problem"] is None


def test_map_that_finds_nothing(
    codesign: Command, workload: Path, chip: Path, tmp_path: Path
) -> None:
    """Costs are null, and the reason is there."""
    text = chip.read_text(encoding="utf-8").replace("H3: 12", "H3: 2")
    rule = "  whole:\n  - {level: InputRegFile, kind: temporal, pinned: {R: all}}\n"
    chip.write_text(f"{text}dataflows:\n{rule}", encoding="utf-8")
    files = ("--workload", workload, "--hardware", chip, "--output", tmp_path / "run")

    found = read(codesign("map", *files, "--dataflow", "whole", "--json"), code=1)

    assert (found["design"], found["edp"], found["layers"]) == (None, None, [])
    assert "no valid mapping of stem" in found["problem"]


def test_search(codesign: Command, workload: Path, chip: Path, tmp_path: Path) -> None:
    """With what the chip itself costs, and what was saved."""
    files = ("--workload", workload, "--hardware-space", chip, "--output", tmp_path / "run")
    budget = ("--hardware-trials", 6, "--inner-method", "random", "--mapping-trials", 20)

    found = read(codesign("search", *files, *budget, "--json"))

    assert found["trials"] == 6
    assert found["chip_value"] >= found["edp"] * (1 - 1e-12)
    saving = 100 * (1 - found["edp"] / found["chip_value"])
    assert found["saving_percent"] == pytest.approx(saving, abs=1e-6)
    assert found["resumed_trials"] == 0


def test_explain(codesign: Command, workload: Path, chip: Path) -> None:
    """Draws, needs and ways out, as in the text."""
    text = chip.read_text(encoding="utf-8").replace("H3: 12", "H3: 2")
    rule = "  whole:\n  - {level: InputRegFile, kind: temporal, pinned: {R: all}}\n"
    chip.write_text(f"{text}dataflows:\n{rule}", encoding="utf-8")
    files = ("--workload", workload, "--hardware", chip, "--layer", "stem")

    answer = codesign("map", *files, "--dataflow", "whole", "--explain", "--json")

    (found,) = read(answer, code=1)["layers"]
    assert found["layer"] == "stem"
    assert found["problem"] == "InputRegFile would hold 3 words, it has 2"
    assert found["draws"]["drawn"] == 20000
    assert sum(each["count"] for each in found["draws"]["broken"]) == 20000
    needs = {need["level"]: need for need in found["needs"]}
    assert (needs["InputRegFile"]["entries"], needs["InputRegFile"]["least_entries"]) == (2, 3)
    assert found["fits_without"] == ["the rule for InputRegFile temporal"]
    assert found["nearest"] == {"H3": {"value": 4, "now": 2}}
    assert "multiply-accumulate" in found["example"]["nest"]


def test_show(codesign: Command, folder: Path) -> None:
    """Everything that the text has; parts add up to the whole."""
    found = read(codesign("show", folder, "--json"))

    design = load_design(folder)
    assert found["name"] == design.name
    assert found["edp"] == design.edp
    assert found["hardware"]["arithmetic"]["instances"] == 8
    assert sum(found["area_parts_mm2"].values()) == pytest.approx(found["area_mm2"])
    assert found["networks"][0]["energy_pj"] == design.networks[0].energy_pj
    for row, entry in zip(found["layers"], design.networks[0].layers, strict=True):
        assert (row["energy_pj"], row["cycles"]) == (entry.energy_pj, entry.cycles)
        parts = sum(sum(level["energy_pj"].values()) for level in row["levels"])
        assert parts == pytest.approx(row["energy_pj"])
        assert max(level["cycles"] for level in row["levels"]) == row["cycles"]
        sizes = dict.fromkeys(row["sizes"], 1)
        for loop in row["loops"]:
            sizes[loop["loop"]] *= loop["bound"]
        assert sizes == row["sizes"]
        assert {loop["level"] for loop in row["loops"]} <= {v.name for v in design.hardware.levels}
    assert [
        row["layer"]
        for row in read(codesign("show", folder, "--json", "--layer", "head"))["layers"]
    ] == ["head"]


def test_show_usage(codesign: Command, folder: Path) -> None:
    """Levels outermost first; memory without bound is null."""
    found = read(codesign("show", folder, "--usage", "--json"))

    expected = usage(load_design(folder))[::-1]
    assert [row["level"] for row in found["levels"]] == [each.level for each in expected]
    assert found["levels"][0]["entries"] is None
    assert found["levels"][1]["used_entries"] == expected[1].used_entries
    assert found["minimal"][0]["cycles"] == load_design(folder).networks[0].cycles


def test_evaluate_a_design(codesign: Command, folder: Path) -> None:
    """Whether the claim comes out; null by other rules."""
    found = read(codesign("evaluate", folder, "--json"))
    other = read(codesign("evaluate", folder, "--json", "--accounting", "exact"))
    path = folder / "design.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("stem: {energy_pj: ", "stem: {energy_pj: 1"), encoding="utf-8")
    wrong = read(codesign("evaluate", folder, "--json"), code=1)

    assert (found["agrees"], other["agrees"], wrong["agrees"]) == (True, None, False)
    assert [row["agrees"] for row in wrong["layers"]] == [False, True]
    assert found["networks"][0]["edp"] > 0
    assert found["layers"][0]["reason"] is None


def test_evaluate_records(codesign: Command, reference_dir: Path, tmp_path: Path) -> None:
    """How many of which outcome."""
    with gzip.open(reference_dir / "eyeriss256.jsonl.gz", "rt", encoding="utf-8") as file:
        lines = [line for _, line in zip(range(40), file, strict=False)]
    (tmp_path / "few.jsonl").write_text("".join(lines), encoding="utf-8")
    files = ("--records", tmp_path / "few.jsonl", "--output", tmp_path / "few.parquet")

    found = read(codesign("evaluate", *files, "--json"))

    assert found["records"] == found["valid"] + found["fanout"] + found["capacity"] > 0
    assert found["output"] == str(tmp_path / "few.parquet")


def test_check(codesign: Command, folder: Path) -> None:
    """What holds of every layer."""
    found = read(codesign("check", folder / "certificate.json", "--json"))

    assert [row["layer"] for row in found["layers"]] == ["stem", "head"]
    for row in found["layers"]:
        assert row["verdict"] == "optimal"
        assert row["gap_percent"] == 0
        assert row["splits"] == row["empty"] + row["bounded"] + row["explored"]
