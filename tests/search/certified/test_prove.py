"""Certified co-design: on small budgets it finds what trying everything finds."""

from __future__ import annotations

import itertools
import math
import random
from dataclasses import replace

import numpy as np
import pytest

from codesign.cost import Evaluator
from codesign.errors import InputError
from codesign.hardware import Budget, EyerissPoint, Technology, eyeriss
from codesign.hardware.files import Chip
from codesign.search.certified import Proof, prove, prove_codesign
from codesign.search.certified.classes import count_points, hardware_classes
from codesign.search.exact.exhaustive import enumerate_mappings
from codesign.space.hardware_space import HardwareBatch, HardwareSpace, dataflow_of
from codesign.space.mapping_space import MapSpace
from codesign.study.floor import network_floor
from codesign.workload import Layer, Workload

STEEP = Technology(
    "steep",
    dram_pj_per_vector="20 * block_size",
    sram_pj_per_vector="block_size * (1 + 5 * kb)",
    regfile_pj_per_vector="block_size * (0.1 + 0.2 * entries)",
)
"""Register files whose size matters, and DRAM that does not drown everything else."""


def small_chip(pes: int, local: int, shared: int, technology: Technology = STEEP) -> Chip:
    """A chip with room for a handful of words."""
    budget = Budget(pes, local, shared)
    point = EyerissPoint(pes, 1, 1, 1, 1)
    domains = (("h9", (1, 4)), ("h10", (1,)), ("h11", (1, 2)), ("h12", (2,)))
    return Chip(
        eyeriss("small", point, budget), technology, {}, budget=budget, point=point, domains=domains
    )


