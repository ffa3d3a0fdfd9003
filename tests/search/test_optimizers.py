"""The contract that every registered search method keeps."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml
from numpy.typing import NDArray

from codesign.errors import InputError
from codesign.search import registry
from codesign.search.bo import BOSettings
from codesign.search.random import RandomSearch
from codesign.search.registry import (
    AVOIDS_FAILURES,
    DECODE,
    LEARNS,
    METHODS,
    REPEATS_NOTHING,
    STEPWISE,
    make_optimizer,
    register,
    searchers,
)
from tests.search.toys import Points, ToySpace, bowl, half_fails, run

TRIALS = 40

SEARCHERS = sorted(name for name in searchers() if METHODS[name].needs in (None, DECODE, STEPWISE))
"""Methods that can search the toys: all except those for mappings only."""


def promising(promise: str) -> list[str]:
    """The methods that make a promise, where they are registered."""
    return [name for name in SEARCHERS if promise in METHODS[name].promises]


BLIND = [name for name in SEARCHERS if not METHODS[name].knows_constraints]


def search(  # type: ignore[no-untyped-def]
    method: str, space: ToySpace, objective, seed: int = 0, trials: int = TRIALS
) -> tuple[Points, NDArray[np.float64]]:
    optimizer = make_optimizer(method, space, np.random.default_rng(seed), trials)
    return run(optimizer, space, objective, trials)


def keeps_within(method: str, space: ToySpace, tried: Points) -> bool:
    """Whether all proposals meet the known constraints, as far as the method knows any."""
    return not METHODS[method].knows_constraints or bool(space.is_valid(tried).all())


@pytest.fixture(params=SEARCHERS)
def method(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize("objective", [bowl, half_fails])
def test_same_seed_same_proposals(method: str, objective) -> None:  # type: ignore[no-untyped-def]
    """A search is a function of its seed."""
    first, again = (search(method, ToySpace(), objective, seed=3)[0] for _ in range(2))

    assert np.array_equal(first, again)


def test_goes_on_from_what_it_did_not_ask(method: str) -> None:
    """It is told of points before its first question; what follows is a search all the same."""
    space = ToySpace()
    known = space.draw(np.random.default_rng(9), 3)
    proposals = []
    for _ in range(2):
        optimizer = make_optimizer(method, space, np.random.default_rng(3), TRIALS)
        optimizer.tell(known, half_fails(space, known))
        proposals.append(run(optimizer, space, half_fails, TRIALS)[0])

    assert np.array_equal(*proposals)
    assert keeps_within(method, space, proposals[0])


@pytest.mark.parametrize("learner", promising(LEARNS))
def test_learns_from_what_it_did_not_ask(learner: str) -> None:
    """Trials that are known spare the random start-up, and the known points are left out."""
    space = ToySpace((10,) * 6, (4, 4), 24)
    known = space.draw(np.random.default_rng(9), 40)
    best = {}
    for name in (learner, "random"):
        found = []
        for seed in range(5):
            optimizer = make_optimizer(name, space, np.random.default_rng(seed), 20)
            optimizer.tell(known, bowl(space, known))
            losses = run(optimizer, space, bowl, 20)[1]
            found.append(losses.min())
        best[name] = np.median(found)

    assert best[learner] < best["random"]


def test_other_seed_other_proposals(method: str) -> None:
    """The proposals depend on the seed."""
    first, other = (search(method, ToySpace(), bowl, seed)[0] for seed in (3, 4))

    assert not np.array_equal(first, other)


def test_short_run_begins_a_long_one(method: str) -> None:
    """With equal settings, proposals do not depend on the budget: a search can be cut anywhere."""
    space = ToySpace()
    runs = [
        run(make_optimizer(method, space, np.random.default_rng(1), 40), space, bowl, trials)[0]
        for trials in (23, 40)
    ]

    assert np.array_equal(runs[0], runs[1][:23])


@pytest.mark.parametrize("objective", [bowl, half_fails])
def test_proposals_meet_known_constraints(method: str, objective) -> None:  # type: ignore[no-untyped-def]
    """No point outside the known constraints is ever proposed."""
    space = ToySpace(limit=9)

    tried, _ = search(method, space, objective)

    assert keeps_within(method, space, tried)


@pytest.mark.parametrize("loss", [np.nan, 1.5])
def test_survives_histories_without_news(method: str, loss: float) -> None:
    """All trials infeasible, or all alike: the search goes on within the constraints."""
    space = ToySpace()

    tried, losses = search(method, space, lambda space, points: np.full(len(points), loss))

    assert len(losses) == TRIALS
    assert keeps_within(method, space, tried)


def test_survives_a_late_first_feasible_trial(method: str) -> None:
    """Whatever waits for feasible trials starts when there is one."""
    space = ToySpace()
    count = 0

    def objective(space: ToySpace, points: Points) -> NDArray[np.float64]:
        nonlocal count
        count += len(points)
        return np.where(count > 30, bowl(space, points), np.nan)

    tried, _ = search(method, space, objective, trials=50)

    assert keeps_within(method, space, tried)


def test_survives_a_late_first_failure(method: str) -> None:
    """Whatever waits for failures starts when there is one."""
    space = ToySpace()
    count = 0

    def objective(space: ToySpace, points: Points) -> NDArray[np.float64]:
        nonlocal count
        count += len(points)
        return np.where(count > 33, np.nan, bowl(space, points))

    tried, _ = search(method, space, objective, trials=50)

    assert keeps_within(method, space, tried)


@pytest.mark.parametrize(
    "space",
    [
        ToySpace((1, 1), (1,), 0),
        ToySpace((5,), (), 4),
        ToySpace((), (3,), 0),
        ToySpace((2, 1), (), 1),
    ],
    ids=["one point", "one ordered", "one label", "two values"],
)
def test_survives_tiny_spaces(method: str, space: ToySpace) -> None:
    """Spaces of fewer points than trials are searched all the same."""
    tried, losses = search(method, space, bowl)

    assert keeps_within(method, space, tried)
    assert np.isfinite(losses).any()


@pytest.mark.parametrize("learner", promising(REPEATS_NOTHING))
def test_tries_nothing_twice_while_there_is_anything_new(learner: str) -> None:
    """After the start-up trials, which are random, no point is proposed again."""
    tried, _ = search(learner, ToySpace((6, 6), (3,), 10), bowl, trials=50)

    later = tried[10:]
    assert len(np.unique(later, axis=0)) == len(later)
    assert not (later[:, np.newaxis] == tried[:10]).all(axis=2).any()


@pytest.mark.parametrize("learner", promising(LEARNS))
def test_beats_random_search(learner: str) -> None:
    """On a bowl in a corner of a constrained grid, ten seeds, by a clear margin."""
    space = ToySpace((10,) * 6, (4, 4), 24)
    best = {
        name: np.median([search(name, space, bowl, seed, 60)[1].min() for seed in range(10)])
        for name in (learner, "random")
    }

    assert best[learner] <= 0.75 * best["random"]


@pytest.mark.parametrize("learner", promising(AVOIDS_FAILURES))
def test_learns_unknown_constraints(learner: str) -> None:
    """Towards the end, clearly fewer trials fail than when drawn at random."""
    space = ToySpace((10,) * 6, (4, 4), 24)
    failed = {
        name: np.mean(
            [np.isnan(search(name, space, half_fails, seed, 80)[1][-30:]) for seed in range(10)]
        )
        for name in (learner, "random")
    }

    assert failed["random"] > 0.3
    assert failed[learner] <= 0.75 * failed["random"]


@pytest.mark.parametrize("learner", ["bo", "bo-feasible-rf", "bo-penalty"])
def test_fails_less_than_if_failures_were_dropped(learner: str) -> None:
    """Where a large part fails next to the bottom, who forgets failures runs into it again."""
    space = ToySpace((10,) * 6, (4, 4), 24)

    failed = {
        name: np.mean(
            [np.isnan(search(name, space, half_fails, seed, 60)[1][10:]) for seed in range(6)]
        )
        for name in (learner, "bo-drop")
    }

    assert failed["bo-drop"] > 0.4
    assert failed[learner] < 0.5 * failed["bo-drop"]


def test_settings_that_there_are_not_are_refused() -> None:
    """With those there are."""
    with pytest.raises(ValueError, match="surrogate is 'tree', expected one of 'linear', 'forest'"):
        BOSettings(surrogate="tree")


def test_unknown_method_is_refused() -> None:
    """With the known ones, and the nearest of them."""
    with pytest.raises(InputError, match=r"method is 'tep', .*random.*did you mean 'tpe'"):
        make_optimizer("tep", ToySpace(), np.random.default_rng(0), 10)


def test_needs_are_told_in_words() -> None:
    """Of the methods that ship."""
    reasons = {name: METHODS[name].needs for name in ("hyperopt", "timeloop-random", "tvm-treegru")}

    assert [need.reason for need in reasons.values() if need is not None] == [
        "it proposes any combination of values, which this space cannot decode",
        "it draws only mappings",
        "it learns from loop nests, which points of this space do not have",
    ]


def test_a_method_that_proves_is_no_optimizer() -> None:
    """It has no trials to ask for."""
    with pytest.raises(InputError, match=r"method is 'exact', expected one of bo, bo-drop, "):
        make_optimizer("exact", ToySpace(), np.random.default_rng(0), 10)


def test_names_and_looks_tell_methods_apart() -> None:
    """Labels are unique, and colours are valid."""
    labels = [method.label for method in METHODS.values()]

    assert len(set(labels)) == len(labels)
    assert all(re.fullmatch("#[0-9a-fA-F]{6}", method.colour) for method in METHODS.values())


@pytest.mark.parametrize("config", ["defaults", "quick", "paper"])
def test_methods_of_one_figure_have_colours_of_their_own(config: str, repository: Path) -> None:
    """Of every result that compares methods, by default and in the configs that ship."""
    if config == "defaults":
        options = repository.glob("src/codesign/study/results/*/options.yaml")
        content = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in options]
        compared = [one["methods"]["default"] for one in content if "methods" in one]
    else:
        path = repository / "config" / f"{config}.yaml"
        results = yaml.safe_load(path.read_text(encoding="utf-8")).values()
        compared = [one.get("methods", ()) for one in results if isinstance(one, dict)]

    assert sum(len(methods) > 1 for methods in compared) >= 5
    for methods in compared:
        assert len({METHODS[name].colour for name in methods}) == len(methods), methods


def test_methods_that_say_nothing_have_names_and_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each its own, while there are colours left."""
    monkeypatch.setattr(registry, "METHODS", dict(METHODS))
    names = [f"mine-{n}" for n in range(len(registry.SPARE_COLOURS))]

    for name in names:
        register(name)(lambda space, rng, trials: RandomSearch(space, rng))

    mine = [registry.METHODS[name] for name in names]
    assert [method.label for method in mine] == names
    assert len({method.colour for method in mine}) == len(names)
    assert {m.colour for m in mine}.isdisjoint(method.colour for method in METHODS.values())
    assert all(method.knows_constraints and not method.proves for method in mine)
    with pytest.raises(TypeError, match="color"):
        register("misspelt", color="#123456")(mine[0].build)


