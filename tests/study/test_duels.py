"""Two arms compared on data whose answer is known."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from scipy.stats import mannwhitneyu

from codesign.study.duels import against, duel, headline, levels, tournament
from codesign.study.spaces import FREE_SPACES, TASK
from codesign.study.statistics import holm, median_interval, rank_sum_p, shift_interval

INF = float("inf")


def normal(shift: float, seed: int, size: int = 10, spread: float = 0.05) -> np.ndarray:
    """Ends around e^shift times the least."""
    return 0.5 + shift + spread * np.random.default_rng(seed).normal(size=size)


def test_an_arm_that_is_better() -> None:
    """A tenth less EDP on three tasks, with a spread of a twentieth."""
    found = duel([(normal(-0.1, k), normal(0.0, k + 50)) for k in range(3)])

    assert (found.outcome, found.saturated, found.pairs) == ("better", False, 300)
    assert found.ratio_low < np.exp(-0.1) < found.ratio_high
    assert found.wins > found.losses
    assert found.wins + found.ties + found.losses == 300
    assert found.p < 1e-4


def test_arms_that_are_equivalent() -> None:
    """Differences of a thousandth are within the margin, even if they are beyond chance."""
    same = [(normal(-0.001, k, spread=0.0005), normal(0, k + 9, spread=0.0005)) for k in range(4)]
    found = duel(same)

    assert found.outcome == "equivalent"
    assert found.p < 0.05


def test_arms_that_cannot_be_told_apart() -> None:
    """A spread of a half and five seeds: the interval reaches from better to worse."""
    found = duel([(normal(0, 1, 5, 0.5), normal(0, 2, 5, 0.5))])

    assert found.outcome == "undecided"
    assert found.ratio_low < 1 < found.ratio_high


def test_a_saturated_comparison() -> None:
    """Both at the optimum in 60 of 100 pairs: a ceiling, whatever the rest does."""
    own = np.zeros(10)
    rival = np.array([0.0] * 6 + [0.2] * 4)
    found = duel([(own, rival)])

    assert (found.ties_at_least, found.saturated) == (60, True)
    assert (found.wins, found.ties, found.losses) == (40, 60, 0)
    assert not duel([(own, rival + 0.1)]).saturated
    # Ties above the least are ties, and no ceiling.
    assert not duel([(own + 0.3, own + 0.3)]).saturated


def test_too_few_seeds_decide_nothing() -> None:
    """Two against two, always ahead: six orders are possible, and this is one of them."""
    found = duel([(np.array([0.1, 0.2]), np.array([1.0, 2.0]))])

    assert (found.ratio_low, found.ratio_high, found.outcome) == (0.0, INF, "undecided")
    assert found.p == pytest.approx(2 / 6)


def test_who_finds_nothing_loses() -> None:
    """Infinite ends; two that find nothing tie."""
    found = duel([(np.array([0.1, 0.1, INF] * 3), np.full(9, INF))])

    assert (found.wins, found.ties, found.losses) == (54, 27, 0)
    assert found.ratio == 0.0


def test_rounding_is_a_tie() -> None:
    """EDPs that differ in the twelfth digit are the same."""
    found = duel([(np.full(6, 0.3), np.full(6, 0.3 + 1e-12))])

    assert (found.ties, found.p, found.outcome) == (36, 1.0, "equivalent")


def test_seeds_may_be_exchanged() -> None:
    """Which seed met which makes no difference to anything, in any order."""
    rng = np.random.default_rng(3)
    strata = [(normal(0, k), normal(0.02, k + 5)) for k in range(4)]
    shuffled = [(rng.permutation(a), rng.permutation(b)) for a, b in strata]

    assert duel(shuffled) == duel(strata)
    assert duel(strata[::-1]) == duel(strata)


def test_p_is_mann_and_whitneys_in_one_stratum() -> None:
    """As SciPy has it, exactly without ties."""
    a, b = normal(0, 1, 7), normal(0.03, 2, 9)

    expected = float(mannwhitneyu(a, b, method="exact").pvalue)
    assert rank_sum_p([(a, b)]) == pytest.approx(expected)


def test_p_is_exact_with_ties() -> None:
    """By all assignments of the values of both strata, one by one."""
    strata = [
        (np.array([1.0, 1.0, 2.0]), np.array([1.0, 3.0])),
        (np.array([2.0]), np.array([2.0, 4])),
    ]

    def statistic(own: np.ndarray, rival: np.ndarray) -> float:
        return float((own[:, None] > rival).sum() + (own[:, None] == rival).sum() / 2)

    sums = []
    for choices in itertools.product(
        *(itertools.combinations(range(len(a) + len(b)), len(a)) for a, b in strata)
    ):
        total = 0.0
        for (a, b), chosen in zip(strata, choices, strict=True):
            both = np.concatenate([a, b])
            total += statistic(both[list(chosen)], np.delete(both, chosen))
        sums.append(total)
    found = sum(statistic(a, b) for a, b in strata)
    lower, upper = np.mean(np.array(sums) <= found), np.mean(np.array(sums) >= found)

    assert rank_sum_p(strata) == pytest.approx(min(1, 2 * min(lower, upper)))


def test_large_groups_are_approximated_closely() -> None:
    """The normal distribution takes over where the exact one would take long."""
    a, b = normal(0, 1, 60), normal(0.01, 2, 55)

    expected = float(mannwhitneyu(a, b, method="asymptotic").pvalue)
    assert rank_sum_p([(a, b)]) == pytest.approx(expected, rel=0.02)


def test_the_interval_has_what_the_test_does_not_reject() -> None:
    """Just inside its ends p is above 5 %, just outside below."""
    strata = [(normal(0, k, 5), normal(0.05, k + 7, 6)) for k in range(3)]
    differences = np.concatenate([(a[:, None] - b).ravel() for a, b in strata])
    _, low, high = shift_interval(differences, [(5, 6)] * 3)

    for end, inwards in ((low, 1e-9), (high, -1e-9)):
        inside, outside = (
            rank_sum_p([(a - end - step, b) for a, b in strata]) for step in (inwards, -inwards)
        )
        assert outside <= 0.05 < inside


def test_the_interval_covers() -> None:
    """A known shift, in about 95 % of 200 repeats or more."""
    rng = np.random.default_rng(11)
    hits = 0
    for _ in range(200):
        strata = [(rng.exponential(size=6) - 0.3, rng.exponential(size=6)) for _ in range(3)]
        differences = np.concatenate([(a[:, None] - b).ravel() for a, b in strata])
        _, low, high = shift_interval(differences, [(6, 6)] * 3)
        hits += low <= -0.3 <= high

    assert hits >= 184


def test_holm_steps_down() -> None:
    """The smallest counts n times, the next n - 1 times, never less than the one before."""
    corrected = holm(np.array([0.04, 0.01, 0.03, 0.9]))

    assert corrected.tolist() == pytest.approx([0.09, 0.04, 0.09, 0.9])


@pytest.fixture
def ends() -> pd.DataFrame:
    """Two free spaces and hardware; `a` is below `bo` on every layer of A, level on B."""
    rows = []
    for space, model, layer in (
        ("s", "A", "x"), ("s", "A", "y"), ("s", "B", "z"), ("t", "A", "x"), ("t", "A", "y"),
        ("row-stationary", "A", "x"), ("hardware", "A", "all"),
    ):  # fmt: skip
        for seed in range(6):
            own = 10.0 + seed if model == "B" else 1.0 + seed / 10
            rows.append((space, model, layer, "bo", seed, 10.0 + seed))
            rows.append((space, model, layer, "a", seed, own))
    columns = ["space", "model", "layer", "method", "seed", "excess"]
    return pd.DataFrame(rows, columns=columns)


def test_levels_join_tasks(ends: pd.DataFrame) -> None:
    """Layers of a model, models of a space, and free spaces; what has one task is not repeated."""
    groups = [
        key
        for level in levels(ends)
        for key, _ in level.groupby(["space", "model", "layer"], sort=False)
    ]

    assert groups[:7] == list(
        dict.fromkeys(ends[["space", "model", "layer"]].itertuples(index=False, name=None))
    )
    assert groups[7:] == [
        ("s", "A", "all"),
        ("t", "A", "all"),
        ("s", "all", "all"),
        ("t", "all", "all"),
        (FREE_SPACES, "A", "all"),
        (FREE_SPACES, "all", "all"),
    ]


def test_models_have_rows_beside_pooled_ones(ends: pd.DataFrame) -> None:
    """Better on A, equivalent on B, and what both make together."""
    rows = against(ends, "bo").set_index([*TASK, "method"])

    assert rows.loc[("s", "A", "all", "a"), "outcome"] == "better"
    assert rows.loc[("s", "B", "z", "a"), ["wins", "ties", "losses"]].tolist() == [15, 6, 15]
    assert rows.loc[("s", "all", "all", "a"), "strata"] == 3
    assert rows.loc[(FREE_SPACES, "all", "all", "a"), "pairs"] == 5 * 36
    assert set(rows.index.get_level_values("method")) == {"a"}
    assert against(ends, "nobody").empty


def test_the_headline_is_one_row_per_kind_of_space(ends: pd.DataFrame) -> None:
    """All free spaces as one; a space with one task has the row of the task."""
    rows = headline(against(ends, "bo").query("method == 'a'"))

    assert rows[["space", "model"]].to_numpy().tolist() == [
        ["row-stationary", "A"],
        ["hardware", "A"],
        [FREE_SPACES, "all"],
    ]


def test_a_tournament_counts_both_ways(ends: pd.DataFrame) -> None:
    """Wins of the one are losses of the other; p is corrected over the pairs of the group."""
    rows = tournament(pd.concat([ends, ends[ends["method"] == "a"].assign(method="c")]))
    group = rows.query("space == 's' and model == 'all'").set_index(["method", "rival"])

    assert len(group) == 6
    for one, other in (("a", "bo"), ("a", "c")):
        assert group.loc[(one, other), "wins"] == group.loc[(other, one), "losses"]
        assert group.loc[(one, other), "ratio"] * group.loc[(other, one), "ratio"] == (
            pytest.approx(1)
        )
    assert group.loc[("a", "bo"), "outcome"] == "better"
    assert group.loc[("bo", "a"), "outcome"] == "worse"
    assert group.loc[("a", "c"), "p"] == 1.0
    assert (group["p_holm"] >= group["p"]).all()


def test_medians_have_exact_intervals() -> None:
    """Of ten values the second and the ninth, with 97.9 %; of five their range."""
    values = np.arange(10.0)

    assert median_interval(values) == (4.5, 1.0, 8.0)
    assert median_interval(values[::-1]) == (4.5, 1.0, 8.0)
    assert median_interval(np.arange(5.0)) == (2.0, 0.0, 4.0)
    assert median_interval(np.array([3.0])) == (3.0, 3.0, 3.0)
    assert median_interval(np.array([1.0, 2.0, INF])) == (2.0, 1.0, INF)
    assert np.isnan(median_interval(np.array([1.0, np.nan]))).all()
