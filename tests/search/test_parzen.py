"""The fast Parzen estimators are Hyperopt's."""

from __future__ import annotations

import numpy as np
import pytest
from hyperopt import tpe as hyperopt_tpe

from codesign.search.tpe import TPE, TPESettings
from codesign.search.tpe.estimator import BAD, FAILED, GOOD, make_estimator
from codesign.search.tpe.grid import make_grid
from codesign.search.tpe.parzen import FastEstimator
from codesign.space.base import Parameter
from tests.search.toys import ToySpace, bowl, half_fails, run


def random_parameters(rng: np.random.Generator) -> tuple[Parameter, ...]:
    """One to eight parameters of 1 to 16 values, seldom of up to 60."""
    sizes = rng.integers(1, 60 if rng.random() < 0.1 else 17, size=rng.integers(1, 9))
    return tuple(
        Parameter(f"x{i}", tuple(range(size)), bool(rng.random() < 0.7))
        for i, size in enumerate(sizes)
    )


@pytest.mark.parametrize("seed", range(300))
def test_agrees_with_hyperopt(seed: int) -> None:
    """Log densities of every value of every parameter agree to 1e-9 after any history."""
    rng = np.random.default_rng(seed)
    grid = make_grid(random_parameters(rng))
    trials = int(rng.choice([0, 1, 2, 3, 5, 20, 24, 25, 26, 27, 28, 60, 120, 250]))
    spread = rng.uniform(0.1, 1, size=len(grid.sizes))
    codes = (rng.random((trials, len(grid.sizes))) * spread * grid.sizes).astype(np.int64)
    labels = rng.choice([GOOD, BAD, FAILED], size=trials, p=[0.1, 0.6, 0.3])
    prior_weight, forgetting = [(1.0, 25), (0.3, 25), (1.0, 10)][seed % 3]
    fast = make_estimator("fast", grid, prior_weight, forgetting)
    theirs = make_estimator("hyperopt", grid, prior_weight, forgetting)

    for wanted in (1 << GOOD, 1 << BAD, 1 << FAILED, 1 << GOOD | 1 << BAD):
        mine = np.log(fast(codes, labels, wanted))
        expected = np.log(theirs(codes, labels, wanted))
        assert np.abs(mine - expected).max() < 1e-9


def test_densities_sum_to_one() -> None:
    """The values of a parameter share a probability of one."""
    rng = np.random.default_rng(1)
    grid = make_grid(random_parameters(rng))
    codes = rng.integers(grid.sizes, size=(40, len(grid.sizes)))

    densities = make_estimator("fast", grid, 1.0, 25)(codes, np.full(40, BAD), 1 << BAD)

    sums = np.add.reduceat(densities, grid.offsets)
    assert sums == pytest.approx(np.ones(len(grid.sizes)), abs=1e-12)


@pytest.mark.parametrize("objective", [bowl, half_fails])
def test_both_estimators_propose_the_same_points(objective) -> None:  # type: ignore[no-untyped-def]
    """A run of 60 trials is the same, point by point, with both estimators."""
    space = ToySpace()
    runs = [
        run(
            TPE(space, np.random.default_rng(5), TPESettings(startup=10, estimator=name)),
            space,
            objective,
            60,
        )
        for name in ("fast", "hyperopt")
    ]

    assert np.array_equal(runs[0][0], runs[1][0])


@pytest.mark.parametrize("trials", [1, 10, 17, 100, 250])
def test_split_is_hyperopts(trials: int) -> None:
    """The good set is that of `ap_split_trials`."""
    rng = np.random.default_rng(trials)
    space = ToySpace()
    tpe = TPE(space, rng)
    losses = rng.permutation(trials).astype(float)
    tpe.tell(space.draw(rng, trials), losses)

    ages = np.arange(trials)
    good, bad = hyperopt_tpe.ap_split_trials(ages, ages, ages, losses, tpe.settings.gamma)

    assert np.array_equal(np.flatnonzero(tpe.split() == GOOD), good)
    assert np.array_equal(np.flatnonzero(tpe.split() == BAD), bad)


@pytest.mark.parametrize("sizes", [(513,), (4096, 16), (512, 600, 3), (1000, 4096, 513)])
@pytest.mark.parametrize("trials", [0, 1, 2, 40, 250])
def test_agrees_with_hyperopt_on_many_values(sizes: tuple[int, ...], trials: int) -> None:
    """Whether a parameter's components stand in the table or not."""
    rng = np.random.default_rng([trials, *sizes])
    grid = make_grid(tuple(Parameter(str(n), tuple(range(n))) for n in sizes))
    # Some values often, others anywhere: wide and narrow components, alone and several.
    spots = rng.integers(grid.sizes, size=(5, len(sizes)))
    anywhere = rng.integers(grid.sizes, size=(trials, len(sizes)))
    codes = np.where(rng.random((trials, 1)) < 0.5, spots[rng.integers(5, size=trials)], anywhere)
    fast, theirs = (make_estimator(name, grid, 1.0, 25) for name in ("fast", "hyperopt"))

    mine, expected = (e(codes, np.full(trials, BAD), 1 << BAD) for e in (fast, theirs))

    assert np.abs(np.log(mine) - np.log(expected)).max() < 1e-9


def test_memory_grows_with_the_values_alone() -> None:
    """Eight megabytes of table, whatever a template's domains."""
    grid = make_grid(tuple(Parameter(str(n), tuple(range(n))) for n in (512, 4096, 4095, 100_000)))

    fast = make_estimator("fast", grid, 1.0, 25)

    assert isinstance(fast, FastEstimator)
    assert sum(part.nbytes for part in fast._masses) < 9e6 + 8 * 8 * grid.values * len(grid.spans)


def test_searches_a_grid_of_many_values() -> None:
    """As well as with few: the bowl's bottom is found, by either estimator alike."""
    space = ToySpace((4096, 600), (3,), 4696)
    tried, losses = zip(
        *(
            run(
                TPE(space, np.random.default_rng(5), TPESettings(estimator=name)),
                space,
                bowl,
                60,
            )
            for name in ("fast", "hyperopt")
        ),
        strict=True,
    )
    drawn = space.draw(np.random.default_rng(5), 60)

    assert np.array_equal(*tried)
    assert losses[0].min() < 0.5 * bowl(space, drawn).min()


def test_refuses_an_unknown_estimator() -> None:
    """The message says which ones there are."""
    with pytest.raises(ValueError, match="expected 'fast' or 'hyperopt'"):
        make_estimator("slow", make_grid(()), 1.0, 25)
