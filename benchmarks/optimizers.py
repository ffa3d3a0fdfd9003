"""Optimizers, ours and others': the time of a trial without its evaluation."""

from __future__ import annotations

import warnings

import numpy as np

from benchmarks.cases import layer_named
from benchmarks.timing import Timing, race
from codesign.search.mapper import map_layer
from codesign.search.settings import Search
from codesign.search.task import MappingTask

TRIALS = (50, 250, 1000)
MOST_REFITS = 250
"""Trials of a process that is refitted at every trial; the work grows with their fourth power."""

PARAMETERS, VALUES = 20, 16


def run() -> list[Timing]:
    """Whole searches on a real layer, and other libraries on as many parameters."""
    layer, chip = layer_named("ResNet-K2")
    found = []
    for dataflow in ("row-stationary", "free"):
        task = MappingTask(
            layer, chip.hardware, chip.technology, chip.dataflow(dataflow), hints=chip.hints
        )
        for trials in TRIALS:
            contestants = {
                method: (trials, lambda m=method, t=task, n=trials: map_layer(t, Search(m, n)))
                for method in ("random", "tpe", "bo")
            }
            case = f"{layer.name}, {dataflow}, {trials} trials"
            found += race("optimizers", case, "trials", contestants, rounds=3)
    for trials in TRIALS:
        others = {
            "Hyperopt fmin": (trials, lambda n=trials: _hyperopt(n)),
            "Optuna TPE": (trials, lambda n=trials: _optuna(n)),
        }
        if trials <= MOST_REFITS:
            others["scikit-learn GP"] = (trials, lambda n=trials: _gaussian_process(n))
        case = f"{PARAMETERS} parameters of {VALUES} values, {trials} trials"
        is_warm = trials > TRIALS[0]
        found += race("optimizers", case, "trials", others, rounds=1, is_warm=is_warm)
    return found


def _loss(values: list[float]) -> float:
    return float(np.sum((np.array(values) - VALUES / 3) ** 2))


def _hyperopt(trials: int) -> None:
    from hyperopt import fmin, hp, tpe

    space = [hp.quniform(f"x{i}", 0, VALUES - 1, 1) for i in range(PARAMETERS)]
    rng = np.random.default_rng(0)
    fmin(_loss, space, tpe.suggest, trials, rstate=rng, show_progressbar=False)


def _optuna(trials: int) -> None:
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=0))

    def objective(trial: optuna.Trial) -> float:
        return _loss([trial.suggest_int(f"x{i}", 0, VALUES - 1) for i in range(PARAMETERS)])

    study.optimize(objective, trials)


def _gaussian_process(trials: int, pool: int = 150) -> None:
    """The paper's search with a general Gaussian process: refitted from scratch every trial."""
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import DotProduct, WhiteKernel

    rng = np.random.default_rng(0)
    points = rng.integers(VALUES, size=(10, PARAMETERS)).astype(float)
    losses = [_loss(list(point)) for point in points]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(trials - len(points)):
            process = GaussianProcessRegressor(DotProduct() + WhiteKernel(), normalize_y=True)
            process.fit(points, losses)
            candidates = rng.integers(VALUES, size=(pool, PARAMETERS)).astype(float)
            mean, deviation = process.predict(candidates, return_std=True)
            best = candidates[np.argmin(mean - deviation)]
            points = np.vstack([points, best])
            losses.append(_loss(list(best)))
