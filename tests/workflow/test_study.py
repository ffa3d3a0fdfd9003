"""The whole study in small: it runs, leaves everything, and knows what to run again."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from codesign.store.design_file import load_design
from codesign.store.table import read_table
from tests.workflow.snakemake_run import lay_out, planned, snakemake, tables

pytestmark = pytest.mark.workflow

SEARCHES = {
    "search_mappings",
    "search_hardware",
    "map_baseline",
    "draw_points",
    "prove_optima",
    "search_variant",
    "map_weakly",
    "share_accelerator",
}


@pytest.fixture
def copy(finished: Path, tmp_path: Path) -> Path:
    """A copy of the finished run to meddle with."""
    return shutil.copytree(finished, tmp_path / "copy")


@pytest.fixture
def source(repository: Path, tmp_path: Path) -> Path:
    """A copy of the sources to edit."""
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
    return shutil.copytree(repository / "src", tmp_path / "src", ignore=ignored)


def edit(path: Path, text: str) -> None:
    """Adds lines to a source file."""
    path.write_text(path.read_text("utf-8") + text, encoding="utf-8")


def test_everything_is_made(finished: Path) -> None:
    """Tables, figures in both formats with their data, summary, report and config."""
    run = finished / "results" / "tiny"

    for result in ("R1", "R2", "R3", "R6", "R7", "R8", "B3", "B4", "B5", "B6"):
        assert (run / f"tables/{result}.parquet").is_file()
        for kind in ("pdf", "png", "parquet"):
            assert (run / f"figures/{result}.{kind}").stat().st_size > 1000
    assert (run / "report.html").stat().st_size > 100_000
    assert (run / "config.json").is_file()
    assert load_design(run / "designs/Own.yaml").point.values
    made = json.loads((run / "provenance.json").read_text("utf-8"))
    assert made["command"].startswith("snakemake")
    assert str(finished) not in json.dumps(made)
    assert {row["stage"]: row["jobs"] for row in made["stages"]}["hardware"] == 12
    assert set(read_table(run / "summary.parquet")["id"]) >= {"R1 DQN", "R1 Own", "R7 mapping"}


def test_searches_leave_all_trials(finished: Path) -> None:
    """Six mapping trials per layer, method and seed; three accelerators per method and seed."""
    run = finished / "results" / "tiny"

    mapping = read_table(run / "mapping/row-stationary/DQN/tpe/trials.parquet")
    hardware = read_table(run / "hardware/baselines/Own/random/0/trials.parquet")
    assert mapping.groupby(["layer", "seed"]).size().tolist() == [6, 6]
    assert hardware["trial"].tolist() == [0, 1, 2]
    assert {"H1", "H12", "edp_of_layers"} <= set(hardware)


def test_searches_are_held_against_proven_optima(finished: Path) -> None:
    """Every layer of every model has one, and no search goes below it."""
    run = finished / "results" / "tiny"

    optima = read_table(run / "optima/row-stationary/DQN.parquet")
    ends, saved = (read_table(run / f"tables/{name}.parquet") for name in ("R2", "R1"))
    assert optima["certificate"].tolist() == ["optimal"] * 2
    single = ends[ends["layer"] != "all"]
    assert sorted(single["layer"].unique()) == ["DQN-K1", "DQN-K2", "product"]
    assert set(single["space"]) == {"row-stationary", "gemmini"}
    assert (ends["excess"] >= 0).all()
    assert (single["edp"] >= single["least_edp"] * (1 - 1e-12)).all()
    assert (saved["optimal_eyeriss_edp"] <= saved["eyeriss_edp"]).all()


def test_second_run_has_nothing_to_do(finished: Path) -> None:
    """Neither for the whole nor for one result."""
    assert planned(finished) == {}
    assert planned(finished, "R1") == {}


@pytest.mark.slow
def test_cores_do_not_change_a_byte(finished: Path, repository: Path, tmp_path: Path) -> None:
    """The same tables and figures on one core as on two."""
    folder = lay_out(repository, tmp_path / "alone")
    answer = snakemake(folder, "--cores", "1")
    assert answer.returncode == 0, answer.stderr

    assert tables(folder) == tables(finished)
    for kind in ("pdf", "png"):
        figure = Path("results/tiny/figures/R2").with_suffix(f".{kind}")
        assert (folder / figure).read_bytes() == (finished / figure).read_bytes()


def test_editing_a_figure_reruns_no_search(finished: Path, source: Path) -> None:
    """Only that figure and the report that contains it."""
    edit(source / "codesign/study/results/r6/figure.py", "\nNEW = 1\n")

    assert planned(finished, source=source) == {"draw_R6": 1, "write_report": 1}


def test_editing_the_cost_model_reruns_every_search(finished: Path, source: Path) -> None:
    """All searches and what follows; raw draws are not priced, networks are not re-read."""
    edit(source / "codesign/cost/traffic.py", "\nNEW = 1\n")

    plan = planned(finished, source=source)

    assert (plan["search_mappings"], plan["search_hardware"], plan["map_baseline"]) == (9, 12, 2)
    assert (plan["prove_optima"], plan["map_crossed"]) == (3, 2)
    assert {"tabulate_r1", "tabulate_r2", "tabulate_r3", "summarise", "write_report"} <= set(plan)
    assert "extract_workload" not in plan


def test_editing_one_optimizer_spares_the_others(finished: Path, source: Path) -> None:
    """TPE's mapping and hardware searches, not random's."""
    edit(source / "codesign/search/tpe/optimizer.py", "\nNEW = 1\n")

    plan = planned(finished, source=source)

    assert {name: plan.get(name, 0) for name in SEARCHES} == {
        "search_mappings": 3,
        "search_hardware": 4,
        "map_baseline": 0,
        "draw_points": 0,
        "prove_optima": 0,
        "search_variant": 0,
        "map_weakly": 0,
        "share_accelerator": 0,
    }


def test_comments_rerun_nothing(finished: Path, source: Path) -> None:
    """Neither in the sources nor a newer date on them."""
    edit(source / "codesign/cost/kernel.py", "\n# A remark.\n")

    assert planned(finished, source=source) == {}


@pytest.mark.parametrize(
    ("old", "new", "rerun"),
    [
        ("hardware: 3", "hardware: 4", {"search_hardware", "search_variant"}),
        ("draws: 200", "draws: 300", {"draw_points"}),
        (
            "mapping: 6",
            "mapping: 7",
            {"search_mappings", "search_hardware", "map_baseline", "search_variant"},
        ),
        ("R3: {methods: [random, tpe, bo]}", "R3: {methods: [random, bo]}", set()),
    ],
)
def test_config_values_rerun_what_uses_them(
    copy: Path, old: str, new: str, rerun: set[str]
) -> None:
    """A value reruns the searches that take it, and no others."""
    config = copy / "tiny.yaml"
    config.write_text(config.read_text("utf-8").replace(old, new), encoding="utf-8")

    plan = planned(copy)

    assert set(plan) & SEARCHES == rerun
    assert "write_report" in plan


def test_more_seeds_keep_the_searches_there_are(copy: Path) -> None:
    """A second seed: hardware searches and baselines of the first one stay, optima have none."""
    config = copy / "tiny.yaml"
    config.write_text(config.read_text("utf-8").replace("seeds: 1", "seeds: 2"), encoding="utf-8")

    plan = planned(copy)

    assert (plan["search_hardware"], plan["map_baseline"]) == (12, 2)
    assert "prove_optima" not in plan


def test_a_changed_layer_reruns_its_network_only(copy: Path) -> None:
    """The other model's searches stay."""
    network = copy / "own.yaml"
    network.write_text(network.read_text("utf-8").replace("K: 32", "K: 64"), encoding="utf-8")

    plan = planned(copy)

    assert plan["extract_workload"] == 1
    assert (plan["search_mappings"], plan["search_hardware"], plan["prove_optima"]) == (3, 6, 1)


def test_a_comment_in_a_network_reruns_no_search(copy: Path) -> None:
    """Its layers are read again, come out the same, and that is all."""
    network = copy / "own.yaml"
    network.write_text("# A remark.\n" + network.read_text("utf-8"), encoding="utf-8")
    before = tables(copy)
    written = (copy / "results/tiny/hardware/baselines/Own/tpe/0/trials.parquet").stat().st_mtime_ns

    assert snakemake(copy, "--cores", "2", "workloads").returncode == 0

    assert planned(copy) == {}
    assert tables(copy) == before
    after = (copy / "results/tiny/hardware/baselines/Own/tpe/0/trials.parquet").stat().st_mtime_ns
    assert after == written
