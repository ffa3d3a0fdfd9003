"""`codesign map` and `codesign search`: what they write, and that they write it again."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from codesign.hardware.files import load_chip
from codesign.store.design_file import load_design
from codesign.store.replay import network_totals, replay
from codesign.store.table import read_metadata
from tests.cli.conftest import Answer, Command

FILES = ["design.yaml", "summary.json", "timings.parquet", "trials.parquet"]
COLUMNS = [
    *("experiment", "model", "layer", "hardware", "method", "seed", "trial"),
    *("feasible", "violation", "energy_pj", "cycles", "edp", "best_edp"),
]


def map_tiny(codesign: Command, workload: Path, chip: Path, folder: Path, *more: object) -> Answer:
    """A mapping search of a second at most."""
    search = ("--method", "random", "--trials", 15, "--output", folder)
    return codesign("map", "--workload", workload, "--hardware", chip, *search, *more)


def search_tiny(
    codesign: Command, workload: Path, chip: Path, folder: Path, *more: object
) -> Answer:
    """A co-design search of a second at most."""
    outer = ("--method", "random", "--hardware-trials", 3)
    inner = ("--inner-method", "random", "--mapping-trials", 10)
    files = ("--hardware-space", chip, "--output", folder)
    return codesign("search", "--workload", workload, *more, *files, *outer, *inner)


def test_a_network_is_mapped(codesign: Command, workload: Path, chip: Path, tmp_path: Path) -> None:
    """All files exist, and agree with each other."""
    folder = tmp_path / "new" / "run"

    answer = map_tiny(codesign, workload, chip, folder)

    trials = pd.read_parquet(folder / "trials.parquet")
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    (total,) = network_totals(replay(load_design(folder / "design.yaml"))).to_dict("records")
    best = trials.groupby("layer")["edp"].min()
    design = load_design(folder / "design.yaml")
    assert answer.code == 0, answer.err
    assert sorted(path.name for path in folder.iterdir()) == FILES
    assert trials.columns.to_list()[: len(COLUMNS)] == COLUMNS
    assert len(trials) == summary["trials"] == 30
    assert {key: summary[key] for key in ("energy_pj", "cycles", "edp")} == {
        key: total[key] for key in ("energy_pj", "cycles", "edp")
    }
    for entry in design.networks[0].layers:
        assert best[entry.layer.name] == entry.energy_pj * entry.cycles
    assert summary["elapsed_s"] > 0


def test_an_exact_mapping_comes_with_its_certificate(
    codesign: Command, workload: Path, chip: Path, tmp_path: Path
) -> None:
    """The summary says that it is optimal, and the bound that proves it."""
    folder, sampled = tmp_path / "exact", tmp_path / "sampled"

    answer = map_tiny(codesign, workload, chip, folder, "--method", "exact")
    map_tiny(codesign, workload, chip, sampled)

    summary, other = (json.loads((f / "summary.json").read_text()) for f in (folder, sampled))
    assert answer.code == 0, answer.err
    assert summary["certificate"] in ("optimal", "bound")
    assert summary["lower_bound_edp"] <= summary["edp"]
    assert summary["lower_bound_edp"] <= other["edp"]
    assert summary["trials"] == 2
    assert "certificate" not in other


def test_one_layer_is_mapped(codesign: Command, workload: Path, chip: Path, tmp_path: Path) -> None:
    """Once, however often the network has it."""
    map_tiny(codesign, workload, chip, tmp_path / "run", "--layer", "stem")

    (network,) = load_design(tmp_path / "run" / "design.yaml").networks
    assert [(entry.layer.name, entry.count) for entry in network.layers] == [("stem", 1)]


def test_a_dataflow_is_obeyed(
    codesign: Command, workload: Path, chip: Path, tmp_path: Path
) -> None:
    """Row-stationary unrolls the filter's width in the weight register file."""
    map_tiny(codesign, workload, chip, tmp_path / "run", "--dataflow", "row-stationary")

    design = load_design(tmp_path / "run" / "design.yaml")
    mapping = design.networks[0].layers[0].mapping
    level = design.hardware.index("WeightRegFile")
    assert dict(mapping.levels[level].temporal)["R"] == 3
    assert design.origin["dataflow"] == "row-stationary"


