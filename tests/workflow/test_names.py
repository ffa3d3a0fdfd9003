"""Names from a config are words for the shell, whatever is in them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from codesign.store.table import read_table
from tests.workflow.snakemake_run import OWN, lay_out, snakemake

pytestmark = pytest.mark.workflow

EVIL = "o w;touch PWNED;$(touch PWNED)`touch PWNED`'&.yaml"
CONFIG = """\
name: evil
seeds: 1
trials: {{hardware: 2, mapping: 5}}
mapper: random
technology: "tables of mine/{evil}"
models:
  Own: {{workload: "{evil}", baseline: "my chips/{evil}"}}
R1: {{method: random}}
R3: {{methods: [random]}}
B5:
  trials: {{hardware: 2, mapping: 5}}
  technologies: ["tables of mine/{evil}"]
  clusters: [1]
  workloads: {{Own: ["{evil}"]}}
  budgets: ["my chips/{evil}"]
  weak: [1]
results: [R1, R3, B5]
"""


@pytest.fixture
def folder(repository: Path, tmp_path: Path) -> Path:
    """A study of files whose names hold spaces, quotes and commands."""
    folder = lay_out(repository, tmp_path / "study")
    for kind, source in (("my chips", "hardware/eyeriss-168"), ("tables of mine", TECHNOLOGY)):
        (folder / kind).mkdir()
        shutil.copy(repository / f"config/{source}.yaml", folder / kind / EVIL)
    (folder / EVIL).write_text(OWN, encoding="utf-8")
    (folder / "evil.yaml").write_text(CONFIG.format(evil=EVIL), encoding="utf-8")
    return folder


TECHNOLOGY = "technology/timeloop-pat-public"


def test_spaces_and_semicolons_are_parts_of_names(folder: Path) -> None:
    """The study is made of those very files, and none of the commands in their names runs."""
    answer = snakemake(folder, "--cores", "2", config="evil.yaml")

    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert not list(folder.rglob("PWNED"))
    run = folder / "results/evil"
    assert read_table(run / "tables/R1.parquet")["model"].tolist() == ["Own", "Own"]
    named = read_table(run / "tables/B5.parquet")["assumption"].dropna()
    assert f"layers of {Path(EVIL).stem}" in set(named)


@pytest.mark.parametrize("name", ["tiny\\n", "a b", "a;b", ""])
def test_names_of_runs_and_models_are_plain(folder: Path, name: str) -> None:
    """They are parts of paths; a line break at the end is one too."""
    text = (folder / "tiny.yaml").read_text("utf-8")
    for field in ("name: tiny", "DQN:"):
        wrong = f'name: "{name}"' if field.startswith("name") else f'"{name}":'
        (folder / "bad.yaml").write_text(text.replace(field, wrong, 1), encoding="utf-8")

        answer = snakemake(folder, "--cores", "1", "--dry-run", config="bad.yaml")

        assert answer.returncode != 0
        assert "expected a name of letters, digits" in answer.stderr
        assert "Traceback" not in answer.stderr
