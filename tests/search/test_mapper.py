"""The inner search: a function of its arguments, within its budget, honest about failure."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from codesign.cost import Evaluator
from codesign.errors import InputError
from codesign.hardware import PAT, Hardware
from codesign.hardware.dataflow import FREE
from codesign.search.exact import exhaust
from codesign.search.mapper import MappingRun, map_layer
from codesign.search.registry import METHODS, STEPWISE, searchers
from codesign.search.settings import Search
from codesign.search.task import MappingTask
from codesign.workload import Layer
from tests.budgets import count
from tests.eyeriss import ROW_STATIONARY, budget_of, eyeriss, point_of
from tests.search.tasks import CRAMPED, PAIR, PRODUCT, SAME_AS_PRODUCT, WIDE, WINDOW, task

HAS_TORCH = importlib.util.find_spec("torch") is not None

SEARCHERS = sorted(set(searchers()) - (set() if HAS_TORCH else {"tvm-treegru"}))
"""Methods for map-spaces; one needs a package that need not be there."""

BLIND = [
    name
    for name in SEARCHERS
    if not METHODS[name].knows_constraints and METHODS[name].needs != STEPWISE
]
"""Methods that know no constraint beforehand, and some of whose trials fail."""

RESNET_K4 = Layer.conv("ResNet-K4", R=3, S=3, P=7, Q=7, C=512, K=512)
EYERISS = eyeriss("eyeriss-168", point_of(14, 12), budget_of(pes=168))


SHARED = replace(PAIR.levels[2], shared_bandwidth=8.0)
"""The last level with a bandwidth of its own."""


def outcome(run: MappingRun) -> tuple[bytes, ...]:
    """The trials of a search and their costs, as bytes."""
    points, costs = run.points, run.costs
    arrays = (points.temporal, points.order, points.spatial, costs.cycles, costs.energy_pj)
    return tuple(array.tobytes() for array in arrays)


@pytest.fixture(params=SEARCHERS)
def method(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def at_most(method: str, trials: int) -> int:
    """Fewer trials in the fast suite for the methods that take 0.1 s for one."""
    return min(trials, count(30, trials)) if method.startswith("hyperopt") else trials


# --- the same arguments give the same trials


def test_same_seed_same_trials(method: str) -> None:
    """Whatever was searched in between."""
    first = map_layer(task(), Search(method, 40, 7))
    map_layer(task(WINDOW), Search(method, 10, 7))
    again = map_layer(task(), Search(method, 40, 7))

    assert outcome(first) == outcome(again)
    assert outcome(first) != outcome(map_layer(task(), Search(method, 40, 8)))


def test_names_do_not_matter() -> None:
    """A layer of equal content on equal hardware is the same search."""
    renamed = Hardware("renamed", PAIR.arithmetic, PAIR.levels)
    named_alike = MappingTask(SAME_AS_PRODUCT, renamed, replace(PAT, name="other"))

    assert named_alike.digest == task().digest
    assert outcome(map_layer(named_alike, Search("random", 20))) == outcome(
        map_layer(task(), Search("random", 20))
    )


@pytest.mark.parametrize(
    "other",
    [
        task(WINDOW),
        task(hardware=CRAMPED),
        task(accounting="exact"),
        replace(task(), technology=replace(PAT, adder_pj=1.0)),
        replace(task(), dataflow=WIDE),
        replace(task(), hints=(WIDE,)),
        task(hardware=replace(PAIR, levels=(*PAIR.levels[:2], SHARED))),
    ],
    ids=["layer", "hardware", "accounting", "technology", "dataflow", "hints", "shared bandwidth"],
)
def test_all_that_matters_enters_the_digest(other: MappingTask) -> None:
    """Searches with different digests have random streams of their own."""
    assert other.digest != task().digest


def test_digests_are_the_same_in_every_process(repository: Path) -> None:
    """Sets have no order of their own, and it must not leak into seeds."""
    program = (
        "from tests.search.test_mapper import EYERISS, RESNET_K4\n"
        "from codesign.search.task import MappingTask\n"
        "print(MappingTask(RESNET_K4, EYERISS).digest)"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(repository)},
            cwd=repository,
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }

    assert found == {MappingTask(RESNET_K4, EYERISS).digest}


# --- within the budget


@pytest.mark.parametrize("trials", [1, 9, 10, 11, 50, 51, 120])
def test_budgets_are_spent_exactly(method: str, trials: int) -> None:
    """Neither a batch of start-up trials nor any other goes over it."""
    if trials > at_most(method, 120):
        pytest.skip("takes too long in the fast suite")
    run = map_layer(task(), Search(method, trials))

    assert len(run.points) == len(run.costs.energy_pj) == len(run.parameters) == trials
    assert run.search.trials == trials


def test_a_short_search_begins_a_long_one(method: str) -> None:
    """The budget does not change what is tried first."""
    trials = (25, at_most(method, 60))
    short, long = (map_layer(task(WINDOW), Search(method, number)) for number in trials)

    assert short.points.temporal.tobytes() == long.points.temporal[:25].tobytes()
    assert short.costs.energy_pj.tobytes() == long.costs.energy_pj[:25].tobytes()


# --- what comes out


@pytest.mark.parametrize("blind", BLIND)
def test_what_does_not_fit_is_a_failed_trial(blind: str) -> None:
    """It has a row, which says what it breaks, and the best is another."""
    run = map_layer(MappingTask(RESNET_K4, EYERISS, dataflow=ROW_STATIONARY), Search(blind, 60))
    failed = ~run.costs.valid

    assert 0 < failed.sum() < 60
    assert len(run.points) == 60
    assert np.isnan(run.costs.edp[failed]).all()
    assert (run.costs.reason[failed] > 0).all()
    assert run.best is not None
    assert run.costs.valid[run.best]


def test_raw_draws_are_told() -> None:
    """A method that rejects draws counts them: at least one per trial."""
    run = map_layer(
        MappingTask(RESNET_K4, EYERISS, dataflow=ROW_STATIONARY), Search("timeloop-random", 300)
    )

    assert run.draws is not None
    assert len(run.draws) == 300
    assert (np.diff(run.draws) > 0).all()
    # About one raw mapping in twenty-four fits.
    assert 15 < run.draws[-1] / 300 < 35
    assert map_layer(task(), Search("random", 5)).draws is None


@pytest.mark.skipif(HAS_TORCH, reason="PyTorch is installed")
def test_what_is_not_installed_is_named() -> None:
    """With how to install it."""
    with pytest.raises(InputError, match=r"'tvm-treegru' needs PyTorch, .*codesign\[treegru\]"):
        map_layer(task(), Search("tvm-treegru", 5))


def test_trials_cost_what_the_cost_model_says(method: str) -> None:
    """Every trial is priced in the task's accounting, and feasible, unless the method is blind."""
    for accounting in ("timeloop", "timeloop-4", "exact"):
        run = map_layer(task(WINDOW, accounting=accounting), Search(method, 30))

        expected = Evaluator(WINDOW, PAIR, PAT, accounting).price(run.points)

        assert method in BLIND or expected.valid.all()
        assert np.array_equal(run.costs.energy_pj, expected.energy_pj, equal_nan=True)
        assert (run.costs.cycles == expected.cycles).all()
        assert (run.costs.reason == expected.reason).all()


