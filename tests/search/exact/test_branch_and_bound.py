"""The branch-and-bound mapper: what it calls optimal is optimal."""

from __future__ import annotations

import math

import numpy as np
import pytest

from benchmarks.cases import layers
from codesign.cost import Evaluator
from codesign.errors import InputError
from codesign.hardware import Arithmetic, Hardware, StorageLevel
from codesign.hardware.dataflow import Dataflow, SlotRule
from codesign.search.exact import exhaust, incumbent, solve
from codesign.search.exact.branch_and_bound import SearchCertificate
from codesign.search.objective import COSTS
from codesign.search.task import MappingTask
from codesign.space.mapping_space import MapSpace
from codesign.workload import Layer
from tests.budgets import count
from tests.eyeriss import ROW_STATIONARY
from tests.search.exact.cases import is_feasible, random_task

LAYERS = {layer.name: (layer, chip.hardware) for layer, chip in layers()}


@pytest.fixture
def _poor_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """The search begins with the best of four draws, so that bounds and nests have work to do."""
    monkeypatch.setattr(incumbent, "START", (4, 0, 4))


def _is_enumerable(task: MappingTask, least: float, most: float) -> bool:
    if not is_feasible(task):
        return False
    space = MapSpace(task.layer, task.hardware, task.dataflow)
    return least <= space.size() <= most


def _compare(seeds: range, least: float, most: float) -> int:
    """Solves all tasks of a size in both ways; returns how many there were."""
    compared = 0
    for seed in seeds:
        task, objective = random_task(seed)
        if not _is_enumerable(task, least, most):
            continue
        try:
            expected = exhaust(task, objective)
        except (AssertionError, InputError):  # nothing fills the buffers enough, or too large
            continue
        result = solve(task, objective)
        certificate, value = result.certificate, expected.certificate.lower_bound
        assert certificate.verdict == "optimal", seed
        assert certificate.lower_bound == pytest.approx(value, rel=1e-11), seed
        costs = Evaluator(task.layer, task.hardware, task.technology, task.accounting).price(
            result.best
        )
        assert costs.valid[0]
        assert getattr(costs, COSTS[objective])[0] == pytest.approx(value, rel=1e-11), seed
        compared += 1
    return compared


@pytest.mark.usefixtures("_poor_start")
def test_it_equals_enumeration() -> None:
    assert _compare(range(count(300, 2000)), 1, 3e5) > count(120, 800)


@pytest.mark.slow
@pytest.mark.usefixtures("_poor_start")
@pytest.mark.parametrize("start", range(10_000, 22_000, 2000))
def test_it_equals_enumeration_of_many_tasks(start: int) -> None:
    assert _compare(range(start, start + 2000), 100, 1e6) > 500


@pytest.mark.slow
@pytest.mark.usefixtures("_poor_start")
@pytest.mark.parametrize("start", range(30_000, 42_000, 3000))
def test_it_equals_enumeration_of_larger_tasks(start: int) -> None:
    assert _compare(range(start, start + 3000), 1e6, 3e7) > 100


@pytest.mark.parametrize("name", ["ResNet-K4", "DQN-K1", "MLP-K2", "Transformer-K2"])
@pytest.mark.parametrize("accounting", ["timeloop", "timeloop-4", "exact"])
def test_it_equals_enumeration_of_row_stationary_spaces(name: str, accounting: str) -> None:
    layer, hardware = LAYERS[name]
    task = MappingTask(layer, hardware, dataflow=ROW_STATIONARY, accounting=accounting)
    found, expected = solve(task).certificate, exhaust(task).certificate
    assert found.verdict == "optimal"
    assert found.lower_bound == pytest.approx(expected.lower_bound, rel=1e-11)


def _assault(task: MappingTask, rounds: int, seed: int) -> None:
    """Random mappings, their neighbours, and those of the optimum: none is better."""
    result = solve(task)
    certificate = result.certificate
    assert certificate.verdict == "optimal"
    space = MapSpace(task.layer, task.hardware, task.dataflow)
    evaluator = Evaluator(task.layer, task.hardware, task.technology, task.accounting)
    rng = np.random.default_rng(seed)
    best = float(evaluator.price(result.best).edp[0])
    assert best == pytest.approx(certificate.lower_bound, rel=1e-11)
    elite = space.draw(rng, 512)
    for _ in range(rounds):
        fresh = space.join([space.mutate(rng, elite, 4096), space.mutate(rng, result.best, 1024)])
        points = space.join([elite, fresh])
        edp = np.nan_to_num(evaluator.price(points).edp, nan=math.inf)
        elite = points[np.argsort(edp, kind="stable")[:256]]
        assert edp.min() >= best * (1 - 1e-11)


