"""Certified co-design: on small budgets it finds what trying everything finds."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from codesign.cost import Evaluator
from codesign.errors import InputError
from codesign.hardware import Technology
from codesign.hardware.files import Chip
from codesign.hardware.leak import Leak
from codesign.hardware.point import Point
from codesign.search.certified import Proof, prove, prove_codesign
from codesign.search.certified.classes import ASSUMED, count_points, hardware_classes
from codesign.search.exact.exhaustive import enumerate_mappings
from codesign.space.chip_space import ChipSpace, PointBatch
from codesign.space.mapping_space import MapSpace
from codesign.study.floor import network_floor
from codesign.workload import Layer, Workload
from tests.budgets import count
from tests.eyeriss import budget_of, chip_of, dataflow_of, point_of

STEEP = Technology(
    "steep",
    dram_pj_per_vector="20 * block_size",
    sram_pj_per_vector="block_size * (1 + 5 * kb)",
    regfile_pj_per_vector="block_size * (0.1 + 0.2 * entries)",
)
"""Register files whose size matters, and DRAM that does not drown everything else."""


Keeps = Callable[[dict[str, int]], bool]
"""Whether H1 to H12, by name, keep to what a chip asks for beyond the template."""


def small_chip(
    pes: int,
    local: int,
    shared: int,
    technology: Technology = STEEP,
    constraints: tuple[str, ...] = (),
) -> Chip:
    """A chip with room for a handful of words."""
    budget = budget_of(pes, local, shared)
    point = point_of(pes, 1, 1, 1, 1)
    space = {"H9": [1, 4], "H10": [1], "H11": [1, 2], "H12": [2]}
    return chip_of(budget, point, space, constraints, technology, "small")


def all_points(chip: Chip, keeps: Keeps = lambda h: True) -> PointBatch:
    """Every point of a hardware space, by the rules of `docs/paper.md` and of `keeps`."""
    space = ChipSpace(chip)
    template = chip.template
    pes, local, shared = (
        int(template.budget[name]) for name in ("pes", "local_words", "global_words")
    )
    meshes = range(1, pes + 1)
    words = (1, 2, *range(4, local + 1, 4))
    rows = [
        (h1, pes // h1, *files, h7 * h8, h7, h8, *rest)
        for h1 in meshes
        if pes % h1 == 0
        for files in itertools.product(words, repeat=3)
        if sum(files) <= local
        for h7 in meshes
        if h1 % h7 == 0
        for h8 in meshes
        if (pes // h1) % h8 == 0 and h7 * h8 <= shared
        for rest in itertools.product(*(template.domains[f"H{n}"] for n in range(9, 13)))
        if h7 * h8 % rest[1] == 0
    ]
    batch = PointBatch(template, np.array(rows, np.float64))
    names = list(template.baseline)
    kept = [keeps(dict(zip(names, row, strict=True))) for row in rows]
    assert ((space.violations(batch) == 0) == kept).all()
    return batch[np.array(kept)]


def front(layer: Layer, chip: Chip, point: Point, accounting: str) -> set[tuple[float, float]]:
    """Energy and cycles of all mappings that no other beats in both."""
    hardware = chip.template.hardware(point, "point")
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


def least_edp(
    workload: Workload, chip: Chip, accounting: str, keeps: Keeps = lambda h: True
) -> float:
    """The least EDP over all accelerators and all mappings, by trying them."""
    least = math.inf
    known: dict[tuple[object, ...], set[tuple[float, float]]] = {}
    points = all_points(chip, keeps)
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
    return (
        Workload("pair", tuple(layers), counts),
        chip,
        rng.choice(("timeloop", "timeloop-4", "exact")),
    )


def check_case(seed: int, pes: int = 2) -> Proof | None:
    """The proof's optimum is that of trying everything."""
    workload, chip, accounting = random_case(seed, pes)
    try:
        proof = prove_codesign(workload, chip, accounting)
    except InputError:
        assert least_edp(workload, chip, accounting) == math.inf
        return None
    assert proof.verdict == "optimal", seed
    expected = least_edp(workload, chip, accounting)
    assert proof.best.edp == pytest.approx(expected, rel=1e-11), seed
    assert proof.lower_bound_edp == pytest.approx(expected, rel=1e-11), seed
    floor, _ = network_floor(workload, chip.template.budget, chip.technology, accounting)
    assert floor.edp <= expected * (1 + 1e-12)
    return proof


