"""Other objectives than EDP, several networks with weights, limits and fronts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codesign.errors import InputError
from codesign.hardware.files import Chip, load_chip
from codesign.search.exact import exhaust
from codesign.search.hardware import search_hardware
from codesign.search.joint import joint
from codesign.search.mapper import map_layer
from codesign.search.network import map_network
from codesign.search.objective import COSTS
from codesign.search.pareto import front, hypervolume, scalarise
from codesign.search.settings import Search
from codesign.space.chip_space import ChipSpace
from codesign.space.limits import Limits
from codesign.workload import Layer, Workload
from tests.budgets import count
from tests.search.tasks import NETWORK, PAIR, WINDOW, task

ONE = Workload("one", (Layer.conv("conv", R=3, S=3, P=8, Q=8, C=16, K=16),), (1,))
OTHER = Workload("other", (Layer.conv("gemm", P=16, C=64, K=64),), (2,))
CUBES = st.lists(
    st.tuples(*(st.integers(0, 5) for _ in range(3))).map(lambda p: [float(v) for v in p]),
    min_size=1,
    max_size=12,
)


@pytest.fixture(scope="module")
def chip() -> Chip:
    return load_chip("eyeriss-168")


@pytest.fixture(scope="module")
def loose(chip: Chip) -> Chip:
    """A space that leaves the number of PEs free."""
    return replace(chip, template=replace(chip.template, lists={"PEs": (42, 84, 168)}))


# --- mappings


@pytest.mark.parametrize("objective", COSTS)
@pytest.mark.parametrize("method", ["random", "tpe", "bo"])
def test_the_best_mapping_is_best_by_its_objective(objective: str, method: str) -> None:
    """Of equal delays the one of less EDP."""
    run = map_layer(task(WINDOW), Search(method, 60, objective=objective))

    values = getattr(run.costs, COSTS[objective])[run.costs.valid]
    assert run.best is not None
    assert getattr(run.costs, COSTS[objective])[run.best] == values.min()
    equals = getattr(run.costs, COSTS[objective]) == values.min()
    assert run.costs.edp[run.best] == np.nanmin(run.costs.edp[equals])


@pytest.mark.parametrize("objective", ["energy", "delay"])
def test_methods_learn_from_the_objective(objective: str) -> None:
    """After the random start-up another objective leads elsewhere, and not to worse."""
    usual, run = (
        map_layer(task(WINDOW), Search("bo", 150, objective=name)) for name in ("edp", objective)
    )

    cost = COSTS[objective]
    assert run.points.temporal.tobytes() != usual.points.temporal.tobytes()
    assert np.nanmin(getattr(run.costs, cost)[run.costs.valid]) <= np.nanmin(
        getattr(usual.costs, cost)[usual.costs.valid]
    )


@pytest.mark.parametrize("objective", COSTS)
def test_proofs_are_of_the_objective(objective: str) -> None:
    """The prover finds what trying everything finds; a network's energies and delays add up."""
    run = map_layer(task(WINDOW), Search("exact", 250, objective=objective))
    network = map_network(NETWORK, PAIR, Search("exact", 250, objective=objective))

    best = exhaust(task(WINDOW), objective).certificate.lower_bound
    assert float(getattr(run.costs, COSTS[objective])[0]) == pytest.approx(best, rel=1e-12)
    assert network.certificate is not None
    kind, bound = network.certificate
    assert bound <= network.cost(objective)
    if objective != "edp":
        assert (kind, bound) == ("optimal", network.cost(objective))


# --- several networks


def test_weights_are_exponents() -> None:
    """Twice the weight is being there twice, and the scale of weights does not matter."""
    assert joint([2.0, 8.0]) == pytest.approx(4.0)
    assert joint([2.0, 8.0], [2, 1]) == pytest.approx(joint([2.0, 2.0, 8.0]))
    assert joint([2.0, 8.0], [20, 10]) == pytest.approx(joint([2.0, 8.0], [2, 1]))
    assert joint([2.0, 8.0], [3, 3]) == joint([2.0, 8.0])
    assert np.isnan(joint([2.0, np.nan], [2, 1]))


@pytest.mark.parametrize("objective", [*COSTS, "pareto"])
def test_a_search_reports_what_it_minimised(chip: Chip, objective: str) -> None:
    """The weighted mean of the networks' costs; the same arguments give it again."""
    first, again = (
        search_hardware(
            [ONE, OTHER],
            chip,
            Search("tpe", 13, objective=objective),
            Search("random", 10),
            weights=[3, 1],
            start=False,
        )
        for _ in range(2)
    )

    cost = "edp" if objective == "pareto" else objective
    expected = [joint([net.cost(cost) for net in trial], [3, 1]) for trial in first.networks]
    np.testing.assert_array_equal(first.values, expected)
    assert first.points == again.points
    assert first.values.tobytes() == again.values.tobytes()
    assert first.best == int(np.nanargmin(first.values))


def test_ten_networks_share_an_accelerator(chip: Chip) -> None:
    """As many as one likes."""
    networks = [Workload(f"n{i}", (Layer.conv("x", P=4 + i, C=8, K=16),), (1,)) for i in range(10)]

    run = search_hardware(networks, chip, Search("random", 2), Search("random", 5), start=False)

    assert all(len(trial) == 10 for trial in run.networks)


