"""Adding a result, as CONTRIBUTING.md says: one folder, one rule, one line in a config."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
import yaml

from codesign.store.table import read_table
from tests.copies import adopt_kernels
from tests.workflow.snakemake_run import lay_out, planned, snakemake

pytestmark = pytest.mark.workflow

FILE = re.compile(r"^`([^`\n]+/[^`\n]+)`:\n```\w+\n(.*?)^```$", re.DOTALL | re.MULTILINE)

CONFIG = """\
name: tiny
seeds: 1
trials: {mapping: 12}
models: {Own: {workload: own.yaml, baseline: eyeriss-256}}
R2: {methods: [random, tpe]}
results: [B7]
"""


@pytest.fixture(scope="module")
def files(repository: Path) -> dict[str, str]:
    """The files that the page shows, by their names in the repository."""
    page = (repository / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = page.partition("## Add a result\n")[2].partition("\n## ")[0]
    return dict(FILE.findall(section))


def add(folder: Path, files: dict[str, str]) -> None:
    """Writes the files below a folder."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def study(
    repository: Path, files: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The tree with the files of the page and a config that asks for the result alone."""
    folder = lay_out(repository, tmp_path_factory.mktemp("adding") / "study")
    shutil.copytree(repository / "src", folder / "src", ignore=shutil.ignore_patterns("*.egg-info"))
    adopt_kernels(repository, folder)
    add(folder, files)
    (folder / "tiny.yaml").write_text(CONFIG, encoding="utf-8")
    return folder


def test_the_page_has_one_folder_and_one_rule(files: dict[str, str]) -> None:
    """Nothing else is touched."""
    folder = "src/codesign/study/results/b7"

    assert {str(Path(name).parent) for name in files} == {folder, "workflow/rules/results"}
    names = ("__init__.py", "table.py", "figure.py", "caption.rst")
    assert {f"{folder}/{name}" for name in names} < set(files)


@pytest.mark.slow
def test_the_result_is_built(study: Path) -> None:
    """Its searches, its table, its figure and its section of the report."""
    answer = snakemake(study, "--cores", "2", source=study / "src")

    assert answer.returncode == 0, answer.stdout + answer.stderr
    run = study / "results/tiny"
    shares = read_table(run / "tables/B7.parquet")
    assert shares["near"].unique().tolist() == [0.1, 1.0, 10.0]
    assert shares["share"].between(0, 100).all()
    for _, line in shares.groupby(["near", "method"]):
        assert line["share"].is_monotonic_increasing
    assert (run / "figures/B7.pdf").stat().st_size > 1000
    page = (run / "report.html").read_text("utf-8")
    assert 'id="B7"' in page
    assert "Near the optimum" in page
    assert "over all layers and 1 seeds" in page


def test_the_result_is_a_target_beside_the_others(study: Path) -> None:
    """The schema knows it, and so does every rule that lists results."""
    plan = planned(study, "B7", source=study / "src")

    assert set(plan) <= {"B7", "extract_workload", "search_mappings", "prove_optima"} | {
        "tabulate_b7",
        "draw_B7",
    }


def test_the_result_may_have_options(study: Path, tmp_path: Path) -> None:
    """They stand in the folder; a wrong one is told like any other."""
    copy = shutil.copytree(study, tmp_path / "study", symlinks=True)
    options = {"near": {"type": "array", "items": {"type": "number"}, "default": [1.0]}}
    text = yaml.safe_dump(options)
    (copy / "src/codesign/study/results/b7/options.yaml").write_text(text, encoding="utf-8")
    config = (copy / "tiny.yaml").read_text("utf-8") + "B7: {far: 3}\n"
    (copy / "tiny.yaml").write_text(config, encoding="utf-8")

    answer = snakemake(copy, "--cores", "1", "--dry-run", source=copy / "src")

    assert answer.returncode != 0
    assert "tiny.yaml: B7: unknown key 'far'; known are near" in answer.stderr