def test_the_best_is_the_first_of_the_least() -> None:
    """And its mapping is the one that costs as much."""
    run = map_layer(task(), Search("random", 200))
    edp = run.costs.edp

    assert run.best == np.flatnonzero(edp == edp.min())[0]
    assert run.best_mapping is not None
    run.best_mapping.check(PRODUCT, PAIR)
    assert run.best_mapping == run.points.mapping(run.best)


def test_best_so_far_never_rises(method: str) -> None:
    """It starts with the first trial and ends with the best."""
    run = map_layer(task(), Search(method, at_most(method, 80)))

    curve = run.best_so_far_edp

    first = int(np.flatnonzero(run.costs.valid)[0])
    assert np.isnan(curve[:first]).all()
    assert curve[first] == run.costs.edp[first]
    assert (np.diff(curve[first:]) <= 0).all()
    assert curve[-1] == np.nanmin(run.costs.edp)


def test_nothing_beats_the_optimum(method: str) -> None:
    """In any accounting, on layers with and without windows."""
    for layer in (PRODUCT, WINDOW):
        for accounting in ("timeloop", "timeloop-4", "exact"):
            question = task(layer, accounting=accounting)
            optimum = exhaust(question).certificate.lower_bound

            run = map_layer(question, Search(method, at_most(method, 60)))

            assert np.nanmin(run.costs.edp) >= optimum