@pytest.fixture
def _poor_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first design is a bad one, so that the proof has work to do."""
    monkeypatch.setattr(prove, "START", (1, 1))


@pytest.mark.usefixtures("_poor_start")
@pytest.mark.parametrize("seed", range(1, count(3, 5)))
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
    with pytest.raises(InputError, match="larger register files cost less"):
        prove_codesign(workload, small_chip(2, 6, 32, odd))


def test_static_energies_are_refused() -> None:
    leaky = replace(STEEP, name="leaky", leak=Leak(chip_pj_per_cycle="1"))
    workload = Workload("one", (Layer.conv("layer", P=2, R=2),), (1,))
    with pytest.raises(InputError, match=r"technology leaky: it has static energies \(leak\)"):
        prove_codesign(workload, small_chip(2, 6, 32, leaky))


def test_padded_factors_are_refused() -> None:
    workload = Workload("one", (Layer.conv("layer", P=2, R=2),), (1,))
    with pytest.raises(InputError, match="factors is 'padded', expected 'divisors'"):
        prove_codesign(workload, replace(small_chip(2, 6, 32, STEEP), factors="padded"))


def test_widths_and_energies_of_writing_are_refused() -> None:
    layer = Layer.conv("layer", P=2, R=2)
    lopsided = replace(STEEP, name="lopsided", sram_write_pj_per_vector="1")
    with pytest.raises(InputError, match="technology lopsided: writing costs something else"):
        prove_codesign(Workload("one", (layer,), (1,)), small_chip(2, 6, 32, lopsided))
    narrow = Workload("one", (layer.with_bits({"Weights": 4}),), (1,))
    with pytest.raises(InputError, match="layer layer: it gives the bits of its dataspaces"):
        prove_codesign(narrow, small_chip(2, 6, 32))


def test_classes_stand_for_every_mesh() -> None:
    chip, window = small_chip(4, 8, 64), Layer.conv("window", P=4, R=2)
    fans = {
        (c.point["H2"], c.point["H1"] // c.point["H6"], c.point["H6"])
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
    assert whole.verdict == "optimal"
    assert stopped.lower_bound_edp <= whole.lower_bound_edp * (1 + 1e-12)
    assert stopped.best.edp >= whole.best.edp * (1 - 1e-12)


def test_the_same_arguments_give_the_same_proof() -> None:
    workload, chip, accounting = random_case(5)
    assert prove_codesign(workload, chip, accounting) == prove_codesign(workload, chip, accounting)


HONOURED: dict[str, Keeps] = {
    "H6 <= 1": lambda h: h["H6"] <= 1,
    "H9 >= 2 * H6": lambda h: h["H9"] >= 2 * h["H6"],
    "H9 * H11 <= 4": lambda h: h["H9"] * h["H11"] <= 4,
    "H6 >= H11": lambda h: h["H6"] >= h["H11"],
}
"""Constraints that the rules of classes leave alone."""


def arranged(chip: Chip, text: str) -> Chip:
    """The chip with one more constraint, and arranged so that it keeps to it."""
    template = chip.template
    for changes in ({}, {"H6": 2, "H7": 2}, {"H11": 1}):
        try:
            other = template.at(template.point.having(**changes)).constrained(text)
        except InputError:
            continue
        return replace(chip, template=other)
    raise AssertionError(text)


@pytest.mark.usefixtures("_poor_start")
@pytest.mark.parametrize("text", HONOURED)
@pytest.mark.parametrize("seed", [1, 4][: count(1, 2)])
def test_a_constraint_that_classes_keep_is_honoured(seed: int, text: str) -> None:
    """The optimum is that of all accelerators that keep to it, by trying them."""
    workload, plain, accounting = random_case(seed)
    chip = arranged(plain, text)
    keeps = HONOURED[text]

    proof = prove_codesign(workload, chip, accounting)

    expected = least_edp(workload, chip, accounting, keeps)
    assert proof.verdict == "optimal"
    assert proof.best.edp == pytest.approx(expected, rel=1e-11)
    assert proof.lower_bound_edp == pytest.approx(expected, rel=1e-11)
    assert keeps({name: int(value) for name, value in proof.best.point.values})
    assert proof.points == len(all_points(chip, keeps))
    assert chip.template.complaint(proof.best.point) is None


@pytest.mark.parametrize("name", ["H1", "H2", "H3", "H4", "H5", "H7", "H8"])
def test_a_constraint_on_what_classes_replace_is_refused(name: str) -> None:
    """In one sentence that names it."""
    workload, chip, _ = random_case(1)
    text = f"H9 + {name} >= 2"
    chip = replace(chip, template=chip.template.constrained(text))

    with pytest.raises(InputError) as error:
        prove_codesign(workload, chip)

    assert str(error.value) == (
        f"hardware small: a proof over accelerators cannot honour the constraint {text!r}, which "
        f"uses {name}, expected constraints on H6, H9, H10, H11, H12 only"
    )


@pytest.mark.parametrize("text", ASSUMED)
def test_a_space_without_what_the_rules_assume_is_refused(text: str) -> None:
    """It would have accelerators that no class has."""
    workload, chip, _ = random_case(1)
    chip = replace(chip, template=chip.template.without(text))

    with pytest.raises(InputError, match="a proof over accelerators assumes the constraint") as e:
        prove_codesign(workload, chip)

    assert repr(text) in str(e.value)


def test_a_space_of_other_values_is_refused() -> None:
    """Classes take any divisors, and files of the same sizes."""
    workload, chip, _ = random_case(1)
    for name, values in (("H7", [1]), ("H3", [1, 2])):
        other = replace(chip, template=chip.template.choosing(name, values))
        with pytest.raises(InputError, match=f"over accelerators assumes .*{name}"):
            prove_codesign(workload, other)


def test_free_pes_are_all_proven() -> None:
    """Classes of every number of PEs; the optimum is the better one of each alone."""
    workload, chip, accounting = random_case(2)
    free = replace(chip, template=replace(chip.template, lists={"PEs": (1.0, 2.0)}))
    single = small_chip(
        1, int(chip.template.budget["local_words"]), int(chip.template.budget["global_words"])
    )

    proof = prove_codesign(workload, free, accounting)

    expected = [least_edp(workload, each, accounting) for each in (chip, single)]
    assert proof.best.edp == pytest.approx(min(expected), rel=1e-11)
    assert proof.points == len(all_points(chip)) + len(all_points(single))
