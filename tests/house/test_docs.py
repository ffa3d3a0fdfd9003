"""What the documentation shows as a file is one."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from codesign.cost.record_table import evaluate_records
from codesign.hardware import load_technology
from codesign.hardware.files import load_chip
from codesign.space.chip_space import ChipSpace
from codesign.workload import load_workload


def examples(page: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_the_record_file_can_be_priced(repository: Path, tmp_path: Path) -> None:
    """As it stands in `docs/records.md`."""
    (text,) = examples(repository / "docs/records.md", "json")

    found = evaluate_records([write(tmp_path / "x.jsonl", text)])

    assert found["id"].to_list() == [7]
    assert found["valid"].all()


def test_the_files_can_be_read(repository: Path, tmp_path: Path) -> None:
    """Networks, shapes, both kinds of accelerators, dataflows and energy tables."""
    network, shapes, template, levels, own, dataflows, table = examples(
        repository / "docs/files.md", "yaml"
    )

    assert load_workload(write(tmp_path / "a.yaml", network)).counts == (4, 1)
    assert len(load_workload(write(tmp_path / "b.yaml", "name: x\n" + shapes)).layers) == 1
    chip = load_chip(write(tmp_path / "c.yaml", template))
    drawn = ChipSpace(chip).draw(np.random.default_rng(0), 30)
    assert chip.hardware.pes == 168
    assert (drawn.column("H1") <= 4 * drawn.column("H2")).all()
    assert "mine" in load_chip(write(tmp_path / "d.yaml", levels + dataflows)).dataflows
    searched = ChipSpace(load_chip(write(tmp_path / "f.yaml", own)))
    assert len(searched.draw(np.random.default_rng(0), 3)) == 3
    assert load_technology(write(tmp_path / "e.yaml", table)).name == "mine"
