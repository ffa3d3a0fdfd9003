"""The search that learns what words cost: its model, its walks, and how near it ends."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from codesign.cost import Evaluator
from codesign.factors import PADDED
from codesign.hardware.dataflow import FREE
from codesign.hardware.files import load_chip
from codesign.mapping import MappingBatch
from codesign.search.exact import solve
from codesign.search.mapper import map_layer
from codesign.search.settings import INNER, Search
from codesign.search.task import MappingTask
from codesign.search.traffic import TrafficSearch
from codesign.search.traffic.model import FORMS, TrafficModel
from codesign.space.mapping_space import MapSpace
from codesign.workload import Layer
from tests.budgets import count
from tests.search.tasks import CRAMPED, PAIR, PRODUCT, task

POINTWISE = Layer.conv("pointwise", P=14, Q=14, C=80, K=96)


def nests(batch: MappingBatch) -> list[bytes]:
    """Every mapping as bytes: factors, the order of loops that turn, and what is kept."""
    turning = np.take_along_axis(batch.temporal, batch.order.astype(np.int64), axis=2) > 1
    orders = np.where(turning, batch.order, -1)
    return [
        b"".join(
            part[row].tobytes() for part in (batch.temporal, orders, batch.spatial, batch.keep)
        )
        for row in range(len(batch))
    ]


# --- the model


@pytest.mark.parametrize("form", FORMS)
def test_the_model_finds_out_what_is_minimised(form: tuple[float, float]) -> None:
    """EDP, energy or delay, from losses alone, and predicts mappings that it has not seen."""
    rng = np.random.default_rng(0)
    words = np.exp(rng.uniform(0, 8, (80, 5)))
    costs = np.array([3.0, 200.0, 0.0, 1.0, 0.5])
    losses = form[0] * np.log(words @ costs) + form[1] * np.log(words[:, -1])
    model = TrafficModel(5)

    model.refit(words[:40], losses[:40])

    assert tuple(model.prices.powers) == form
    errors = model.predict(words[40:]) - losses[40:]
    assert np.ptp(errors) < 0.02


def test_what_words_cost_is_never_negative() -> None:
    """Also where noise would have it so."""
    rng = np.random.default_rng(1)
    words = np.exp(rng.uniform(0, 3, (30, 6)))
    model = TrafficModel(6)

    model.refit(words, rng.normal(size=30))

    assert (model.prices.weights >= 0).all()


def test_the_model_is_fitted_again_only_if_it_errs() -> None:
    """A trial that is predicted well changes nothing until the next choice of a form."""
    rng = np.random.default_rng(2)
    words = np.exp(rng.uniform(0, 6, (43, 3)))
    losses = np.log(words @ np.array([1.0, 5.0, 2.0])) + np.log(words[:, -1])
    model = TrafficModel(3)
    model.refit(words[:40], losses[:40])
    before = model.prices

    model.refit(words[:41], losses[:41])
    assert model.prices is before
    model.refit(words[:42], np.append(losses[:41], losses[41] + 0.5))
    assert model.prices is not before


# --- the walk


@pytest.mark.parametrize("factors", ["divisors", PADDED])
@pytest.mark.parametrize("chip_name", ["eyeriss-168", "simba"])
def test_proposals_fit_and_are_new(chip_name: str, factors: str) -> None:
    """Every trial after the start-up is feasible, and none comes twice."""
    chip = load_chip(chip_name)
    dataflow = replace(FREE, factors=factors)
    found = map_layer(
        MappingTask(POINTWISE, chip.hardware, dataflow=dataflow), Search("traffic", 90)
    )

    assert found.costs.valid.all()
    proposed = nests(found.points)
    assert len(set(proposed[20:])) == 70
    assert set(proposed[20:]).isdisjoint(proposed[:20])


def test_bypasses_are_searched() -> None:
    """Among the proposals, levels keep and bypass what they may."""
    chip = load_chip("simba")
    inner = [
        replace(level, may_bypass=frozenset(filter(level.may_hold, ("Weights", "Inputs"))))
        for level in chip.hardware.levels[:-1]
    ]
    hardware = replace(chip.hardware, levels=(*inner, chip.hardware.levels[-1]))
    found = map_layer(MappingTask(POINTWISE, hardware), Search("traffic", 60))

    assert found.costs.valid.all()
    assert len(np.unique(found.points.keep[20:], axis=0)) > 1


def test_walks_learn_nothing_from_failures_and_survive_them() -> None:
    """All trials failed, and then some are known: it goes on in both cases."""
    space = MapSpace(PRODUCT, PAIR)
    optimizer = TrafficSearch(space, np.random.default_rng(0))
    first = optimizer.ask()
    optimizer.tell(first, np.full(len(first), np.nan))
    second = optimizer.ask()
    assert len(second) == 1
    optimizer.tell(second, np.array([3.0]))

    third = optimizer.ask()

    assert Evaluator(PRODUCT, PAIR).price(third).valid.all()


def test_a_least_utilization_is_respected() -> None:
    """Mappings that use a level less than the hardware requires are not proposed."""
    chip = load_chip("gemmini")
    levels = list(chip.hardware.levels)
    levels[2] = replace(levels[2], min_utilization=0.02)
    hardware = replace(chip.hardware, levels=tuple(levels))
    found = map_layer(MappingTask(POINTWISE, hardware), Search("traffic", 120))

    failed = ~found.costs.valid
    assert failed[:20].any()
    assert failed[20:].mean() < 0.5 * failed[:20].mean()


def test_a_space_with_few_mappings_is_searched_to_its_end() -> None:
    """The best is found although there is soon nothing new to propose."""
    small = task(PRODUCT, CRAMPED)
    if small.problem is None:
        best = map_layer(small, Search("exact", 1)).best_edp
        assert map_layer(small, Search("traffic", 60)).best_edp == best


# --- how near it ends


@pytest.mark.parametrize(
    ("chip_name", "objective"),
    [("gemmini", "edp"), ("nvdla", "energy"), ("simba", "delay")],
)
def test_it_ends_near_the_proven_optimum(chip_name: str, objective: str) -> None:
    """Within 5 % in the median over seeds, at the default number of trials."""
    chip = load_chip(chip_name)
    mapped = MappingTask(POINTWISE, chip.hardware, chip.technology)
    key = {"edp": "edp", "energy": "energy_pj", "delay": "cycles"}[objective]
    proven = solve(mapped, objective).best
    least = float(
        getattr(Evaluator(POINTWISE, chip.hardware, chip.technology).price(proven), key)[0]
    )

    ends = [
        np.nanmin(getattr(run.costs, key))
        for seed in range(count(1, 8))
        for run in [map_layer(mapped, Search(INNER.method, INNER.trials, seed, objective))]
    ]

    assert np.median(ends) <= 1.05 * least


@pytest.mark.slow
@pytest.mark.parametrize("chip_name", ["eyeriss-168", "simba", "gemmini", "nvdla"])
def test_it_ends_near_the_proven_optimum_on_todays_layers(chip_name: str) -> None:
    """Of every kind of layer that `benchmarks/freedoms.py` lists."""
    from benchmarks.freedoms import TODAY

    chip = load_chip(chip_name)
    excess = {}
    for layer in TODAY:
        mapped = MappingTask(layer, chip.hardware, chip.technology)
        best = solve(mapped).best
        least = Evaluator(layer, chip.hardware, chip.technology).price(best).edp[0]
        ends = [map_layer(mapped, replace(INNER, seed=seed)).best_edp for seed in range(8)]
        excess[layer.name] = float(np.median(ends) / least - 1)

    assert all(share <= 0.05 for share in excess.values()), excess
