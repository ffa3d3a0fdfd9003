"""What the paper says of R4, R5 and R6, compared with tables written by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from codesign.study import paper
from codesign.study.report.summary import summarise

FULL = paper.Spent(50, 250, 10)


def compared(
    together: dict[str, tuple[float, float, float]], single: dict[str, float] | None = None
) -> pd.DataFrame:
    """Mapping search: ratio with interval of every method, and its excess on the one layer x."""
    rows = []
    for method, (ratio, low, high) in together.items():
        ends = {"search": "mapping", "method": method, "seeds": 10, "trials": 250, "reach": 12.0}
        pair = {"ratio": ratio, "ratio_low": low, "ratio_high": high}
        excess = (single or {}).get(method, 1.0)
        spread = {"excess": excess, "excess_low": excess - 0.5, "excess_high": excess + 0.5}
        rows.append({**ends, **pair, **spread, "model": "M", "layer": "x"})
        rows.append({**ends, **pair, **spread, "model": "all", "layer": "all"})
    return pd.DataFrame(rows)


BO = (1.0, 1.0, 1.0)


@pytest.mark.parametrize(
    ("rival", "verdict"),
    [
        ((1.02, 1.01, 1.03), "agree"),
        ((0.99, 0.97, 1.01), "agree"),
        ((0.97, 0.95, 0.99), "disagree"),
    ],
)
def test_r4_is_refuted_by_a_rival_that_is_better_beyond_its_interval(
    rival: tuple[float, float, float], verdict: str
) -> None:
    """The best of the others is what counts."""
    ends = compared({"bo": BO, "bo-ei": rival, "bo-rf": (1.5, 1.4, 1.6)}, {"bo": 2.0})

    (claim,) = summarise({"R4": ends}, FULL).to_dict("records")

    assert (claim["ours"], claim["low"], claim["high"]) == rival
    assert claim["verdict"] == verdict
    assert "best or ties on 0 of 1 layers" in claim["reason"]
    assert claim["provenance"] == "[rec]"


def test_r4_says_nothing_without_rivals_or_without_the_papers_method() -> None:
    """There is nothing to compare."""
    assert summarise({"R4": compared({"bo": BO})}, FULL).empty
    assert summarise({"R4": compared({"bo-ei": BO})}, FULL).empty


WORSE, SAME = (1.2, 1.1, 1.3), (1.001, 0.99, 1.01)


@pytest.mark.parametrize(
    ("lowest", "inner", "verdict", "reason"),
    [
        (WORSE, SAME, "agree", "hardly matters"),
        (SAME, SAME, "disagree", "flat at the extremes too"),
        (WORSE, WORSE, "disagree", "between them λ matters"),
    ],
)
def test_r5_is_flat_but_for_the_extremes(
    lowest: tuple[float, float, float],
    inner: tuple[float, float, float],
    verdict: str,
    reason: str,
) -> None:
    """Between the extremes λ makes no difference, at one of them at least it does."""
    arms = {"bo-lcb-0.1": lowest, "bo-lcb-0.5": inner, "bo": BO, "bo-lcb-5": SAME}
    weights = {"bo-lcb-0.1": 0.1, "bo-lcb-0.5": 0.5, "bo": 1.0, "bo-lcb-5": 5.0}
    ends = compared(arms)

    (claim,) = summarise({"R5": ends.assign(weight=ends["method"].map(weights))}, FULL).to_dict(
        "records"
    )

    assert claim["verdict"] == verdict
    assert reason in claim["reason"]
    assert claim["ours"] == pytest.approx(100 * (inner[0] - 1))


def sampled(excess: list[float]) -> pd.DataFrame:
    """bo at 1 % on one layer; the sampler with 1, 10 and 100 times the evaluations."""
    arms = [("bo", 1, 1.0, 60.0)]
    arms += [("s", m, e, 900.0) for m, e in zip((1, 10, 100), excess, strict=True)]
    frame = pd.DataFrame(arms, columns=["method", "multiple", "excess", "reach"])
    return frame.assign(model="M", layer="x", evaluations=250 * frame["multiple"])


def test_r6_has_a_verdict_for_every_budget() -> None:
    """Better with as many, level with ten times, worse with a hundred times."""
    claims = summarise({"R6": sampled([5.0, 1.05, 0.0])}, FULL)

    assert claims["id"].tolist() == ["R6, 1 ×", "R6, 10 ×", "R6, 100 ×", "R6 evaluations"]
    assert claims["ours"].tolist() == [1.0, 1.0, 0.0, 900.0]
    assert claims["verdict"].tolist() == ["agree", "disagree", "disagree", "not comparable"]
    assert "after 60 of its 250" in claims["reason"].iloc[3]


@pytest.mark.parametrize("result", ["B1", "R3c"])
def test_arms_that_the_paper_lacks_have_a_line_each(result: str) -> None:
    """Relative to its own method, all layers as one; who finds nothing is told to."""
    never = (float("inf"), float("inf"), float("inf"))
    ends = compared({"bo": BO, "tpe": SAME, "hyperopt": never}, {"hyperopt": float("inf")})
    ends = ends.assign(failed=ends["method"].map({"bo": 5.0, "tpe": 2.0, "hyperopt": 100.0}))

    tuned, plain = summarise({result: ends.assign(wins=0.4)}, FULL).to_dict("records")

    assert tuned["id"] == f"{result} mapping, tpe"
    assert (tuned["ours"], tuned["low"], tuned["high"]) == SAME
    assert tuned["verdict"] == "not comparable"
    assert "2 % of its trials fail, 5 % of those of bo; it is ahead with 40 %" in tuned["reason"]
    assert "finds nothing feasible; 100 % of its trials" in plain["reason"]


@pytest.mark.parametrize("result", ["R4", "R6"])
def test_small_budgets_are_not_comparable(result: str) -> None:
    """Whatever the numbers say."""
    ends = {"R4": compared({"bo": BO, "bo-ei": WORSE}), "R6": sampled([5.0, 1.0, 0.0])}[result]

    claims = summarise({result: ends}, paper.Spent(8, 60, 2))

    assert set(claims["verdict"]) == {"not comparable"}
