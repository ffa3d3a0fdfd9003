"""What the documentation shows as a file is one, its links lead somewhere, its rooms are there."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from codesign.cost.record_table import evaluate_records
from codesign.dependencies import SOURCE_FOLDER, imports
from codesign.hardware import load_technology
from codesign.hardware.files import load_chip
from codesign.space.chip_space import ChipSpace
from codesign.store.family_file import load_family
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
    network, quantized, shapes, family, cells, template, levels, *others = examples(
        repository / "docs/files.md", "yaml"
    )
    dram, own, dataflows, table, leaky = others

    assert load_workload(write(tmp_path / "a.yaml", network)).counts == (4, 1)
    widths = [layer.widths for layer in load_workload(write(tmp_path / "i.yaml", quantized)).layers]
    assert widths == [(8, 8, 32), (4, 8, 32)]
    assert len(load_workload(write(tmp_path / "b.yaml", "name: x\n" + shapes)).layers) == 1
    assert "- {network: small.onnx, quality: 70.5}\n" in family
    named = family.replace("small.onnx", "dqn")
    assert load_family(write(tmp_path / "j.yaml", named)).names == ("dqn", "resnet18")
    cell = "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|none~1|skip_connect~2|"
    rows = pd.DataFrame({"cell": [cell], "cifar10_accuracy": [90.0]})
    rows.to_parquet(tmp_path / "nats.parquet")
    assert load_family(write(tmp_path / "k.yaml", cells)).quality.tolist() == [90.0]
    chip = load_chip(write(tmp_path / "c.yaml", template))
    drawn = ChipSpace(chip).draw(np.random.default_rng(0), 30)
    assert chip.hardware.pes == 168
    assert (drawn.column("H1") <= 4 * drawn.column("H2")).all()
    assert "mine" in load_chip(write(tmp_path / "d.yaml", levels + dataflows)).dataflows
    assert "- {name: DRAM, technology: DRAM}" in levels
    slow = levels.replace("- {name: DRAM, technology: DRAM}", dram)
    assert load_chip(write(tmp_path / "h.yaml", slow)).hardware.levels[-1].shared_bandwidth == 1.2
    searched = ChipSpace(load_chip(write(tmp_path / "f.yaml", own)))
    assert len(searched.draw(np.random.default_rng(0), 3)) == 3
    assert load_technology(write(tmp_path / "e.yaml", table)).name == "mine"
    assert load_technology(write(tmp_path / "g.yaml", leaky)).leak.mac_pj_per_cycle != "0"


PAGES = ("*.md", "docs/*.md", "results/*.md", "tests/reference/*.md")
LINK = re.compile(r"\]\(([^)\s]+)\)")


def prose(page: Path) -> str:
    """A page without its blocks of code."""
    return re.sub(r"(?ms)^```.*?^```", "", page.read_text(encoding="utf-8"))


def anchors(page: Path) -> set[str]:
    """What a link can name of a page: its headings, as GitHub writes them."""
    headings = re.findall(r"^#+ (.*)", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", each).strip().lower().replace(" ", "-") for each in headings}


def test_links_lead_to_files_and_headings(repository: Path) -> None:
    """Links to other sites are not followed."""
    broken, count = [], 0
    for page in (path for pattern in PAGES for path in sorted(repository.glob(pattern))):
        for link in LINK.findall(prose(page)):
            if "://" in link:
                continue
            name, _, anchor = link.partition("#")
            target = (page.parent / name).resolve() if name else page
            count += 1
            if not target.exists() or (anchor and anchor not in anchors(target)):
                broken.append(f"{page.relative_to(repository)}: {link}")

    assert count > 100
    assert not broken, "\n".join(broken)


def floors(repository: Path) -> dict[str, int]:
    """The rooms of the table in `docs/architecture.md`, each with the number of its row."""
    page = (repository / "docs/architecture.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`.*?) \|", page.partition("## From")[0], re.MULTILINE)
    return {
        name.removesuffix(".py"): number
        for number, row in enumerate(rows)
        for name in re.findall(r"`([\w.]+)`", row)
    }


def test_the_rooms_are_those_of_the_architecture(repository: Path) -> None:
    """Every package and module has its row in the table, and no row is left over."""
    package = SOURCE_FOLDER / "codesign"
    there = {path.name for path in package.iterdir() if (path / "__init__.py").exists()}
    there |= {path.stem for path in package.glob("*.py")} - {"__init__", "__main__"}

    assert set(floors(repository)) == there


@pytest.mark.parametrize(
    "room",
    [
        *("study", "drawing", "search", "timeloop", "store", "space", "cost", "mapping"),
        *("hardware", "workload"),
    ],
)
def test_imports_run_downwards(repository: Path, room: str) -> None:
    """No room imports one of a row above its own."""
    floor = floors(repository)
    above = [
        f"{module} imports {name}"
        for path in (SOURCE_FOLDER / "codesign" / room).rglob("*.py")
        for module in [".".join(path.relative_to(SOURCE_FOLDER).with_suffix("").parts)]
        for name in imports(module.removesuffix(".__init__"))
        if floor.get(name.split(".")[1], floor[room]) < floor[room]
    ]

    assert not above, "\n".join(above)