@pytest.mark.parametrize("name", ["ResNet-K3", "DQN-K2", "MLP-K1", "Transformer-K1"])
def test_search_does_not_beat_it(name: str) -> None:
    layer, hardware = LAYERS[name]
    _assault(MappingTask(layer, hardware), rounds=40, seed=5)


@pytest.mark.slow
@pytest.mark.parametrize("accounting", ["timeloop", "timeloop-4", "exact"])
@pytest.mark.parametrize("name", LAYERS)
def test_long_search_does_not_beat_it(name: str, accounting: str) -> None:
    layer, hardware = LAYERS[name]
    for seed in range(3):
        _assault(MappingTask(layer, hardware, accounting=accounting), rounds=300, seed=seed)


@pytest.mark.parametrize("objective", ["edp", "energy", "delay"])
def test_stopped_early_it_gives_a_bound(objective: str) -> None:
    layer, hardware = LAYERS["MLP-K1"]
    task = MappingTask(layer, hardware)
    stopped, whole = solve(task, objective, seconds=0), solve(task, objective)
    assert whole.certificate.verdict == "optimal"
    assert stopped.certificate.lower_bound <= whole.certificate.lower_bound
    value = getattr(Evaluator(layer, hardware).price(stopped.best), COSTS[objective])[0]
    assert value >= whole.certificate.lower_bound * (1 - 1e-11)
    if stopped.certificate.verdict == "optimal":
        assert value == pytest.approx(whole.certificate.lower_bound, rel=1e-11)


def test_out_of_room_it_gives_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    layer, hardware = LAYERS["DQN-K2"]
    task = MappingTask(layer, hardware)
    optimum = solve(task).certificate.lower_bound
    for module in ("splits.MOST_SPLITS", "tiles.MOST_PARTS", "parts.MOST_OUTER"):
        with monkeypatch.context() as patch:
            patch.setattr(f"codesign.search.exact.{module}", 10)
            certificate = solve(task).certificate
        assert certificate.verdict == "bound"
        assert 0 < certificate.lower_bound < optimum


def test_the_certificate_counts() -> None:
    layer, hardware = LAYERS["DQN-K2"]
    certificate = solve(MappingTask(layer, hardware)).certificate
    assert isinstance(certificate, SearchCertificate)
    assert certificate.splits > certificate.splits_pruned > 0
    assert certificate.pairs >= certificate.pairs_pruned > 0
    assert certificate.nodes >= certificate.nodes_pruned > 0
    assert certificate.priced < certificate.covered


def test_a_hierarchy_of_one_keeping_level_is_enumerated() -> None:
    empty = StorageLevel("empty", 0, instances=2, mesh_x=2, keeps=frozenset())
    hardware = Hardware(
        "flat", Arithmetic("MACs", 4, 4), (empty, StorageLevel("DRAM", None, technology="DRAM"))
    )
    task = MappingTask(Layer.conv("layer", P=4, R=2, K=2), hardware)
    assert solve(task).certificate == exhaust(task).certificate


def test_it_refuses_what_makes_no_sense() -> None:
    layer, hardware = LAYERS["DQN-K2"]
    with pytest.raises(InputError, match="expected edp, energy, delay"):
        solve(MappingTask(layer, hardware), "speed")
    pinned = Dataflow("pinned", (SlotRule("PsumRegFile", "temporal", (("K", "all"),)),))
    with pytest.raises(InputError, match="no mapping fits"):
        solve(MappingTask(layer, hardware, dataflow=pinned))


def test_the_optimum_on_eyeriss_is_never_above_row_stationary() -> None:
    for name in ("ResNet-K4", "MLP-K2"):
        layer, hardware = LAYERS[name]
        free = solve(MappingTask(layer, hardware)).certificate.lower_bound
        pinned = exhaust(MappingTask(layer, hardware, dataflow=ROW_STATIONARY)).certificate
        assert free <= pinned.lower_bound * (1 + 1e-11)