# --- limits


@given(seed=st.integers(0, 2**32), most=st.floats(2.2, 8.0))
@settings(max_examples=count(8, 25), deadline=None)
def test_no_point_is_larger_than_the_limit(seed: int, most: float) -> None:
    """Neither drawn nor a neighbour of one; what is drawn meets every other constraint too."""
    chip = load_chip("eyeriss-168")
    space = ChipSpace(chip, limits=Limits(max_area_mm2=most))
    rng = np.random.default_rng(seed)

    drawn = space.draw(rng, 8)
    near = space.mutate(rng, drawn, 8)

    for batch in (drawn, near):
        areas = [
            chip.technology.area.mm2(space.hardware(batch.point(row))) for row in range(len(batch))
        ]
        assert max(areas) <= most
        assert not space.violations(batch).any()


def test_a_larger_point_breaks_the_constraint(chip: Chip) -> None:
    """Eyeriss itself has 6.98 mm²."""
    small, large = (ChipSpace(chip, limits=Limits(max_area_mm2=mm2)) for mm2 in (6.9, 7.0))
    batch = small.batch([chip.template.point])

    assert (small.broken(batch), large.broken(batch)) == (["area"], [None])


def test_pes_may_be_free(loose: Chip) -> None:
    """Points have any number of the list, searches see them, and designs are of so many."""
    space = ChipSpace(loose)
    batch = space.draw(np.random.default_rng(0), 60)

    pes = batch.column("H1") * batch.column("H2")
    run = search_hardware(
        [ONE],
        loose,
        Search("tpe", 14),
        Search("random", 8),
        limits=Limits(max_pes=100),
        start=False,
    )

    assert set(pes) == {42, 84, 168}
    assert {parameter.name for parameter in space.parameters} >= {"H1", "H2"}
    assert not space.violations(batch).any()
    assert {run.hardware(trial).pes for trial in range(14)} <= {42, 84}
    fixed = ChipSpace(load_chip("eyeriss-168"))
    assert "H2" not in {parameter.name for parameter in fixed.parameters}
    small = ChipSpace(loose, limits=Limits(max_area_mm2=1.3)).draw(np.random.default_rng(0), 30)
    assert set(small.column("H1") * small.column("H2")) <= {42, 84}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"weights": [1, 2]}, r"weights are \[1, 2\], expected a positive number for each of 1"),
        ({"weights": [0]}, r"weights are \[0\], expected a positive number"),
        ({"limits": Limits(max_area_mm2=1)}, "the limit is 1 mm², expected at least 1.4"),
        ({"limits": Limits(max_pes=100)}, "the limit is 100 PEs, expected at least 168"),
    ],
    ids=["too many weights", "no weight", "area", "pes"],
)
def test_what_cannot_be_is_refused(chip: Chip, arguments: dict[str, object], message: str) -> None:
    """In one sentence, before anything is searched."""
    with pytest.raises(InputError, match=message) as caught:
        search_hardware([ONE], chip, Search("random", 1), Search("random", 1), **arguments)  # type: ignore[arg-type]

    assert "\n" not in str(caught.value)


# --- fronts


@given(points=CUBES)
def test_a_front_is_what_no_other_beats(points: list[list[float]]) -> None:
    """By definition: pair by pair."""
    values = np.array(points)

    kept = front(values)

    for row, point in enumerate(values):
        others = np.delete(values, row, axis=0)
        beaten = ((others <= point).all(axis=1) & (others < point).any(axis=1)).any()
        first = not (values[:row] == point).all(axis=1).any()
        assert (row in kept) == (first and not beaten)


@given(points=CUBES)
def test_hypervolume_is_a_count_of_cells(points: list[list[float]]) -> None:
    """With whole numbers, of the unit cells that some point dominates."""
    values = np.array(points)
    grid = np.stack(np.meshgrid(*[np.arange(6.0)] * 3, indexing="ij"), axis=-1).reshape(-1, 3)

    cells = sum(bool((values <= cell).all(axis=1).any()) for cell in grid)

    assert hypervolume(values, np.full(3, 6.0)) == cells
    assert hypervolume(values[front(values)], np.full(3, 6.0)) == cells


def test_infeasible_points_are_on_no_front() -> None:
    """They are separated from feasible ones, and do not change the scale of the others."""
    values = np.array([[1.0, 3.0], [np.nan, np.nan], [3.0, 1.0], [2.0, 2.5]])

    assert front(values).tolist() == [0, 2, 3]
    scalars = scalarise(values, np.array([1.0, 0.0]))
    assert np.isnan(scalars).tolist() == [False, True, False, False]
    assert scalars[0] < scalars[3] < scalars[2]
    assert np.isnan(scalarise(values[1:2], np.array([1.0, 0.0]))).all()


def test_a_pareto_search_widens_the_front(chip: Chip) -> None:
    """Its front holds every trial that is best in one of the three, and failures are told."""
    run = search_hardware(
        [ONE], chip, Search("bo", 16, objective="pareto"), Search("random", 10), start=False
    )

    criteria = run.criteria
    assert len(run.front) >= 1
    for column in range(3):
        assert criteria[run.front, column].min() == np.nanmin(
            np.where(np.isfinite(run.values), criteria[:, column], np.nan)
        )
