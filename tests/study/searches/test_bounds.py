"""Bounds of a model's EDP: floors, and proofs where they are better."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from codesign.errors import InputError
from codesign.hardware.files import load_chip
from codesign.store.provenance import STAGE
from codesign.store.table import read_table, write_table
from codesign.study.__main__ import main
from codesign.study.comparison.table import hardware_course
from codesign.study.results.r3.table import table
from codesign.study.running.stage import Setting
from codesign.study.searches.bounds import bounds, floors
from codesign.study.searches.certified import certify
from codesign.study.searches.workloads import layer_table
from codesign.workload import Layer, Workload

NETWORK = Workload("M", (Layer.conv("x", P=4, K=3, C=5),), (1,))
SETTING = Setting(NETWORK, load_chip("eyeriss-168"))


def test_floors_come_from_the_budget_of_the_baseline() -> None:
    """One row a reading; a single layer has the same floor in both."""
    rows = floors(SETTING)

    assert list(rows["reading"]) == ["product", "layers"]
    assert len(set(rows["floor_edp"])) == 1


def test_another_template_is_refused() -> None:
    """The floors are those of the Eyeriss template's budget."""
    with pytest.raises(InputError, match="expects a file with 'template: eyeriss'"):
        floors(replace(SETTING, chip=load_chip("simba")))


@pytest.mark.parametrize(("times", "expected"), [(3.0, 3.0), (0.5, 1.0)])
def test_the_better_of_floor_and_proof_counts(times: float, expected: float) -> None:
    """For the reading that is proven; the other keeps its floor."""
    floor = float(floors(SETTING)["floor_edp"].iloc[0])

    rows = bounds(SETTING, pd.DataFrame({"lower_bound_edp": [times * floor]}))

    assert (rows["bound_edp"] / floor).tolist() == pytest.approx([expected, 1.0])


def test_the_stage_takes_a_real_proof(tmp_path: Path) -> None:
    """An optimum that is proven is the bound, and no smaller than the floor."""
    proof = certify(SETTING, 1e6, seed=0).proof
    layers, proven, output = (tmp_path / f"{n}.parquet" for n in ("layers", "proof", "bounds"))
    write_table(layer_table(NETWORK, "M"), layers, {STAGE: "workloads"})
    write_table(proof, proven, {STAGE: "certified"})
    options = ["--layers", layers, "--hardware", "eyeriss-168", "--accounting", "timeloop"]
    options += ["--technology", "timeloop-pat-public", "--output", output, "--proof", proven]

    assert main(["bounds", *map(str, options)]) == 0

    row = read_table(output).set_index("reading").loc["product"]
    assert row["bound_edp"] == proof["lower_bound_edp"].iloc[0]
    assert row["bound_edp"] > row["floor_edp"]


def test_hardware_searches_are_told_how_far_above_the_bound_they_end() -> None:
    """The median of 120 and 180 is half as much again as 100."""
    columns = ["model", "method", "seed", "trial", "best_edp"]
    trials = pd.DataFrame([("M", "bo", 0, 0, 120.0), ("M", "bo", 1, 0, 180.0)], columns=columns)
    known = pd.DataFrame(
        {"model": "M", "reading": ["product", "layers"], "bound_edp": [100.0, 1.0]}
    )

    searches = hardware_course(trials.assign(space="hardware", layer="all", feasible=True))

    rows = table(searches, known)

    assert rows["bound_excess"].tolist() == pytest.approx([50.0])