@pytest.mark.parametrize("search", [map_tiny, search_tiny])
def test_the_same_seed_gives_the_same_bytes(
    search: object, codesign: Command, workload: Path, chip: Path, tmp_path: Path
) -> None:
    """Of trials and design; wall-clock times stand elsewhere."""
    assert callable(search)
    first, second, other = (tmp_path / name for name in "abc")

    for folder in (first, second):
        search(codesign, workload, chip, folder, *(["--seed", 1] if search is map_tiny else []))
    search(codesign, workload, chip, other, *(["--seed", 2] if search is map_tiny else []))

    for name in ("trials.parquet", "design.yaml"):
        assert (first / name).read_bytes() == (second / name).read_bytes()
    if search is map_tiny:
        assert (first / "trials.parquet").read_bytes() != (other / "trials.parquet").read_bytes()


@pytest.mark.slow
def test_jobs_do_not_change_the_result(
    codesign: Command, workload: Path, chip: Path, tmp_path: Path
) -> None:
    """Two processes find what one finds."""
    for jobs in (1, 2):
        answer = map_tiny(codesign, workload, chip, tmp_path / f"{jobs}", "--jobs", jobs)
        assert answer.code == 0, answer.err

    one, two = ((tmp_path / f"{jobs}" / "trials.parquet").read_bytes() for jobs in (1, 2))
    assert one == two


def test_trials_say_where_they_come_from(
    codesign: Command, workload: Path, chip: Path, tmp_path: Path
) -> None:
    """Configuration, code and energy table; another seed is another configuration."""
    map_tiny(codesign, workload, chip, tmp_path / "a")
    map_tiny(codesign, workload, chip, tmp_path / "b", "--seed", 5)

    first, second = (read_metadata(tmp_path / name / "trials.parquet") for name in "ab")

    assert first["technology"] == "timeloop-pat-public"
    assert {"config_hash", "code_version", "technology_hash", "accounting"} <= first.keys()
    assert first["config_hash"] != second["config_hash"]
    assert first["code_version"] == second["code_version"]
    assert str(tmp_path) not in str(first)


def test_an_accelerator_is_found(
    codesign: Command, workload: Path, chip: Path, tmp_path: Path
) -> None:
    """Within the budget, with its parameters, and its design replays."""
    answer = search_tiny(codesign, workload, chip, tmp_path / "run")

    trials = pd.read_parquet(tmp_path / "run" / "trials.parquet")
    summary = json.loads((tmp_path / "run" / "summary.json").read_text(encoding="utf-8"))
    design = load_design(tmp_path / "run" / "design.yaml")
    assert answer.code == 0, answer.err
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == FILES
    assert len(trials) == summary["trials"] == 3
    assert (trials["H1"] * trials["H2"] == 8).all()
    assert summary["edp"] == pytest.approx(trials["edp"].min(), rel=1e-12)
    assert design.point.values
    assert replay(design)["agrees"].all()


def test_workloads_share_an_accelerator(
    codesign: Command, workload: Path, chip: Path, tmp_path: Path
) -> None:
    """The summary has each by name, and the geometric mean that the search minimised."""
    second = tmp_path / "second.yaml"
    text = workload.read_text(encoding="utf-8").replace("name: tiny", "name: second")
    second.write_text(text.replace("P: 4", "P: 8"), encoding="utf-8")

    answer = search_tiny(codesign, workload, chip, tmp_path / "run", second)

    trials = pd.read_parquet(tmp_path / "run" / "trials.parquet")
    summary = json.loads((tmp_path / "run" / "summary.json").read_text(encoding="utf-8"))
    networks = summary["networks"]
    assert answer.code == 0, answer.err
    assert [*networks] == ["tiny", "second"]
    assert summary["edp"] ** 2 == pytest.approx(networks["tiny"]["edp"] * networks["second"]["edp"])
    assert summary["edp"] == pytest.approx(trials["edp"].min(), rel=1e-12)


