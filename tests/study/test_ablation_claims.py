"""The paper's statements on R2 to R6 and B4, judged from tables made by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from codesign.study import paper
from codesign.study.comparison.table import table
from codesign.study.duels import tournament
from codesign.study.report.summary import summarise
from codesign.study.report.summary_view import view
from codesign.study.results.r5 import table as r5
from codesign.study.results.r6 import table as r6
from tests.study.courses import OPTIMA, SPACE, hardware_course, mapping_course, trials

FULL = paper.Spent(50, 250, 10)
SEEDS = range(6)

Ends = dict[str, list[float]]


def mapped(**ends: float) -> pd.DataFrame:
    """Mapping searches of layers x and y with six seeds: methods end about this far above 100."""
    return table(mapping_course(searches(**ends)))


def searches(**ends: float) -> dict[tuple[str, str, int], list[float]]:
    """Their trials by layer, method and seed; seeds differ by a thousandth."""
    return {
        (layer, name.replace("_", "-"), seed): [100.0 * (1 + end / 100 + seed / 1e3 * (end > 0))]
        for layer in ("x", "y")
        for name, end in ends.items()
        for seed in SEEDS
    }


@pytest.mark.parametrize(
    ("rival", "verdict", "outcome"),
    [(10.0, "agree", "better"), (5.0, "disagree", "equivalent"), (1.0, "disagree", "worse")],
)
@pytest.mark.parametrize(("result", "method"), [("R2", "random"), ("R4", "bo_ei")])
def test_a_tie_is_no_agreement(
    result: str, method: str, rival: float, verdict: str, outcome: str
) -> None:
    """The paper's method ends 5 % above the optimum; what counts is the other one's end."""
    ends = mapped(bo=5.0, **{method: rival})

    (claim,) = summarise({result: ends}, FULL).to_dict("records")

    assert claim["id"] == f"{result} {SPACE}, {method.replace('_', '-')}"
    assert (claim["verdict"], claim["outcome"]) == (verdict, outcome)
    assert claim["low"] <= claim["ours"] <= claim["high"]
    assert claim["ours"] == pytest.approx(1.05 / (1 + rival / 100), abs=2e-3)
    assert claim["below"] + claim["equal"] + claim["above"] == pytest.approx(100)
    assert f"{outcome} on M" in claim["reason"]


def test_a_ceiling_is_not_comparable() -> None:
    """Both at the proven optimum on every layer."""
    (claim,) = summarise({"R2": mapped(bo=0.0, random=0.0)}, FULL).to_dict("records")

    assert (claim["verdict"], claim["outcome"]) == ("not comparable", "saturated")
    assert claim["equal"] == 100.0
    assert claim["reason"].startswith("saturated")


def test_arms_that_the_paper_lacks_have_no_verdict() -> None:
    """But an outcome."""
    claims = summarise({"R2": mapped(bo=5.0, tpe=9.0, random=9.0)}, FULL).set_index("id")

    tpe, drawn = claims.loc[f"R2 {SPACE}, tpe"], claims.loc[f"R2 {SPACE}, random"]
    assert (tpe["verdict"], tpe["outcome"], tpe["paper"]) == ("not comparable", "better", "–")
    assert (drawn["verdict"], drawn["outcome"]) == ("agree", "better")


def test_few_seeds_are_undecided() -> None:
    """One against one proves nothing, however far apart."""
    course = mapping_course({("x", "bo", 0): [101.0], ("x", "random", 0): [200.0]})

    (claim,) = summarise({"R2": table(course)}, FULL).to_dict("records")

    assert (claim["verdict"], claim["outcome"]) == ("undecided", "undecided")


def test_hardware_is_judged_like_mappings() -> None:
    """R3 by the same rule; a model has its own row in the table, and a word in the reason."""
    found = {("bo", seed): [100.0 + seed / 10] for seed in SEEDS}
    found |= {("random", seed): [110.0 + seed / 10] for seed in SEEDS}
    ends = table(hardware_course(found))

    (claim,) = summarise({"R3": ends.assign(bound_excess=1.0)}, FULL).to_dict("records")

    assert (claim["id"], claim["verdict"]) == ("R3 hardware, random", "agree")
    assert claim["below"] == 100.0
    assert summarise({"R3": ends[ends["method"] == "bo"]}, FULL).empty


@pytest.mark.parametrize("result", ["R4", "R2"])
def test_without_rivals_or_the_papers_method_nothing_is_said(result: str) -> None:
    """There is nothing to compare."""
    assert summarise({result: mapped(bo=5.0)}, FULL).empty
    assert summarise({result: mapped(tpe=5.0)}, FULL).empty


WEIGHTS = {"bo-lcb-0.1": 0.1, "bo-lcb-0.5": 0.5, "bo": 1.0, "bo-lcb-5": 5.0}


@pytest.mark.parametrize(
    ("lowest", "inner", "verdict", "reason"),
    [
        (30.0, 5.0, "agree", "worse at one"),
        (5.0, 5.0, "disagree", "flat at the extremes too"),
        (30.0, 30.0, "disagree", "between the extremes it matters"),
    ],
)
def test_r5_is_flat_but_for_the_extremes(
    lowest: float, inner: float, verdict: str, reason: str
) -> None:
    """Between the extremes λ makes no difference, at one of them at least it does."""
    ends = dict(zip(WEIGHTS, (lowest, inner, 5.0, 5.0), strict=True))
    course = mapping_course(
        {
            (layer, name, seed): [100.0 + end + seed / 100]
            for layer in ("x", "y")
            for name, end in ends.items()
            for seed in SEEDS
        }
    )

    (claim,) = summarise({"R5": r5.table(course)}, FULL).to_dict("records")

    assert claim["verdict"] == verdict
    assert reason in claim["reason"]
    assert claim["ours"] == pytest.approx(100 * ((100 + inner) / 105 - 1), abs=0.05)


def sampled(ends: list[float]) -> pd.DataFrame:
    """bo at 1 % on one layer; the sampler with 1, 10 and 100 times the evaluations."""
    ours = trials({("x", "bo", seed): [101.0] for seed in SEEDS}).assign(space=SPACE)
    rows = [
        (SPACE, "M", "x", "s", seed, trial, 100.0 + end)
        for seed in SEEDS
        for trial, end in zip((0, 9, 99), ends, strict=True)
    ]
    columns = ["space", "model", "layer", "method", "seed", "trial", "best_edp"]
    return r6.table(ours, pd.DataFrame(rows, columns=columns), OPTIMA, [1, 10, 100])


def test_r6_has_a_verdict_for_every_budget() -> None:
    """Better with as many, level with ten times, worse with a hundred times."""
    claims = summarise({"R6": sampled([5.0, 1.0, 0.1])}, FULL)

    names = [f"R6 {SPACE}, {times} ×" for times in (1, 10, 100)]
    assert claims["id"].tolist() == [*names, "R6 free map-spaces, evaluations"]
    assert claims["outcome"].tolist() == ["better", "equivalent", "worse", ""]
    assert claims["verdict"].tolist() == ["agree", "disagree", "disagree", "not comparable"]
    assert "after 1 of its 1" in claims["reason"].iloc[3]


@pytest.mark.parametrize("result", ["B1", "R3c"])
def test_ablations_have_a_line_for_each_arm(result: str) -> None:
    """Relative to the paper's method; who finds nothing is told to."""
    course = searches(bo=5.0, tpe=5.0)
    nan = float("nan")
    course |= {(layer, "hyperopt", seed): [nan] for layer in ("x", "y") for seed in SEEDS}
    ends = table(mapping_course(course))

    tuned, plain = summarise({result: ends}, FULL).to_dict("records")

    assert (tuned["outcome"], tuned["verdict"]) == ("equivalent", "not comparable")
    assert (plain["outcome"], plain["below"]) == ("better", 100.0)
    assert "hyperopt nothing feasible" in plain["reason"]
    assert "100 % of the trials of hyperopt fail, 0 % of those of bo" in plain["reason"]


