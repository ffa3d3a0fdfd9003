"""Verdicts: agree, disagree, not comparable, and why."""

from __future__ import annotations

import pandas as pd
import pytest

from codesign.study import paper
from codesign.study.registry import RESULTS, function_of
from codesign.study.report.claim import best_or_tied
from codesign.study.report.summary import summarise

FULL = paper.Spent(50, 250, 10)


def r1(low: float, high: float, headroom: float) -> pd.DataFrame:
    """R1's table for ResNet, for which the paper has 18.3 %."""
    row = {"model": "ResNet", "reading": "product", "improvement": (low + high) / 2}
    optimal = {
        "improvement_optimal": 4.0,
        "optimal_low": 3.0,
        "optimal_high": 5.0,
        "bound_excess": 2.5,
    }
    bounds = {"low": low, "high": high, "headroom": headroom, "headroom_optimal": 20.0}
    return pd.DataFrame([row | optimal | bounds | {"paper": 18.3}])


def test_every_result_has_lines_in_the_summary() -> None:
    """None of the shipped results goes without."""
    assert all(callable(function_of(result, "claims", "claims")) for result in RESULTS)


@pytest.mark.parametrize(
    ("low", "high", "headroom", "verdict", "reason"),
    [
        (15.0, 20.0, 30.0, "agree", "within our interval"),
        (5.0, 7.0, 8.0, "disagree", "beyond what the energy table leaves"),
        (5.0, 7.0, 30.0, "disagree", "we save less"),
        (25.0, 27.0, 30.0, "disagree", "we save more"),
    ],
)
def test_improvement_is_judged_by_interval_and_headroom(
    low: float, high: float, headroom: float, verdict: str, reason: str
) -> None:
    """The paper's number agrees when it lies within our interval."""
    claim, _ = summarise({"R1": r1(low, high, headroom)}, FULL).to_dict("records")

    assert claim["id"] == "R1 ResNet"
    assert claim["verdict"] == verdict
    assert claim["reason"].startswith(reason)
    assert claim["provenance"] == "[abs]"


def test_improvement_is_judged_against_optimal_mapping_by_itself() -> None:
    """A row of its own, with its own headroom, after the one against Eyeriss as searched."""
    _, claim = summarise({"R1": r1(15.0, 20.0, 30.0)}, FULL).to_dict("records")

    assert claim["id"] == "R1 ResNet, against optimal mapping"
    assert (claim["ours"], claim["low"], claim["high"]) == (4.0, 3.0, 5.0)
    assert claim["verdict"] == "disagree"
    assert claim["reason"] == (
        "we save less; any design of this budget saves at most 20.0 %; our EDP is 2.5 % above "
        "that bound"
    )


def test_a_smaller_budget_is_not_comparable() -> None:
    """Whatever the numbers say."""
    table = summarise({"R1": r1(15.0, 20.0, 30.0)}, paper.Spent(8, 60, 2))

    assert table["verdict"].tolist() == ["not comparable"] * 2
    assert "8 × 60 trials and 2 seeds, the paper's 50 × 250 and 10" in table["reason"].iloc[0]


def test_a_network_of_ones_own_has_no_paper_to_agree_with() -> None:
    """Models that the paper does not have are listed without a verdict."""
    own = r1(1.0, 2.0, 30.0).assign(model="Mine", paper=float("nan"))

    claim, _ = summarise({"R1": own}, FULL).to_dict("records")

    assert (claim["paper"], claim["verdict"]) == ("–", "not comparable")


@pytest.fixture
def ends() -> pd.DataFrame:
    """BO wins on a, ties on b, loses on c."""
    rows = [
        ("M", "a", "bo", 11.0, 0.0),
        ("M", "a", "random", 100.0, 60.0),
        ("M", "b", "bo", 25.0, 5.0),
        ("M", "b", "random", 11.0, 0.0),
        ("M", "c", "bo", 100.0, 60.0),
        ("M", "c", "random", 11.0, 0.0),
    ]
    table = pd.DataFrame(rows, columns=["model", "layer", "method", "excess", "excess_low"])
    return table.assign(trials=250)


def test_best_or_tied_counts_wins_and_ties(ends: pd.DataFrame) -> None:
    """A tie is an interval that reaches the best median."""
    assert best_or_tied(ends, "bo") == (2, 3)


def test_nearly_all_layers_is_four_fifths(ends: pd.DataFrame) -> None:
    """Two of three layers are not "nearly all"."""
    claim = summarise({"R2": ends}, FULL).to_dict("records")[0]

    assert (claim["ours"], claim["verdict"]) == (2.0, "disagree")


def test_excess_is_told_for_every_method(ends: pd.DataFrame) -> None:
    """Median and range over layers; the paper has no optimum to compare."""
    claims = summarise({"R2": ends.assign(excess=[0.5, 9, 2, 9, 4, 9])}, FULL).set_index("id")

    found = claims.loc["R2 excess, bo"]
    assert (found["ours"], found["low"], found["high"]) == (2.0, 0.5, 4.0)
    assert found["verdict"] == "not comparable"
    assert found["reason"].endswith("within 1 % of it on 1 of 3 layers")
    assert claims.loc["R2 excess, random", "ours"] == 9.0


def test_hardware_claim_needs_both_methods() -> None:
    """BO ahead of random search on every model; without random search there is nothing to say."""
    table = pd.DataFrame(
        [("M", "bo", 10.0), ("M", "random", 20.0)], columns=["model", "method", "excess"]
    )

    assert summarise({"R3": table}, FULL)["verdict"].tolist() == ["agree"]
    assert summarise({"R3": table[:1]}, FULL).empty


def test_feasibility_is_judged_without_budgets() -> None:
    """Shares do not depend on how long anything searched."""
    table = pd.DataFrame(
        [("derived", 0.08), ("free", 0.02), ("free", 0.004)], columns=["sampler", "share"]
    )

    claims = summarise({"R7": table}, paper.Spent(1, 1, 1))

    assert claims["verdict"].tolist() == ["agree", "disagree"]
    assert claims["reason"].tolist()[1] == "1 of 2 layers are below"
