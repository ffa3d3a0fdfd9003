"""AutoTVM's tuner: cost models, annealing, batches."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import spearmanr

from codesign.cost import Evaluator
from codesign.errors import InputError
from codesign.hardware.files import load_chip
from codesign.search.registry import make_optimizer
from codesign.search.tvm import ModelBasedTuner, TunerSettings
from codesign.search.tvm.annealing import Annealer, AnnealingSettings
from codesign.search.tvm.boosting import BoostedTrees
from codesign.search.tvm.ranking import RankingModel
from codesign.space.mapping_space import MapSpace
from codesign.workload import load_workload
from tests.search.toys import Points, ToySpace, bowl, run

Floats = NDArray[np.float64]
CHIP = load_chip("eyeriss-168")
LAYER = load_workload("resnet").layers[1]


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


class Oracle:
    """A model that knows the bowl; it remembers what it was to learn."""

    def __init__(self, space: ToySpace) -> None:
        self.space = space
        self.scores: list[Floats] = []

    def fit(self, points: Points, scores: Floats) -> None:
        self.scores.append(scores)

    def predict(self, points: Points) -> Floats:
        return -bowl(self.space, points)


# --- annealing


def test_annealing_finds_the_best_of_a_model() -> None:
    """The best ones of a small space, best first, without those tried before."""
    space = ToySpace((6, 6), (3,), 10)
    every = np.array([p for p in np.ndindex(6, 6, 3) if p[0] + p[1] <= 10])
    order = np.sort(bowl(space, every))
    tried = every[bowl(space, every) < order[4]]

    found = Annealer(space, rng(), AnnealingSettings()).maximise(Oracle(space), 8, tried)

    assert len(np.unique(found, axis=0)) == 8
    assert not (found[:, np.newaxis] == tried).all(axis=2).any()
    assert bowl(space, found).tolist() == order[len(tried) : len(tried) + 8].tolist()


def test_annealing_of_a_tiny_space_finds_what_there_is() -> None:
    """Fewer than requested, and none if all were tried."""
    space = ToySpace((2, 1), (), 1)
    annealer = Annealer(space, rng(), AnnealingSettings())

    assert len(annealer.maximise(Oracle(space), 8, np.empty((0, 2), np.int64))) == 2
    assert len(annealer.maximise(Oracle(space), 8, np.array([[0, 0], [1, 0]]))) == 0


# --- the tuner


def test_models_learn_rates_relative_to_the_best() -> None:
    """One for the best trial, less for slower ones, zero for failures."""
    space = ToySpace()
    oracle = Oracle(space)
    tuner = ModelBasedTuner(space, rng(), oracle)
    points = space.draw(rng(), 4)

    tuner.tell(points, np.log([2.0, 8.0, np.nan, 4.0]))
    tuner.ask()

    assert oracle.scores[0].tolist() == pytest.approx([1.0, 0.25, 0.0, 0.5])


def test_batches_are_fitted_anew_and_never_repeat() -> None:
    """A fit a batch but the first; of what the model picks nothing comes twice."""
    space = ToySpace((6, 6), (3,), 10)
    oracle = Oracle(space)
    tuner = ModelBasedTuner(space, rng(), oracle, TunerSettings(plan=8, epsilon=0.0))

    tried, _ = run(tuner, space, bowl, 48)

    assert [len(scores) for scores in oracle.scores] == [8, 16, 24, 32, 40]
    assert len(np.unique(tried[8:], axis=0)) == 40
    assert bowl(space, tried[8:16]).max() <= np.sort(bowl(space, space.draw(rng(), 500)))[250]


def test_a_share_of_a_batch_is_random() -> None:
    """With all of it random the model has no say."""
    space = ToySpace((20,) * 4, (), 80)
    losses = {
        epsilon: run(
            ModelBasedTuner(space, rng(), Oracle(space), TunerSettings(epsilon=epsilon)),
            space, bowl, 64,
        )[1][16:].mean()
        for epsilon in (0.0, 0.3, 1.0)
    }  # fmt: skip

    assert losses[0.0] < losses[0.3] < losses[1.0]


def test_the_tuner_beats_random_search() -> None:
    """On a bowl in a corner of a constrained grid, with boosted trees."""
    space = ToySpace((10,) * 6, (4, 4), 24)
    best = {
        name: np.median(
            [
                run(make_optimizer(name, space, rng(seed), 48), space, bowl, 48)[1].min()
                for seed in range(3)
            ]
        )
        for name in ("tvm-xgboost", "random")
    }

    assert best["tvm-xgboost"] <= 0.75 * best["random"]


# --- cost models


def make_model(name: str, space: MapSpace) -> RankingModel[object]:
    if name == "trees":
        return BoostedTrees(space)  # type: ignore[return-value]
    pytest.importorskip("torch")
    from codesign.search.tvm.treegru import TreeGRU

    return TreeGRU(space, rng(5))  # type: ignore[return-value]


@pytest.mark.parametrize("name", ["trees", "treegru"])
@pytest.mark.parametrize("dataflow", ["row-stationary", "free"])
def test_models_rank_mappings(name: str, dataflow: str) -> None:
    """After 200 mappings, others are ranked about rightly; of 42 dimensions less is known
    than of seven."""
    space = MapSpace(LAYER, CHIP.hardware, CHIP.dataflow(dataflow))
    evaluator = Evaluator(LAYER, CHIP.hardware)
    known, others = space.draw(rng(1), 200), space.draw(rng(2), 200)
    losses, truth = (np.log(evaluator.price(points).edp) for points in (known, others))
    model = make_model(name, space)
    for _ in range(4 if name == "treegru" else 1):
        model.fit(known, np.exp(losses.min() - losses))

    least = {"row-stationary": 0.75, "free": 0.3}[dataflow]
    assert spearmanr(model.predict(others), -truth).statistic > least


@pytest.mark.parametrize("name", ["trees", "treegru"])
def test_models_are_functions_of_what_they_are_given(name: str) -> None:
    """The same trials, the same ranks, whatever was computed in between."""
    space = MapSpace(LAYER, CHIP.hardware, CHIP.dataflow("row-stationary"))
    points, scores = space.draw(rng(1), 60), rng(3).random(60)
    answers = []
    for _ in range(2):
        model = make_model(name, space)
        model.fit(points, scores)
        answers.append(model.predict(points))

    assert (answers[0] == answers[1]).all()


@pytest.mark.parametrize("name", ["trees", "treegru"])
def test_models_survive_scores_without_news(name: str) -> None:
    """All trials alike, and a single one."""
    space = MapSpace(LAYER, CHIP.hardware, CHIP.dataflow("row-stationary"))
    for count in (1, 20):
        model = make_model(name, space)
        points = space.draw(rng(1), count)

        model.fit(points, np.ones(count))

        assert np.isfinite(model.predict(points)).all()


def test_treegru_without_torch_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the optional dependency by name."""
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.delitem(sys.modules, "codesign.search.tvm.treegru", raising=False)
    space = MapSpace(LAYER, CHIP.hardware)

    with pytest.raises(InputError, match=r"needs PyTorch, .*'codesign\[treegru\]'") as caught:
        make_optimizer("tvm-treegru", space, rng(), 10)

    assert "\n" not in str(caught.value)