def test_nothing_found_says_why(
    codesign: Command, workload: Path, chip: Path, tmp_path: Path
) -> None:
    """The exit code is 1, there is a row but no design, and an older design is gone."""
    text = chip.read_text(encoding="utf-8")
    impossible = tmp_path / "impossible.yaml"
    impossible.write_text(
        text + "dataflows:\n  odd:\n  - {level: DRAM, kind: temporal, pinned: {R: 2}}\n",
        encoding="utf-8",
    )
    map_tiny(codesign, workload, chip, tmp_path / "run")

    answer = map_tiny(codesign, workload, impossible, tmp_path / "run", "--dataflow", "odd")

    summary = json.loads((tmp_path / "run" / "summary.json").read_text(encoding="utf-8"))
    trials = pd.read_parquet(tmp_path / "run" / "trials.parquet")
    assert answer.code == 1
    assert answer.err.startswith("codesign: no valid mapping of stem on small: ")
    assert answer.err.count("\n") == 1
    assert summary["edp"] is None
    assert trials["feasible"].to_list() == [False]
    assert "design.yaml" not in [path.name for path in (tmp_path / "run").iterdir()]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--workload", "dqnn"], "workloads: no 'dqnn' (did you mean 'dqn'?)"),
        (["--hardware", "eyeris-168"], "did you mean 'eyeriss-168'?"),
        (["--hardware", "none.yaml"], "none.yaml: No such file"),
        (["--layer", "stm"], "no layer 'stm' (did you mean 'stem'?)"),
        (["--dataflow", "row-stationery"], "did you mean 'row-stationary'?"),
        (["--method", "tpee"], "did you mean 'tpe'?"),
        (["--technology", "timeloop"], "technology: no 'timeloop'"),
    ],
)
def test_typos_are_refused(
    codesign: Command,
    workload: Path,
    chip: Path,
    tmp_path: Path,
    arguments: list[str],
    expected: str,
) -> None:
    """With the names there are, and no folder left behind."""
    answer = map_tiny(codesign, workload, chip, tmp_path / "run", *arguments)

    assert answer.code == 2
    assert expected in answer.err
    assert answer.err.count("\n") == 1
    assert not (tmp_path / "run").exists()


def test_hardware_without_budget_cannot_be_searched(
    codesign: Command, workload: Path, tmp_path: Path
) -> None:
    """There is nothing to arrange in a fixed accelerator."""
    fixed = tmp_path / "fixed.yaml"
    fixed.write_text(
        "name: fixed\narithmetic: {instances: 1}\nstorage:\n- {name: DRAM, technology: DRAM}\n",
        encoding="utf-8",
    )

    answer = search_tiny(codesign, workload, fixed, tmp_path / "run")

    assert answer.code == 2
    assert "there is nothing to search" in answer.err
    assert not (tmp_path / "run").exists()


def test_a_workload_stands_once(
    codesign: Command, workload: Path, chip: Path, tmp_path: Path
) -> None:
    """Two workloads with one name could not be distinguished."""
    answer = search_tiny(codesign, workload, chip, tmp_path / "run", workload)

    assert answer.code == 2
    assert "'tiny' is given twice" in answer.err


def test_an_objective_is_told_everywhere(
    codesign: Command, workload: Path, chip: Path, tmp_path: Path
) -> None:
    """In the design's origin and the summary; trials have what was minimised."""
    folder = tmp_path / "run"

    answer = search_tiny(codesign, workload, chip, folder, "--objective", "energy")

    trials = pd.read_parquet(folder / "trials.parquet")
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert answer.code == 0, answer.err
    assert summary["objective"] == load_design(folder / "design.yaml").origin["objective"]
    assert summary["objective_value"] == pytest.approx(summary["energy_pj"])
    assert trials["best_objective"].iloc[-1] == trials["objective"].min()
    assert trials["objective"].to_numpy() == pytest.approx(
        trials["energy_pj"].to_numpy(), nan_ok=True
    )


def test_a_mapping_of_least_energy(
    codesign: Command, workload: Path, chip: Path, tmp_path: Path
) -> None:
    """Proved, and no more than that of least EDP takes."""
    for name in ("edp", "energy"):
        more = ("--method", "exact", "--objective", name)
        map_tiny(codesign, workload, chip, tmp_path / name, *more)

    usual, least = (
        json.loads((tmp_path / name / "summary.json").read_text()) for name in ("edp", "energy")
    )
    assert least["certificate"] == "optimal"
    assert least["lower_bound_energy_pj"] == least["energy_pj"] <= usual["energy_pj"]


def test_a_front_has_a_design_each(
    codesign: Command, workload: Path, chip: Path, tmp_path: Path
) -> None:
    """They replay; a later search in the folder leaves none of them."""
    folder = tmp_path / "run"

    answer = search_tiny(codesign, workload, chip, folder, "--objective", "pareto")

    table = pd.read_parquet(folder / "front.parquet")
    trials = pd.read_parquet(folder / "trials.parquet")
    assert answer.code == 0, answer.err
    assert table["trial"].to_list() == trials["trial"][trials["on_front"]].to_list()
    for row in table.to_dict("records"):
        design = load_design(folder / row["design"])
        assert replay(design)["agrees"].all()
        assert design.technology.area.mm2(design.hardware) == row["area_mm2"]
    search_tiny(codesign, workload, chip, folder)
    assert sorted(path.name for path in folder.iterdir()) == FILES


