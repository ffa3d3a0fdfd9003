"""Choices of layers: the least cost under a drop, and the front, against enumeration."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from codesign.errors import InputError
from codesign.search.software.choices import Choices, Option, choose
from codesign.search.software.curve import Curve, Steps

OBJECTIVES = ("edp", "energy", "delay")


def _points(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Energies and cycles of some mappings; often with ties."""
    count = int(rng.integers(1, 7))
    return rng.integers(1, 30, count).astype(float), rng.integers(1, 30, count).astype(float)


def _cost(energy: float, cycles: float, objective: str) -> float:
    return {"edp": energy * cycles, "energy": energy, "delay": cycles}[objective]


def _layers(
    rng: np.random.Generator, depth: int
) -> list[list[tuple[float, np.ndarray, np.ndarray]]]:
    """For every layer its options: a drop, and energies and cycles of all mappings."""
    return [
        [(float(rng.integers(0, 5)), *_points(rng)) for _ in range(int(rng.integers(1, 4)))]
        for _ in range(depth)
    ]


def _choices(layers: list[list[tuple[float, np.ndarray, np.ndarray]]]) -> list[Choices]:
    return [
        Choices(
            f"l{at}",
            tuple(
                Option(str(n), drop, Curve.around(energy, cycles)[0])
                for n, (drop, energy, cycles) in enumerate(options)
            ),
        )
        for at, options in enumerate(layers)
    ]


def _all_designs(
    layers: list[list[tuple[float, np.ndarray, np.ndarray]]], objective: str
) -> list[tuple[float, float]]:
    """Loss and cost of every choice of options and mappings."""
    single = [
        [
            (drop, e, c)
            for drop, energy, cycles in options
            for e, c in zip(energy, cycles, strict=False)
        ]
        for options in layers
    ]
    found = []
    for design in itertools.product(*single):
        drop, energy, cycles = (sum(column) for column in zip(*design, strict=True))
        found.append((drop, _cost(energy, cycles, objective)))
    return found


@pytest.mark.parametrize("seed", range(20))
def test_no_design_of_an_enumeration_beats_the_choice(seed: int) -> None:
    rng = np.random.default_rng(seed)
    layers = _layers(rng, depth=3)
    for objective in OBJECTIVES:
        designs = _all_designs(layers, objective)
        front = choose(_choices(layers), objective)
        for most_drop in sorted({drop for drop, _ in designs}):
            least = min(cost for drop, cost in designs if drop <= most_drop)
            one = choose(_choices(layers), objective, most_drop)[0]
            assert one.drop <= most_drop
            assert one.cost(objective) == pytest.approx(least, rel=1e-12)
            assert one.bound == pytest.approx(least, rel=1e-11)
            cheapest = min(s.cost(objective) for s in front if s.drop <= most_drop)
            assert cheapest == pytest.approx(least, rel=1e-12)
        costs = [selection.cost(objective) for selection in front]
        assert [s.drop for s in front] == sorted({s.drop for s in front})
        assert costs == sorted(set(costs), reverse=True)


def test_a_selection_costs_what_its_vertices_cost() -> None:
    layers = _choices(_layers(np.random.default_rng(7), depth=5))
    for selection in choose(layers):
        chosen = [layer.options[n] for layer, n in zip(layers, selection.options, strict=True)]
        vertices = list(zip(chosen, selection.vertices, strict=True))
        assert selection.drop == sum(option.drop for option in chosen)
        assert selection.energy_pj == sum(o.curve.energy_pj[v] for o, v in vertices)
        assert selection.cycles == sum(o.curve.cycles[v] for o, v in vertices)


@pytest.mark.parametrize("seed", range(20))
def test_sums_over_curves_are_as_cheap_as_any_choice_of_mappings(seed: int) -> None:
    rng = np.random.default_rng(seed)
    points = [_points(rng) for _ in range(3)]
    counts = rng.integers(0, 3, (4, 3))
    steps = Steps.over([Curve.around(*each)[0] for each in points])
    for objective in OBJECTIVES:
        costs, _ = steps.least(counts, objective)
        for row, cost in zip(counts, costs, strict=True):
            least = min(
                _cost(
                    sum(
                        n * points[at][0][v]
                        for at, (n, v) in enumerate(zip(row, which, strict=False))
                    ),
                    sum(
                        n * points[at][1][v]
                        for at, (n, v) in enumerate(zip(row, which, strict=False))
                    ),
                    objective,
                )
                for which in itertools.product(*(range(len(each[0])) for each in points))
            )
            assert cost == pytest.approx(least, rel=1e-12)


def test_what_cannot_be_chosen_is_refused_in_a_sentence() -> None:
    curve = Curve(np.array([1.0]), np.array([1.0]))
    layer = Choices("conv", (Option("8", 0.5, curve), Option("4", 2.0, curve)))
    with pytest.raises(InputError, match=r"most_drop is 0.25, expected at least 0.5"):
        choose([layer], most_drop=0.25)
    with pytest.raises(InputError, match="drop of 8 is -1"):
        Choices("conv", (Option("8", -1, curve),))
    with pytest.raises(InputError, match="no option has a mapping"):
        Choices("conv", (Option("8", 1, Curve(np.zeros(0), np.zeros(0))),))
    with pytest.raises(InputError, match="layers is empty"):
        choose([])
