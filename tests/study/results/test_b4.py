"""B4: wins, tests and ranks by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import wilcoxon

from codesign.study.course import Course, course
from codesign.study.results.b4.table import anytime, blocks, duels, holm, ranks


def searches(**ends: list[float]) -> Course:
    """Two trials per search: the first is not feasible, the second has the given EDP per seed."""
    nan = float("nan")
    rows = [
        ("M", method, seed, trial, edp)
        for method, values in ends.items()
        for seed, last in enumerate(values)
        for trial, edp in enumerate((nan, last))
    ]
    columns = ["model", "method", "seed", "trial", "best_edp"]
    return course(pd.DataFrame(rows, columns=columns), ["model"])


def test_blocks_are_the_ends_by_seed() -> None:
    """Logarithms; a search that found nothing has infinity."""
    ends = blocks(searches(b=[1.0, np.e], a=[np.e, float("nan")]).at(), ["model"])

    assert ends.columns.tolist() == ["b", "a"]
    assert ends.to_numpy().tolist() == [[0.0, 1.0], [1.0, np.inf]]


def test_wins_ties_and_losses_count_both_ways() -> None:
    """Three seeds: a win by a factor of 2, a tie, a rival that found nothing."""
    table = duels(searches(a=[1.0, 5.0, 5.0], b=[2.0, 5.0, float("nan")]), 0)
    own, other = table.to_dict("records")

    assert [own[k] for k in ("method", "wins", "ties", "losses")] == ["a", 2, 1, 0]
    assert [other[k] for k in ("method", "wins", "ties", "losses")] == ["b", 0, 1, 2]
    assert own["win_rate"] + other["win_rate"] == 1
    assert own["ratio"] == pytest.approx(2.0)
    assert other["ratio"] == pytest.approx(0.5)
    assert other["low"] <= other["ratio"] <= other["high"]


def test_p_is_wilcoxons() -> None:
    """Of the differences of logarithms; 1 where there are none."""
    rng = np.random.default_rng(0)
    a, b = np.exp(rng.normal(size=12)), np.exp(rng.normal(0.5, size=12))

    table = duels(searches(a=list(a), b=list(b), c=list(a)), 0)
    p = table.set_index(["method", "rival"])["p"]

    assert p[("a", "b")] == pytest.approx(
        float(wilcoxon(np.log(b) - np.log(a), zero_method="pratt").pvalue)
    )
    assert p[("a", "c")] == 1.0


def test_holm_steps_down() -> None:
    """The smallest counts n times, the next n - 1 times, never less than the one before."""
    corrected = holm(np.array([0.04, 0.01, 0.03, 0.9]))

    assert corrected.tolist() == pytest.approx([0.09, 0.04, 0.09, 0.9])


def test_ranks_share_ties_and_order_methods() -> None:
    """Seed 0: a before b before c; seed 1: a and b tie."""
    table = ranks(searches(c=[3.0, 3.0], a=[1.0, 2.0], b=[2.0, 2.0]), 0)

    assert table["method"].tolist() == ["a", "b", "c"]
    assert table["rank"].tolist() == [1.25, 1.75, 3.0]
    assert table["best"].tolist() == [1.0, 0.5, 0.0]
    assert len(set(table["friedman_p"])) == 1


def test_methods_that_never_differ_do_not_differ() -> None:
    """No test statistic is needed for that."""
    table = ranks(searches(a=[1.0, 1.0], b=[1.0, 1.0], c=[1.0, 1.0]), 0)

    assert table["friedman_p"].tolist() == [1.0] * 3


def test_ranks_at_any_time() -> None:
    """Nobody has anything at first; then a leads."""
    table = anytime(searches(a=[1.0, 1.0], b=[2.0, 3.0]))

    assert table.set_index(["trial", "method"])["rank"].to_dict() == {
        (1, "a"): 1.5,
        (1, "b"): 1.5,
        (2, "a"): 1.0,
        (2, "b"): 2.0,
    }