def all_points(chip: Chip) -> HardwareBatch:
    """Every point of a hardware space."""
    space = HardwareSpace(chip)
    domains = dict(chip.domains)
    meshes = range(1, space.budget.pes + 1)
    words = (1, 2, *range(4, space.budget.local_words + 1, 4))
    rows = [
        (h1, space.budget.pes // h1, *local, h7 * h8, h7, h8, *rest)
        for h1 in meshes
        if space.budget.pes % h1 == 0
        for local in itertools.product(words, repeat=3)
        if sum(local) <= space.budget.local_words
        for h7 in meshes
        if h1 % h7 == 0
        for h8 in meshes
        if (space.budget.pes // h1) % h8 == 0 and h7 * h8 <= space.budget.global_words
        for rest in itertools.product(*(domains[name] for name in ("h9", "h10", "h11", "h12")))
        if h7 * h8 % rest[1] == 0
    ]
    batch = HardwareBatch(np.array(rows, np.int64))
    assert not space.violations(batch).any()
    return batch


def front(
    layer: Layer, chip: Chip, point: EyerissPoint, accounting: str
) -> set[tuple[float, float]]:
    """Energy and cycles of all mappings that no other beats in both."""
    assert chip.budget is not None
    hardware = eyeriss("point", point, chip.budget)
    space = MapSpace(layer, hardware, dataflow_of(point))
    if space.problem is not None:
        return set()
    evaluator = Evaluator(layer, hardware, chip.technology, accounting)
    best: dict[float, float] = {}
    for batch in enumerate_mappings(space):
        costs = evaluator.price(batch)
        for cycles in np.unique(costs.cycles[costs.valid]):
            rows = costs.valid & (costs.cycles == cycles)
            least = float(costs.energy_pj[rows].min())
            best[float(cycles)] = min(least, best.get(float(cycles), math.inf))
    return {(energy, cycles) for cycles, energy in best.items()}


def least_edp(workload: Workload, chip: Chip, accounting: str) -> float:
    """The least EDP over all accelerators and all mappings, by trying them."""
    least = math.inf
    known: dict[tuple[object, ...], set[tuple[float, float]]] = {}
    points = all_points(chip)
    for row in range(len(points)):
        point = points.point(row)
        fronts = []
        for layer in workload.layers:
            key = (layer, point)
            if key not in known:
                known[key] = front(layer, chip, point, accounting)
            fronts.append(known[key])
        for chosen in itertools.product(*fronts):
            energy = sum(n * e for n, (e, _) in zip(workload.counts, chosen, strict=True))
            cycles = sum(n * d for n, (_, d) in zip(workload.counts, chosen, strict=True))
            least = min(least, energy * cycles)
    return least


def random_case(seed: int, pes: int = 2) -> tuple[Workload, Chip, str]:
    """Two small layers and a chip that can hardly hold them."""
    rng = random.Random(seed)
    layers = []
    for index in range(2):
        if rng.random() < 0.5:
            sizes = {"P": rng.choice((2, 4)), "R": rng.choice((2, 3)), "K": rng.choice((1, 2))}
            sizes["Wstride"] = rng.choice((1, 2))
        else:
            sizes = {"P": rng.choice((1, 2)), "C": rng.choice((2, 3)), "K": rng.choice((2, 4))}
        layers.append(Layer.conv(f"layer{index}", **sizes))
    chip = small_chip(pes, rng.choice((4, 6)), rng.choice((16, 32, 64)))
    counts = (rng.choice((1, 3)), 1)
    return Workload("pair", tuple(layers), counts), chip, rng.choice(("timeloop", "exact"))


def check_case(seed: int, pes: int = 2) -> Proof | None:
    """The proof's optimum is that of trying everything."""
    workload, chip, accounting = random_case(seed, pes)
    try:
        proof = prove_codesign(workload, chip, accounting)
    except InputError:
        assert least_edp(workload, chip, accounting) == math.inf
        return None
    assert proof.kind == "optimal", seed
    expected = least_edp(workload, chip, accounting)
    assert proof.best.edp == pytest.approx(expected, rel=1e-11), seed
    assert proof.lower_bound_edp == pytest.approx(expected, rel=1e-11), seed
    floor, _ = network_floor(workload, chip.budget, chip.technology, accounting)
    assert floor.edp <= expected * (1 + 1e-12)
    return proof


@pytest.fixture
def _poor_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first design is a bad one, so that the proof has work to do."""
    monkeypatch.setattr(prove, "START", (1, 1))


@pytest.mark.usefixtures("_poor_start")
@pytest.mark.parametrize("seed", range(1, 5))
def test_it_finds_what_trying_everything_finds(seed: int) -> None:
    check_case(seed)


@pytest.mark.slow
@pytest.mark.usefixtures("_poor_start")
@pytest.mark.parametrize("seed", range(100, 160))
def test_it_finds_what_trying_everything_finds_in_many_cases(seed: int) -> None:
    check_case(seed, pes=4)


def test_points_are_counted() -> None:
    for chip in (small_chip(4, 8, 64), small_chip(6, 6, 2)):
        assert count_points(chip) == len(all_points(chip))


def test_small_files_must_not_be_dearer() -> None:
    odd = replace(STEEP, regfile_pj_per_vector="block_size / (1 + entries)")
    workload = Workload("one", (Layer.conv("layer", P=2, R=2),), (1,))
    with pytest.raises(InputError, match="larger register files are cheaper"):
        prove_codesign(workload, small_chip(2, 6, 32, odd))


def test_classes_stand_for_every_mesh() -> None:
    chip, window = small_chip(4, 8, 64), Layer.conv("window", P=4, R=2)
    fans = {
        (c.point.h2, c.point.h1 // c.point.h6, c.point.h6)
        for c in hardware_classes(chip, (window,))
    }
    points = all_points(chip).values
    assert fans == {
        (int(h2 // h8), int(h1 // h7), int(h6)) for h1, h2, _, _, _, h6, h7, h8, *_ in points
    }


def test_stopped_early_it_gives_a_bound() -> None:
    workload, chip, accounting = random_case(3)
    whole = prove_codesign(workload, chip, accounting)
    stopped = prove_codesign(workload, chip, accounting, most_work=0)
    assert whole.kind == "optimal"
    assert stopped.lower_bound_edp <= whole.lower_bound_edp * (1 + 1e-12)
    assert stopped.best.edp >= whole.best.edp * (1 - 1e-12)


def test_the_same_arguments_give_the_same_proof() -> None:
    workload, chip, accounting = random_case(5)
    assert prove_codesign(workload, chip, accounting) == prove_codesign(workload, chip, accounting)
