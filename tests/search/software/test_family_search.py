"""The search of a family on an accelerator: proven, and never beaten by enumeration."""

from __future__ import annotations

import functools
import itertools
from pathlib import Path

import numpy as np
import pytest

from codesign.cost import Evaluator
from codesign.errors import InputError
from codesign.hardware import PAT, Hardware
from codesign.hardware.files import Chip, load_chip
from codesign.search.exact.exhaustive import enumerate_mappings
from codesign.search.hardware import search_hardware
from codesign.search.settings import Search
from codesign.search.software import family as family_search
from codesign.search.software import search_software
from codesign.search.software.curve import Curve
from codesign.search.software.family import BEATEN, BOUNDED, FRONT, UNMAPPED
from codesign.search.software.proven import LayerCurve, _envelope, bounded_curve, proven_curve
from codesign.search.task import MappingTask
from codesign.space.mapping_space import MapSpace
from codesign.workload import Layer, Workload
from codesign.workload.family import Family

LAYERS = (
    Layer.conv("product", K=4, C=2, P=2),
    Layer.conv("window", P=4, R=3, K=2),
    Layer.conv("narrow", K=2, C=4),
)
COUNTS = ((1, 0, 0), (0, 2, 0), (1, 1, 0), (2, 0, 3), (0, 0, 1))
QUALITY = (0.5, 0.7, 0.9, 0.6, 0.1)
OBJECTIVES = ("edp", "energy", "delay")
CURVES: dict[str, LayerCurve] = {}