def test_weights_are_told(codesign: Command, workload: Path, chip: Path, tmp_path: Path) -> None:
    """By the workload's name or by its file; the summary has the weighted mean."""
    second = tmp_path / "second.yaml"
    text = workload.read_text(encoding="utf-8").replace("name: tiny", "name: second")
    second.write_text(text.replace("P: 4", "P: 8"), encoding="utf-8")
    weights = ("--weight", f"{workload}=3", "--weight", "second=1")

    answer = search_tiny(codesign, workload, chip, tmp_path / "run", second, *weights)

    summary = json.loads((tmp_path / "run" / "summary.json").read_text(encoding="utf-8"))
    tiny, other = (summary["networks"][name]["edp"] for name in ("tiny", "second"))
    assert answer.code == 0, answer.err
    assert summary["weights"] == {"tiny": 3.0, "second": 1.0}
    assert summary["edp"] == pytest.approx(tiny**0.75 * other**0.25)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (
            ("--weight", "tinny=2"),
            "no workload 'tinny' (did you mean 'tiny'?), expected one of tiny",
        ),
        (("--weight", "tiny=2", "--weight", "tiny=3"), "'tiny' is given twice"),
        (("--weight", "tiny=-1"), "is '-1', expected a number above 0"),
        (("--weight", "tiny"), "--weight is 'tiny', expected a workload and its weight"),
        (("--max-area", "0.001"), "the limit is 0.001 mm², expected at least"),
        (("--max-pes", "4"), "the limit is 4 PEs, expected at least 8"),
        (
            ("--objective", "area"),
            "--objective is 'area', expected one of edp, energy,",
        ),
    ],
)
def test_bad_limits_are_one_sentence(
    codesign: Command,
    workload: Path,
    chip: Path,
    tmp_path: Path,
    more: tuple[str, ...],
    message: str,
) -> None:
    """And leave nothing behind."""
    answer = search_tiny(codesign, workload, chip, tmp_path / "run", *more)

    assert answer.code == 2
    assert message in answer.err
    assert not (tmp_path / "run").exists()


def test_an_area_is_kept(codesign: Command, workload: Path, chip: Path, tmp_path: Path) -> None:
    """No trial is larger, and register files are smaller than they could be."""
    answer = search_tiny(codesign, workload, chip, tmp_path / "run", "--max-area", 0.1)

    trials = pd.read_parquet(tmp_path / "run" / "trials.parquet")
    assert answer.code == 0, answer.err
    assert (trials["area_mm2"] <= 0.1).all()


@pytest.mark.parametrize("name", ["gemmini", "nvdla", "simba"])
def test_other_chips_are_searched(
    codesign: Command, workload: Path, tmp_path: Path, name: str
) -> None:
    """Their parameters stand in the table, and in the design, which replays."""
    options = ("--workload", workload, "--hardware-space", name, "--method", "bo")
    trials = ("--hardware-trials", 4, "--inner-method", "random", "--mapping-trials", 10)

    assert codesign("search", *options, *trials, "--output", tmp_path / "out").code == 0

    chip = load_chip(name)
    found = load_design(tmp_path / "out" / "design.yaml")
    table = pd.read_parquet(tmp_path / "out" / "trials.parquet")
    best = table.loc[table["edp"].idxmin(), list(chip.template.baseline)]
    assert dict(found.point.values) == best.to_dict()
    assert chip.template.hardware(found.point, "found") == found.hardware
    assert codesign("evaluate", tmp_path / "out" / "design.yaml").code == 0
    shown = codesign("show", tmp_path / "out" / "design.yaml").out
    assert all(f"{key}={value}" in shown for key, value in found.point.values)
    summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert summary["technology_hash"] == chip.technology.digest


def test_a_large_register_file_is_searched_by_the_default_method(
    codesign: Command, workload: Path, chip: Path, tmp_path: Path
) -> None:
    """A parameter of more than 512 values, after the random start-up."""
    chip.write_text(
        chip.read_text(encoding="utf-8").replace("local_words: 64", "local_words: 2100")
    )
    inner = ("--inner-method", "random", "--mapping-trials", 5)
    files = ("--hardware-space", chip, "--output", tmp_path / "run")

    answer = codesign("search", "--workload", workload, *files, "--hardware-trials", 14, *inner)

    assert answer.code == 0, answer.err
    assert len(pd.read_parquet(tmp_path / "run" / "trials.parquet")) == 14
