"""The nested search: networks, hardware trials, and what carries over between them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from codesign.errors import InputError
from codesign.hardware import PAT
from codesign.hardware.files import Chip, load_chip
from codesign.hardware.point import Point
from codesign.hardware.template_file import plain
from codesign.search.hardware import search_hardware
from codesign.search.hardware_run import HardwareRun
from codesign.search.mapper import MappingRun, map_layer
from codesign.search.network import NetworkRun, Runtime, map_network
from codesign.search.registry import LOOPS, MAPPINGS, METHODS, Method, searchers
from codesign.search.settings import Search
from codesign.search.task import MappingTask
from codesign.space.chip_space import ChipSpace, PointBatch
from codesign.workload import Layer, Workload
from tests.eyeriss import EYERISS_168, dataflow_of, point_of
from tests.search.tasks import CRAMPED, NETWORK, PAIR, PRODUCT, SAME_AS_PRODUCT, WINDOW

DQN = Workload(
    "small-dqn",
    (
        Layer.conv("K1", R=8, S=8, P=5, Q=5, C=4, K=16, Wstride=4, Hstride=4),
        Layer.conv("K2", R=4, S=4, P=3, Q=3, C=16, K=8, Wstride=2, Hstride=2),
    ),
    (1, 2),
)
TEMPLATE = EYERISS_168.template
BLIND = [name for name in searchers() if not METHODS[name].knows_constraints]
"""Methods that know no constraint beforehand."""

HARDWARE_METHODS = ["random", "tpe", "tpe-default", "bo", "tvm-xgboost", *BLIND]
MAPPERS = [name for name, method in METHODS.items() if method.needs in (LOOPS, MAPPINGS)]

FITTING = point_of(14, 12, h11=1, h12=1)
TOO_FEW_ROWS = point_of(28, 6, h12=1)
"""A mesh of six rows, on which a filter of eight rows is to stand."""

OVER_BUDGET = point_of(14, 12, h3=100, h4=100, h5=100)
"""More register-file words than there are."""


@pytest.fixture(scope="module")
def chip() -> Chip:
    return load_chip("eyeriss-168")


class Scripted:
    """A method that proposes given points one after the other, and remembers what it was told."""

    def __init__(self, points: list[Point]) -> None:
        self.waiting = points
        self.told: list[float] = []

    def ask(self) -> PointBatch:
        return PointBatch(TEMPLATE, TEMPLATE.values([self.waiting.pop(0)]))

    def tell(self, points: PointBatch, losses: NDArray[np.float64]) -> None:
        self.told += losses.tolist()


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Scripted]:
    """Registers a `Scripted` search as `scripted`."""

    def register(*points: Point) -> Scripted:
        method = Scripted(list(points))
        monkeypatch.setitem(
            METHODS,
            "scripted",
            Method("scripted", lambda space, rng, trials: method, "scripted", "#000000"),
        )
        return method

    return register


class Counting:
    """`map_layer` that remembers the tasks that are really searched, in order."""

    def __init__(self) -> None:
        self.tasks: list[MappingTask] = []

    def __call__(self, task: MappingTask, search: Search) -> MappingRun:
        self.tasks.append(task)
        return map_layer(task, search)


@pytest.fixture
def searched() -> Counting:
    """A mapping search that counts."""
    return Counting()


def map_small(workload: Workload, runtime: Runtime | None = None, seed: int = 0) -> NetworkRun:
    return map_network(workload, PAIR, Search("random", 60, seed), runtime=runtime)


def three_trials(chip: Chip, searched: Counting) -> HardwareRun:
    """A scripted search, with a count of the mapping searches inside."""
    return search_hardware(
        [DQN],
        chip,
        Search("scripted", 3),
        Search("random", 20),
        start=False,
        runtime=Runtime(layer_search=searched),
    )


def outcome(run: HardwareRun) -> tuple[object, ...]:
    return run.points, run.edp.tobytes()


# --- a network on one accelerator


def test_equal_layers_are_searched_once(searched: Counting) -> None:
    """The first and the last layer of the network are the same work, four times in all."""
    run = map_small(NETWORK, Runtime(layer_search=searched))

    assert [task.layer.name for task in searched.tasks] == ["product", "window"]
    assert run.workload.counts == (4, 2)
    assert len(run.runs) == 2


def test_both_readings_of_a_networks_edp() -> None:
    """By hand, with the counts of merged layers."""
    run = map_small(NETWORK)
    product, window = (
        (float(r.costs.energy_pj[r.best]), float(r.costs.cycles[r.best]))
        for r in run.runs
        if r.best is not None
    )

    energy = 4 * product[0] + 2 * window[0]
    cycles = 4 * product[1] + 2 * window[1]

    assert run.energy_pj == pytest.approx(energy, rel=1e-15)
    assert run.cycles == cycles
    assert run.edp == pytest.approx(energy * cycles, rel=1e-15)
    assert run.edp_of_layers == pytest.approx(
        4 * product[0] * product[1] + 2 * window[0] * window[1], rel=1e-15
    )
    assert run.edp > run.edp_of_layers


def test_a_layers_search_is_its_own() -> None:
    """The same in every network, with and without others, first or last."""
    alone = map_small(Workload("alone", (WINDOW,), (1,))).runs[0]
    among = map_small(NETWORK).runs[1]
    direct = map_layer(MappingTask(WINDOW, PAIR), Search("random", 60, 0))

    for run in (among, direct):
        assert run.points.temporal.tobytes() == alone.points.temporal.tobytes()
        assert run.costs.energy_pj.tobytes() == alone.costs.energy_pj.tobytes()


def test_memory_spares_searches_and_changes_nothing(searched: Counting) -> None:
    """A second network takes over what the first has searched."""
    runtime = Runtime(layer_search=searched)
    fresh = map_small(NETWORK)

    first, second = map_small(NETWORK, runtime), map_small(NETWORK, runtime)

    assert len(searched.tasks) == len(runtime.memory) == 2
    assert first.edp == second.edp == fresh.edp
    map_small(NETWORK, runtime, seed=1)
    assert len(runtime.memory) == 4


def test_memory_keeps_names_apart() -> None:
    """Layers of equal content in two networks share a search, but not a name."""
    runtime = Runtime()
    map_small(Workload("one", (PRODUCT,), (1,)), runtime)

    other = map_small(Workload("other", (SAME_AS_PRODUCT,), (1,)), runtime)

    assert other.runs[0].task.layer.name == "another product"


def test_an_impossible_layer_spares_the_others(searched: Counting) -> None:
    """The network has no cost, and one run that says why."""
    run = map_network(
        NETWORK, CRAMPED, Search("random", 20), runtime=Runtime(layer_search=searched)
    )

    assert not run.is_feasible
    assert [task.layer.name for task in searched.tasks] == ["product"]
    assert run.runs[0].problem == "Registers would hold 3 words, it has 2"
    assert np.isnan([run.energy_pj, run.cycles, run.edp, run.edp_of_layers]).all()


# --- hardware trials


def test_trials_are_networks_on_points(chip: Chip, script: Callable[..., Scripted]) -> None:
    """Each trial costs what `map_network` says of its point, and the method is told the log."""
    method = script(FITTING, FITTING.having(H9=1))

    run = search_hardware([DQN], chip, Search("scripted", 2), Search("random", 30), start=False)

    assert run.points == (FITTING, FITTING.having(H9=1))
    assert method.told == np.log(run.edp).tolist()
    for trial, point in enumerate(run.points):
        hardware = ChipSpace(chip).hardware(point)
        expected = map_network(
            DQN,
            hardware,
            Search("random", 30),
            dataflow=dataflow_of(point),
            technology=PAT,
            hints=chip.hints,
        )
        assert run.edp[trial] == pytest.approx(expected.edp, rel=1e-12)
        assert run.hardware(trial) == hardware


def test_infeasible_hardware_is_nan_and_says_why(
    chip: Chip, script: Callable[..., Scripted]
) -> None:
    """The trial counts, the method learns of it, and the best is another."""
    method = script(TOO_FEW_ROWS, FITTING, TOO_FEW_ROWS)

    run = search_hardware([DQN], chip, Search("scripted", 3), Search("random", 20), start=False)

    assert np.isnan(run.edp).tolist() == [True, False, True]
    assert np.isnan(method.told).tolist() == [True, False, True]
    assert run.best == 1
    assert np.isnan(run.best_so_far_edp[0])
    assert run.best_so_far_edp[1] == run.best_so_far_edp[2] == run.edp[1]
    failed = run.networks[0][0].runs
    assert [search.problem for search in failed] == [
        "DummyBuffer spreads over 8 children in Y, it has 6"
    ]


def test_points_over_budget_are_failed_trials(
    chip: Chip, script: Callable[..., Scripted], searched: Counting
) -> None:
    """They count, nothing is mapped on them, and the method learns of it."""
    method = script(OVER_BUDGET, FITTING, OVER_BUDGET)

    run = three_trials(chip, searched)

    assert run.points == (OVER_BUDGET, FITTING, OVER_BUDGET)
    assert run.violations == ("H3+H4+H5", None, "H3+H4+H5")
    assert np.isnan(method.told).tolist() == np.isnan(run.edp).tolist() == [True, False, True]
    assert len(searched.tasks) == 2
    assert run.best == 1


def test_nothing_feasible_has_no_best(chip: Chip, script: Callable[..., Scripted]) -> None:
    """But all its trials."""
    script(TOO_FEW_ROWS, TOO_FEW_ROWS)

    run = search_hardware([DQN], chip, Search("scripted", 2), Search("random", 20), start=False)

    assert run.best is None
    assert len(run.points) == 2
    assert np.isnan(run.best_so_far_edp).all()


def test_points_that_come_again_are_not_searched_again(
    chip: Chip, script: Callable[..., Scripted], searched: Counting
) -> None:
    """What differs in nothing that a layer sees is known already."""
    script(FITTING, FITTING, FITTING.having(H9=8))

    run = three_trials(chip, searched)

    assert len(searched.tasks) == 4
    assert run.edp[0] == run.edp[1]


def test_several_networks_have_a_geometric_mean(
    chip: Chip, script: Callable[..., Scripted]
) -> None:
    """A design for all of them is as good as the mean of its logarithms."""
    product = Workload("product", (Layer.conv("product", P=16, C=64, K=64),), (1,))
    script(FITTING)

    run = search_hardware(
        [DQN, product], chip, Search("scripted", 1), Search("random", 20), start=False
    )

    one, other = (network.edp for network in run.networks[0])
    assert run.edp[0] == pytest.approx(np.sqrt(one * other), rel=1e-12)


@pytest.mark.parametrize("method", HARDWARE_METHODS)
def test_hardware_searches_are_reproducible(chip: Chip, method: str) -> None:
    """The same arguments give the same trials, with and without a memory; seeds matter."""
    shared = Runtime()

    runs = [
        search_hardware(
            [DQN],
            chip,
            Search(method, 13, 4),
            Search("random", 8, 4),
            start=False,
            runtime=runtime,
        )
        for runtime in (None, shared, shared)
    ]

    assert outcome(runs[0]) == outcome(runs[1]) == outcome(runs[2])
    other = search_hardware([DQN], chip, Search(method, 13, 5), Search("random", 8, 5), start=False)
    assert outcome(other) != outcome(runs[0])


@pytest.mark.parametrize("method", HARDWARE_METHODS)
@pytest.mark.parametrize("trials", [1, 12])
def test_hardware_budgets_are_spent_exactly(chip: Chip, method: str, trials: int) -> None:
    """Every trial is reported once, within the constraints, and the best so far never rises."""
    seen: list[tuple[int, float]] = []

    run = search_hardware(
        [DQN],
        chip,
        Search(method, trials),
        Search("random", 6),
        start=False,
        runtime=Runtime(progress=lambda done, best: seen.append((done, best))),
    )

    assert len(run.points) == len(run.networks) == len(run.edp) == trials
    space = ChipSpace(chip)
    broken = space.violations(space.batch(run.points))
    assert run.violations == tuple(space.rules[code - 1].name if code else None for code in broken)
    assert method in BLIND or not broken.any()
    assert [len(networks) for networks in run.networks] == [0 if code else 1 for code in broken]
    assert [done for done, _ in seen] == list(range(1, trials + 1))
    np.testing.assert_array_equal([best for _, best in seen], run.best_so_far_edp)
    known = run.best_so_far_edp[~np.isnan(run.best_so_far_edp)]
    assert (np.diff(known) <= 0).all()
    for network in run.networks:
        assert all(len(search.points) in (0, 6) for net in network for search in net.runs)


# --- bad input


@pytest.mark.parametrize("method", MAPPERS)
def test_methods_for_mappings_are_refused(chip: Chip, method: str) -> None:
    """In a sentence that says why."""
    with pytest.raises(InputError, match=f"method '{method}' cannot search ChipSpace: it"):
        search_hardware([DQN], chip, Search(method, 2), Search("random", 2), start=False)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"workloads": []}, "workloads is empty, expected at least one"),
        ({"outer": Search("tep", 2)}, r"method is 'tep', expected one of .*did you mean 'tpe'"),
        ({"inner": Search("bow", 2)}, r"method is 'bow', expected one of .*did you mean 'bo'"),
        (
            {"inner": Search("bo", 2, objective="delay")},
            "the inner search's objective is 'delay', expected 'edp', since the outer search's is",
        ),
        (
            {"accounting": "mine"},
            "accounting is 'mine', expected timeloop, timeloop-2022, timeloop-4, exact",
        ),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_errors_are_one_sentence(chip: Chip, arguments: dict[str, object], message: str) -> None:
    """With the value that is wrong and what was expected."""
    usual: dict[str, object] = {
        "workloads": [Workload("one", (PRODUCT,), (1,))],
        "chip": chip,
        "outer": Search("random", 2),
        "inner": Search("random", 2),
    }

    with pytest.raises(InputError, match=message) as caught:
        search_hardware(**(usual | arguments))  # type: ignore[arg-type]

    assert "\n" not in str(caught.value)


def test_a_chip_without_a_budget_cannot_be_searched(chip: Chip) -> None:
    """There is nothing to arrange."""
    fixed = Chip(plain(PAIR), PAT, chip.dataflows)

    with pytest.raises(InputError, match="hardware pair: there is nothing to search, expected"):
        search_hardware([DQN], fixed, Search("random", 1), Search("random", 1), start=False)


# --- proofs


def test_a_proved_network_has_a_bound_that_no_search_beats() -> None:
    """The layers' proofs add up to a lower bound of the product of sums."""
    proved = map_network(NETWORK, PAIR, Search("exact", 250))
    searches = [map_network(NETWORK, PAIR, Search("random", 250, seed)) for seed in range(5)]

    assert proved.certificate is not None
    kind, bound = proved.certificate
    assert kind in ("optimal", "bound")
    assert 0.5 * proved.edp < bound <= proved.edp
    assert all(bound <= search.edp for search in searches)
    assert all(search.certificate is None for search in searches)
    assert all(proved.edp_of_layers <= s.edp_of_layers * (1 + 1e-12) for s in searches)


def test_the_proof_of_a_single_layer_is_of_the_network() -> None:
    """Without a sum there is nothing to lose: the bound is met to the last bit."""
    proved = map_network(Workload("one", (PRODUCT,), (3,)), PAIR, Search("exact", 250))

    assert proved.certificate == ("optimal", proved.edp)


def test_an_unknown_mapper_is_told_of_the_exact_one() -> None:
    """The list of methods has those that prove as well."""
    with pytest.raises(InputError, match=r"method is 'exakt', expected one of .*exact.*mean"):
        map_network(NETWORK, PAIR, Search("exakt", 250))
