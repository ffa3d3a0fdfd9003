"""Random forests against scikit-learn's, and against what their parts must add up to."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

from codesign.search.bo import forest as forests
from codesign.search.bo.forest import ForestClassifier, ForestSurrogate, grow_forest
from codesign.search.bo.trees import LEAF

Floats = NDArray[np.float64]

THEIRS = {
    "n_estimators": forests.TREES,
    "max_features": forests.TRIED_SHARE,
    "min_samples_leaf": int(forests.LEAST_LEAF),
}
"""The same forest in scikit-learn's words."""


def toy_trials(seed: int, trials: int = 400, size: int = 15) -> tuple[Floats, Floats]:
    """Features in [0, 7], and losses with a kink, an interaction and noise."""
    rng = np.random.default_rng(seed)
    features = rng.integers(0, 8, size=(trials, size)).astype(float)
    linear = features[:, :4] @ np.array([1.0, -1.5, 2.0, 0.5])
    kink = 2.0 * np.maximum(features[:, 4] - 4.0, 0.0)
    interaction = 0.5 * features[:, 5] * (features[:, 6] > 3.0)
    return features, linear + kink + interaction + rng.normal(size=trials)


def test_errors_are_scikit_learns() -> None:
    """On held-out data of twenty problems, paired: within 5 % on the mean of the logarithms."""
    ratios = []
    for seed in range(20):
        features, losses = toy_trials(seed)
        mine = ForestSurrogate(np.random.default_rng(seed))
        mine.fit(features[:150], losses[:150])
        theirs = RandomForestRegressor(**THEIRS, random_state=seed)
        theirs.fit(features[:150], losses[:150])

        errors = [
            np.sqrt(np.mean((predicted - losses[150:]) ** 2))
            for predicted in (mine.predict(features[150:])[0], theirs.predict(features[150:]))
        ]
        ratios.append(np.log(errors[0] / errors[1]))

    assert abs(np.mean(ratios)) < 0.05
    assert np.std(ratios) < 0.1


def test_chances_are_as_good_as_scikit_learns() -> None:
    """Brier scores on held-out data of twenty problems, paired, differ by less than 0.01."""
    differences = []
    for seed in range(20):
        features, losses = toy_trials(seed)
        is_feasible = losses < np.quantile(losses, 0.7)
        mine = ForestClassifier(np.random.default_rng(seed))
        mine.fit(features[:150], is_feasible[:150])
        theirs = RandomForestClassifier(**THEIRS, random_state=seed)
        theirs.fit(features[:150], is_feasible[:150])

        chances = mine.predict(features[150:]), theirs.predict_proba(features[150:])[:, 1]
        scores = [np.mean((chance - is_feasible[150:]) ** 2) for chance in chances]
        differences.append(scores[0] - scores[1])

    assert abs(np.mean(differences)) < 0.01


def test_spread_says_how_wrong_the_mean_is() -> None:
    """Standardised errors have a variance of about one, and grow with the spread."""
    features, losses = toy_trials(3, trials=1200)
    surrogate = ForestSurrogate(np.random.default_rng(0))
    surrogate.fit(features[:200], losses[:200])

    means, deviations = surrogate.predict(features[200:])

    errors = np.abs(means - losses[200:])
    assert 0.3 < np.mean((errors / deviations) ** 2) < 2.0
    is_sure = deviations < np.median(deviations)
    assert errors[is_sure].mean() < errors[~is_sure].mean()


def test_leaves_share_out_the_bag() -> None:
    """In every tree the leaves hold as many trials as there are, none less than it must."""
    features, losses = toy_trials(5, trials=90)
    forest = grow_forest(np.random.default_rng(1), features, losses)

    for tree in range(forests.TREES):
        reached, leaves = [0], []
        while reached:
            node = reached.pop()
            if forest.feature[tree, node] == LEAF:
                leaves.append(node)
            else:
                child = forest.child[tree, node]
                reached += [child, child + 1]
        weights = forest.weight[tree, leaves]
        assert weights.sum() == 90
        assert weights.min() >= forests.LEAST_LEAF
        assert forest.total[tree, leaves].sum() == pytest.approx(forest.total[tree, 0])
        assert len(leaves) > 5


@pytest.mark.parametrize("losses", [np.full(20, 3.0), np.array([3.0])])
def test_equal_losses_make_a_stump(losses: Floats) -> None:
    """The mean is that loss, and the spread is finite."""
    features = np.random.default_rng(0).random((len(losses), 4))
    surrogate = ForestSurrogate(np.random.default_rng(0))

    surrogate.fit(features, losses)
    means, deviations = surrogate.predict(features)

    assert means == pytest.approx(losses)
    assert np.isfinite(deviations).all()
    assert surrogate.noise > 0.0


def test_an_update_moves_the_mean_where_it_happened() -> None:
    """A trial enters its leaf in every tree; further away nothing changes much."""
    features, losses = toy_trials(7, trials=120)
    surrogate = ForestSurrogate(np.random.default_rng(2))
    surrogate.fit(features, losses)
    before = surrogate.predict(features)[0]

    for _ in range(5):
        surrogate.update(features[0], losses[0] + 20.0)

    moved = surrogate.predict(features)[0] - before
    assert moved[0] == moved.max() > 5.0
    assert np.median(moved) < 0.2 * moved[0]


def test_chances_are_never_certain() -> None:
    """Neither one nor zero, even where all trials agree."""
    features = np.arange(40.0).reshape(-1, 1)
    classifier = ForestClassifier(np.random.default_rng(0))

    for is_feasible in (features[:, 0] < 20, np.zeros(40, np.bool_), np.ones(40, np.bool_)):
        classifier.fit(features, is_feasible)
        chances = classifier.predict(features)
        assert ((chances > 0.0) & (chances < 1.0)).all()
        assert (chances[is_feasible] > 0.5).all()
        assert (chances[~is_feasible] < 0.5).all()