def test_b4_says_below_level_and_above() -> None:
    """Not one number that hides ties."""
    ends = mapping_course(
        {("x", "bo", seed): [100.0] for seed in SEEDS}
        | {("x", "random", seed): [100.0 if seed else 150.0] for seed in SEEDS}
    ).at()

    (claim,) = summarise({"B4": tournament(ends)}, FULL).to_dict("records")

    shares = claim["below"], claim["equal"], claim["above"]
    assert shares == pytest.approx((100 / 6, 500 / 6, 0.0))
    assert "BO ends below in 16.7 %, level in 83.3 %, above in 0.0 %" in claim["reason"]
    assert claim["verdict"] == "not comparable"
    shown = view(summarise({"B4": tournament(ends)}, FULL))
    at = shown.head.index("below / equal / above, %")
    assert shown.rows[0][at] == "16.7 / 83.3 / 0"
    assert shown.rows[0][at + 1] == "saturated"


@pytest.mark.parametrize("result", ["R4", "R6"])
def test_small_budgets_are_not_comparable(result: str) -> None:
    """Whatever the numbers say."""
    ends = {"R4": mapped(bo=5.0, bo_ei=1.0), "R6": sampled([5.0, 1.0, 0.0])}[result]

    claims = summarise({result: ends}, paper.Spent(8, 60, 2))

    assert set(claims["verdict"]) == {"not comparable"}
    assert np.isfinite(claims["ours"]).all()