def test_a_method_of_ones_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """`register` makes a builder known, once."""
    monkeypatch.setattr(registry, "METHODS", dict(METHODS))

    @register("mine")
    def build(space, rng, trials):  # type: ignore[no-untyped-def]
        return RandomSearch(space, rng, batch=trials)

    assert len(make_optimizer("mine", ToySpace(), np.random.default_rng(0), 7).ask()) == 7
    with pytest.raises(ValueError, match="there is a method 'mine' already"):
        register("mine")(build)


@pytest.mark.parametrize("blind", BLIND)
def test_what_knows_no_constraint_breaks_some(blind: str) -> None:
    """Such trials are spent and fail; in between there are others."""
    space = ToySpace(limit=9)

    tried, losses = search(blind, space, bowl)

    assert len(tried) == TRIALS
    assert (np.isnan(losses) == ~space.is_valid(tried)).all()
    assert 0 < np.isnan(losses).sum() < TRIALS


@pytest.mark.parametrize(
    ("method", "reason"),
    [(name, method.needs.reason) for name, method in METHODS.items() if method.needs is not None],
)
def test_a_space_that_will_not_do_is_refused(method: str, reason: str) -> None:
    """In a sentence that says why."""

    class Opaque:
        parameters = ToySpace().parameters

    with pytest.raises(InputError, match=f"method '{method}' cannot search Opaque: {reason}"):
        make_optimizer(method, Opaque(), np.random.default_rng(0), 10)  # type: ignore[arg-type]


def test_searches_load_only_what_they_use() -> None:
    """Hyperopt takes a second to load, scipy's optimizers half of one."""
    program = (
        "import sys, numpy as np; from tests.search.toys import *;"
        "from codesign.search.registry import make_optimizer;"
        "space = ToySpace();"
        "[run(make_optimizer(name, space, np.random.default_rng(0), 15), space, half_fails, 15)"
        " for name in ('random', 'tpe', 'bo')];"
        "print([name for name in ('hyperopt', 'scipy.optimize', 'pandas') if name in sys.modules])"
    )

    answer = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )

    assert answer.stdout.strip() == "[]"
