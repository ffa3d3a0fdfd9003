"""B2: what is proven of a model, and how far searches end from it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from codesign.store.design_file import load_design, write_design
from codesign.store.replay import replay
from codesign.study import paper
from codesign.study.report.summary import summarise
from codesign.study.report.views import view
from codesign.study.results.b2.table import baseline_edp, table
from codesign.study.running.stage import Setting
from codesign.study.searches.certified import certify
from tests.search.certified.test_prove import random_case

TRIALS = pd.DataFrame(
    [
        (model, method, seed, trial, edp / (1 + trial))
        for model, edp in (("A", 240.0), ("B", 80.0))
        for method in ("tpe", "random")
        for seed in range(3)
        for trial in range(2)
    ],
    columns=["model", "method", "seed", "trial", "best_edp"],
)

PROOFS = pd.DataFrame(
    {
        "model": ["A", "B"],
        "certificate": ["optimal", "bound"],
        "edp": [100.0, 40.0],
        "lower_bound_edp": [100.0, 32.0],
        "floor_edp": [50.0, 30.0],
    }
)

OPTIMA = pd.DataFrame(
    [("A", "a", 2, 3.0, 5.0), ("A", "b", 1, 4.0, 10.0), ("B", "a", 1, np.nan, np.nan)],
    columns=["model", "layer", "count", "energy_pj", "cycles"],
)


def test_everything_is_told_in_percent_of_the_bound() -> None:
    ends = table(TRIALS, PROOFS, OPTIMA).set_index(["model", "method"])

    assert ends.loc[("A", "tpe"), "excess"] == pytest.approx(20)
    assert ends.loc[("B", "random"), "excess"] == pytest.approx(25)
    assert ends.loc[("A", "tpe"), ["best", "floor", "eyeriss"]].tolist() == [0, -50, 100]
    assert ends.loc[("B", "tpe"), "best"] == 25
    assert np.isnan(ends.loc[("B", "tpe"), "eyeriss"])


def test_the_best_design_known_may_come_from_a_search() -> None:
    """B's proof stopped at 60; a search ended at 40, a quarter above the bound."""
    proofs = PROOFS.assign(edp=[100.0, 60.0])

    ends = table(TRIALS, proofs, OPTIMA).set_index(["model", "method"])

    assert ends.loc[("A", "tpe"), "best_edp"] == 100
    assert ends.loc[("B", "tpe"), ["best_edp", "best"]].tolist() == [40, 25]


def test_the_baseline_counts_layers_as_often_as_they_are_there() -> None:
    assert baseline_edp(OPTIMA)["A"] == (2 * 3 + 4) * (2 * 5 + 10)


def test_the_view_has_a_row_a_model() -> None:
    shown = view("B2", table(TRIALS, PROOFS, OPTIMA))

    assert [row[0] for row in shown.rows] == ["A", "B"]
    assert all(len(row) == len(shown.head) for row in shown.rows)


def test_the_summary_says_what_is_settled() -> None:
    """A is proven; of B the best known is a quarter above the bound."""
    budget = paper.Spent(50, 250, 10)

    lines = summarise({"B2": table(TRIALS, PROOFS, OPTIMA)}, budget).set_index("id")

    assert lines.loc["B2 A, tpe", "ours"] == pytest.approx(20)
    assert "the bound is the optimum" in lines.loc["B2 A, tpe", "reason"]
    assert "best accelerator known is 25.0 % above" in lines.loc["B2 B, random", "reason"]


def test_the_proof_of_a_model_is_told_and_replays(tmp_path: Path) -> None:
    workload, chip, accounting = random_case(1)
    certified = certify(Setting(workload, chip, accounting), 1e9, seed=0)
    row = certified.proof.iloc[0]

    assert row["certificate"] == "optimal"
    assert row["floor_edp"] <= row["lower_bound_edp"] <= row["edp"]
    assert len(certified.classes) >= row["classes"]
    assert certified.classes["lower_bound_edp"].min() >= row["lower_bound_edp"] * (1 - 1e-11)
    write_design(certified.design, tmp_path / "design.yaml")
    again = load_design(tmp_path / "design.yaml")
    assert replay(again)["agrees"].all()
    assert again.networks[0].edp == pytest.approx(row["edp"], rel=1e-15)