def test_small_spaces_are_exhausted() -> None:
    """With as many trials as it takes, even random search finds the optimum."""
    optimum = exhaust(task()).certificate.lower_bound

    assert map_layer(task(), Search("random", 5000)).best_so_far_edp[-1] == optimum
    assert map_layer(task(), Search("tpe", 250)).best_so_far_edp[-1] == pytest.approx(
        optimum, rel=0.1
    )


def test_parameters_say_what_was_tried() -> None:
    """Factors by slot, orders innermost first without loops that do not turn."""
    run = map_layer(task(), Search("random", 30))

    table = run.parameters

    letters = PRODUCT.shape.dimensions
    k, c = letters.index("K"), letters.index("C")
    assert (table["K.DRAM"] == run.points.temporal[:, 2, k]).all()
    assert (table["C.Buffer.X"] == run.points.spatial[:, 1, 0, c]).all()
    assert "C.Buffer.Y" not in table
    for row, text in enumerate(table["order.DRAM"]):
        loops = run.points.mapping(row).levels[2].temporal
        assert text == "".join(name for name, _ in loops)


# --- when nothing fits


def test_without_a_mapping_there_are_no_trials() -> None:
    """The run says why, and its best is nothing."""
    run = map_layer(task(hardware=CRAMPED), Search("tpe", 30))

    assert run.problem == "Registers would hold 3 words, it has 2"
    assert task(hardware=CRAMPED).problem == run.problem
    assert len(run.points) == len(run.best_so_far_edp) == 0
    assert run.best is None
    assert run.best_mapping is None
    assert isinstance(run.parameters, pd.DataFrame)


def test_a_dataflow_may_leave_no_mapping() -> None:
    """Four of K side by side on two MACs."""
    assert replace(task(), dataflow=WIDE).problem == (
        "Buffer spreads over 4 children in X, it has 2"
    )


def test_hints_are_used_and_change_nothing_else() -> None:
    """With Eyeriss's dataflow for a hint, the free space holds all trials, some row-stationary."""
    hinted = MappingTask(RESNET_K4, EYERISS, dataflow=FREE, hints=(ROW_STATIONARY,))

    run = map_layer(hinted, Search("random", 100))

    p = RESNET_K4.shape.index("P")
    whole_columns = (run.points.temporal[:, 4, p] == 7).mean()
    assert whole_columns > 0.15
    assert run.costs.valid.all()


# --- bad input


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("tpe", 0), "trials is 0, expected a whole number of at least 1"),
        (("random", -3), "trials is -3, expected a whole number of at least 1"),
        (("random", 5, 0, "pareto"), "objective is 'pareto', expected one of edp, energy, delay"),
        (("rnadom", 5), r"method is 'rnadom', expected one of .* \(did you mean 'random'\?\)"),
    ],
)
def test_errors_are_one_sentence(arguments: tuple[str, int], message: str) -> None:
    """With the value that is wrong and what was expected."""
    with pytest.raises(InputError, match=message) as caught:
        map_layer(task(), Search(*arguments))

    assert "\n" not in str(caught.value)


def test_an_unknown_accounting_is_refused() -> None:
    """Before anything is searched."""
    with pytest.raises(InputError, match="accounting is 'mine', expected timeloop, timeloop-20"):
        map_layer(task(accounting="mine"), Search("random", 5))