@pytest.fixture(scope="module")
def chip(tmp_path_factory: pytest.TempPathFactory) -> Chip:
    """Two MACs with register files, a small and slow buffer, DRAM."""
    path = tmp_path_factory.mktemp("chips") / "pair.yaml"
    path.write_text(
        "name: pair\n"
        "arithmetic: {name: MACs, instances: 2, meshX: 2}\n"
        "storage:\n"
        "- {name: Registers, entries: 9, instances: 2, meshX: 2, technology: RegFile}\n"
        "- {name: Buffer, entries: 24, block-size: 2, read_bandwidth: 1, write_bandwidth: 1}\n"
        "- {name: DRAM, technology: DRAM}\n",
        encoding="utf-8",
    )
    return load_chip(path)


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves each curve once for all tests: it does not depend on the search that asks for it."""

    def remembered(task: MappingTask) -> LayerCurve:
        if task.digest not in CURVES:
            CURVES[task.digest] = proven_curve(task)
        return CURVES[task.digest]

    monkeypatch.setattr(family_search, "proven_curve", remembered)


def _family() -> Family:
    networks = [
        Workload(
            f"n{row}",
            tuple(layer for layer, count in zip(LAYERS, counts, strict=True) if count),
            tuple(count for count in counts if count),
        )
        for row, counts in enumerate(COUNTS)
    ]
    return Family.of("small", networks, QUALITY)


@functools.cache
def _all_costs(layer: Layer, hardware: Hardware) -> tuple[tuple[float, float], ...]:
    """Energy and cycles of every mapping that no other one beats in both."""
    space = MapSpace(layer, hardware)
    batch = space.join(list(enumerate_mappings(space)))
    costs = Evaluator(layer, hardware, PAT, "timeloop").price(batch)
    pairs = sorted({*zip(costs.energy_pj[costs.valid], costs.cycles[costs.valid], strict=True)})
    kept: list[tuple[float, float]] = []
    for energy, cycles in pairs:
        if not kept or cycles < kept[-1][1]:
            kept.append((float(energy), float(cycles)))
    return tuple(kept)


def _least(row: int, chip: Chip, objective: str) -> float:
    """The least cost of a network over all mappings of its layers."""
    family = _family()
    has = np.flatnonzero(family.counts[row])
    best = np.inf
    for design in itertools.product(*(_all_costs(family.layers[at], chip.hardware) for at in has)):
        energy, cycles = np.array(design).T @ family.counts[row, has]
        best = min(best, {"edp": energy * cycles, "energy": energy, "delay": cycles}[objective])
    return float(best)


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_a_proven_curve_is_the_hull_of_all_mappings(layer: Layer, chip: Chip) -> None:
    task = MappingTask(layer, chip.hardware, chip.technology)
    every = np.array(_all_costs(layer, chip.hardware)).T
    proven = proven_curve(task)
    expected, _ = Curve.around(*every)
    assert np.allclose(proven.found.energy_pj, expected.energy_pj, rtol=1e-12)
    assert np.array_equal(proven.found.cycles, expected.cycles)
    # Whatever the value of a cycle, no mapping is below the floor, with or without a search.
    for floor in (proven.floor, bounded_curve(task).floor):
        for slope in (0.0, 0.1, 1.0, 10.0, 1e9):
            low = (floor.energy_pj + slope * floor.cycles).min()
            assert low <= (every[0] + slope * every[1]).min() * (1 + 1e-12)


def test_a_tolerance_and_a_budget_leave_a_floor_below_all_mappings(chip: Chip) -> None:
    task = MappingTask(LAYERS[1], chip.hardware, chip.technology)
    every = np.array(_all_costs(LAYERS[1], chip.hardware)).T
    for known in (proven_curve(task, tolerance=0.2), proven_curve(task, most_work=1)):
        for slope in (0.0, 0.1, 1.0, 10.0, 1e9):
            low = (known.floor.energy_pj + slope * known.floor.cycles).min()
            assert low <= (every[0] + slope * every[1]).min() * (1 + 1e-9)


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_enumeration_never_beats_the_search(objective: str, chip: Chip) -> None:
    family = _family()
    least = [_least(row, chip, objective) for row in range(len(family))]
    for floor in (0.55, 0.8):
        found = search_software(
            family, chip, Search("exact", 1, objective=objective), min_quality=floor
        )
        assert found.best is not None
        expected = min(cost for cost, q in zip(least, QUALITY, strict=True) if q >= floor)
        network = found.network_run(found.best)
        assert network.cost(objective) == pytest.approx(expected, rel=1e-12)
        assert found.certificate == ("optimal", pytest.approx(expected, rel=1e-12))
        for name, bound in zip(found.family.names, found.bounds, strict=True):
            assert bound <= least[int(name[1:])] * (1 + 1e-12)


def test_the_front_is_that_of_all_networks(chip: Chip) -> None:
    least = [_least(row, chip, "edp") for row in range(len(QUALITY))]
    found = search_software(_family(), chip, Search("exact", 1))
    expected = [
        row
        for row in range(len(QUALITY))
        if not any(
            QUALITY[other] >= QUALITY[row] and least[other] <= least[row]
            for other in range(len(QUALITY))
            if other != row
        )
    ]
    assert sorted(found.front) == expected
    verdicts = found.verdicts
    assert all((verdicts[row] == FRONT) == (row in expected) for row in range(len(QUALITY)))
    assert set(verdicts) <= {FRONT, BEATEN, BOUNDED}


def test_a_bound_spares_the_layers_of_a_network_that_cannot_win(chip: Chip) -> None:
    large = Workload("large", (Layer.conv("large", K=64, C=64, P=64, Q=64),), (50,))
    small = Workload("small", (LAYERS[0],), (1,))
    family = Family.of("f", [large, small], [0.5, 0.6])
    found = search_software(family, chip, Search("exact", 1))
    assert found.verdicts == [BOUNDED, FRONT]
    assert not found.layers[0].is_known
    assert found.bounds[0] > found.costs[1]


def test_methods_of_trials_find_no_cheaper_network(chip: Chip) -> None:
    for objective in OBJECTIVES:
        found = search_software(
            _family(), chip, Search("random", 40, objective=objective), min_quality=0.5
        )
        assert found.best is not None
        assert found.certificate is None
        least = min(_least(row, chip, objective) for row in range(4))
        assert found.network_run(found.best).cost(objective) >= least * (1 - 1e-12)


def test_a_network_without_a_mapping_is_not_chosen(tmp_path: Path) -> None:
    path = tmp_path / "cramped.yaml"
    path.write_text(
        "name: cramped\narithmetic: {name: MACs, instances: 1}\n"
        "storage:\n- {name: Registers, entries: 2}\n- {name: DRAM, technology: DRAM}\n",
        encoding="utf-8",
    )
    found = search_software(_family(), load_chip(path), Search("exact", 1))
    assert found.best is None
    assert set(found.verdicts) == {UNMAPPED}
    assert found.problem is not None
    assert "Registers" in found.problem


def test_a_floor_that_no_network_reaches_is_refused(chip: Chip) -> None:
    with pytest.raises(InputError, match="no network has a quality of at least 2"):
        search_software(_family(), chip, min_quality=2)


def test_of_alternatives_an_accelerator_runs_the_cheapest() -> None:
    chip = load_chip("eyeriss-168")
    networks = [Workload(f"n{n}", (Layer.conv("l", K=8 * n, C=8, P=8),), (1,)) for n in (3, 1, 2)]
    outer, inner = Search("random", 3), Search("random", 5)
    found = search_hardware(networks, chip, outer, inner, alternatives=True)
    alone = [search_hardware([network], chip, outer, inner).edp for network in networks]
    assert np.array_equal(found.edp, np.min(alone, axis=0))
    assert all(len(trial) == 1 for trial in found.networks)
    with pytest.raises(InputError, match="weights are given"):
        search_hardware(networks, chip, outer, inner, alternatives=True, weights=[1, 2, 3])


def test_half_planes_leave_the_corners_of_their_intersection() -> None:
    """Energy ≥ 1, cycles ≥ 2, energy + cycles ≥ 6, energy + 3 · cycles ≥ 10."""
    corners = _envelope([(0.0, 1.0), (np.inf, 2.0), (1.0, 6.0), (3.0, 10.0)])
    assert corners.energy_pj.tolist() == [1.0, 4.0]
    assert corners.cycles.tolist() == [5.0, 2.0]
    alone = _envelope([(0.0, 1.0), (np.inf, 2.0)])
    assert (alone.energy_pj.tolist(), alone.cycles.tolist()) == ([1.0], [2.0])
