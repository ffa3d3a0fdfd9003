"""Targets, defaults and errors of the workflow, without running a search."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from codesign.study.registry import RESULTS as REGISTRY
from codesign.study.running.needs import hardware_union
from tests.workflow.snakemake_run import lay_out, planned, snakemake

pytestmark = pytest.mark.workflow

STAGES = {
    "workloads": {"extract_workload": 2},
    "mapping": {"extract_workload": 2, "search_mappings": 9, "sample_mappings": 3},
    "hardware": {"extract_workload": 2, "search_hardware": 12},
    "baselines": {"extract_workload": 2, "map_baseline": 2},
    "optima": {"extract_workload": 2, "prove_optima": 3},
}

RESULTS = {
    "R1": {
        "extract_workload",
        "map_baseline",
        "prove_optima",
        "bound",
        "search_hardware",
        "tabulate_r1",
        "draw_R1",
    },
    "R2": {"extract_workload", "search_mappings", "prove_optima", "tabulate_r2", "draw_R2"},
    "R3": {"extract_workload", "bound", "search_hardware", "tabulate_r3", "draw_R3"},
    "R3c": {"extract_workload", "search_hardware", "tabulate_r3c", "draw_R3c"},
    "R4": {
        *("extract_workload", "search_mappings", "prove_optima", "search_hardware"),
        *("tabulate_r4", "draw_R4"),
    },
    "R5": {
        *("extract_workload", "search_mappings", "prove_optima", "search_hardware"),
        *("tabulate_r5", "draw_R5"),
    },
    "R6": {
        *("extract_workload", "search_mappings", "sample_mappings", "prove_optima"),
        *("tabulate_r6", "draw_R6"),
    },
    "R7": {"extract_workload", "draw_points", "tabulate_r7", "draw_R7"},
    "B5": {
        *("extract_workload", "extract_other_workload", "prove_optima", "search_hardware"),
        *("search_variant", "map_weakly", "share_accelerator", "map_baseline", "bound"),
        *("tabulate_b5", "draw_B5", "draw_B5_generality", "draw_B5_fronts"),
    },
    "R8": {
        "extract_workload",
        "map_baseline",
        "search_hardware",
        "tabulate_r8",
        "draw_R8",
        "draw_R8_breakdown",
    },
    "B1": {
        *("extract_workload", "search_mappings", "prove_optima", "search_hardware"),
        *("tabulate_b1", "draw_B1"),
    },
    "B3": {"extract_workload", "search_hardware", "map_crossed", "tabulate_b3", "draw_B3"},
    "B4": {
        "extract_workload",
        "prove_optima",
        "search_mappings",
        "search_hardware",
        "tabulate_b4",
        "draw_B4",
        "draw_B4_anytime",
    },
    "B6": {"compare_records", "draw_B6"},
    "S1": {"read_cells", "find_curves", "tabulate_s1", "draw_S1"},
    "S3": {
        *("read_cells", "find_curves", "search_accelerators_of_front", "tabulate_s3"),
        *("draw_S3", "draw_S3_fronts"),
    },
    "B2": {
        "extract_workload",
        "prove_optima",
        "certify",
        "search_hardware",
        "tabulate_b2",
        "draw_B2",
    },
}


@pytest.fixture(scope="module")
def fresh(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workflow before anything ran."""
    return lay_out(repository, tmp_path_factory.mktemp("fresh") / "study")


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_can_be_run_alone(fresh: Path, stage: str) -> None:
    """With what precedes it, and nothing that follows."""
    plan = planned(fresh, stage)

    assert plan.pop(stage) == 1
    assert plan == STAGES[stage]


@pytest.mark.parametrize("result", RESULTS)
def test_a_result_can_be_run_alone(fresh: Path, result: str) -> None:
    """Its searches, its table, its figure."""
    assert set(planned(fresh, result)) == RESULTS[result] | {result}


def test_every_result_is_a_target() -> None:
    """None of those that the folders declare is missing above."""
    assert set(RESULTS) == set(REGISTRY)


@pytest.mark.parametrize("name", ["quick", "paper"])
def test_shipped_configs_plan_all_results(fresh: Path, name: str) -> None:
    """Both configs reach the report; R1 takes its searches from R3's."""
    plan = planned(fresh, config=f"config/{name}.yaml")
    config = yaml.safe_load((fresh / f"config/{name}.yaml").read_text("utf-8"))

    assert plan["write_report"] == 1
    assert {f"draw_{result}" for result in config["results"]} <= set(plan)
    assert plan["search_hardware"] == sum(map(len, hardware_union(config).values()))


def test_results_of_the_config_are_all_there_is(fresh: Path) -> None:
    """With R7 alone nothing is searched."""
    (fresh / "only.yaml").write_text(
        re.sub(r"results: .*", "results: [R7]", (fresh / "tiny.yaml").read_text("utf-8")),
        encoding="utf-8",
    )

    plan = planned(fresh, config="only.yaml")

    assert {"draw_points", "tabulate_r7", "summarise", "write_report"} <= set(plan)
    assert not {"search_hardware", "search_mappings", "map_baseline", "prove_optima"} & set(plan)


def test_an_archive_is_the_report_and_all_tables(fresh: Path) -> None:
    """Checksums come last, of everything."""
    plan = planned(fresh, "archive")

    assert plan["archive_run"] == plan["write_report"] == 1
    config = yaml.safe_load((fresh / "tiny.yaml").read_text("utf-8"))
    assert {f"draw_{result}" for result in config["results"]} <= set(plan)


def test_without_records_b6_is_refused_at_once(fresh: Path) -> None:
    """One sentence that says where they are, before anything runs."""
    text = (fresh / "tiny.yaml").read_text("utf-8").replace("every: 500", "records: elsewhere")
    (fresh / "other.yaml").write_text(text, encoding="utf-8")

    answer = snakemake(fresh, "--cores", "1", "--dry-run", config="other.yaml")

    assert answer.returncode != 0
    assert "B6: records is 'elsewhere', expected a folder of record sets" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_config_of_ones_own_is_not_mixed_with_the_papers(fresh: Path) -> None:
    """Snakemake would merge the models of a default config into it."""
    text = "name: mine\nmodels: {Mine: {workload: own.yaml, baseline: eyeriss-168}}\n"
    (fresh / "mine.yaml").write_text(text, encoding="utf-8")

    assert planned(fresh, "workloads", config="mine.yaml")["extract_workload"] == 1


def test_a_bad_config_ends_with_one_sentence(fresh: Path) -> None:
    """No traceback, no line of the workflow's own code."""
    (fresh / "bad.yaml").write_text("name: bad\nmodels: {}\nseeds: none\n", encoding="utf-8")

    answer = snakemake(fresh, "--cores", "1", "--dry-run", config="bad.yaml")

    assert answer.returncode != 0
    assert answer.stderr.splitlines()[-1].startswith("Error: bad.yaml: models is empty, expected")
    assert "Traceback" not in answer.stderr
    assert ".smk" not in answer.stderr
