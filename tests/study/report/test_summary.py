"""Verdicts: agree, disagree, not comparable, and why."""

from __future__ import annotations

import pandas as pd
import pytest

from codesign.study import paper
from codesign.study.registry import RESULTS, function_of
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
        (5.0, 7.0, 8.0, "disagree", "beyond what is possible here"),
        (5.0, 7.0, 30.0, "disagree", "ours is less"),
        (25.0, 27.0, 30.0, "disagree", "ours is more"),
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
        "ours is less; any design of this budget saves at most 20.0 %; our EDP is 2.5 % above "
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


def test_feasibility_is_judged_without_budgets() -> None:
    """Shares do not depend on how long anything searched; a budget counts once."""
    table = pd.DataFrame(
        [
            *[("derived", "e-168", 0.015, "enumerated")] * 3,
            ("derived", "e-256", 0.125, "enumerated"),
            ("free", "e-168", 0.02, "drawn"),
            ("free", "e-256", 0.004, "drawn"),
        ],
        columns=["sampler", "hardware", "share", "counted"],
    )

    claims = summarise({"R7": table}, paper.Spent(1, 1, 1))

    assert claims["verdict"].tolist() == ["agree", "disagree"]
    assert claims["ours"].tolist() == pytest.approx([7.0, 1.2])
    assert claims["reason"].tolist() == [
        "within a factor of 2; e-168 1.5 % (enumerated), e-256 12.5 % (enumerated)",
        "1 of 2 are below",
    ]
