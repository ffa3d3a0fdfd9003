"""The exhaustive mapper: it leaves nothing out, and nothing is better than what it finds."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest

from codesign.cost import Evaluator
from codesign.errors import InputError
from codesign.hardware import Arithmetic, Hardware, StorageLevel
from codesign.hardware.dataflow import Dataflow, SlotRule
from codesign.hardware.files import load_chip
from codesign.mapping import MappingBatch
from codesign.search.exact import exhaust, solve
from codesign.search.exact.exhaustive import enumerate_mappings, ordered_factorizations
from codesign.search.exact.goal import GOALS
from codesign.search.mapper import map_layer
from codesign.search.objective import COSTS
from codesign.search.settings import Search
from codesign.search.task import MappingTask
from codesign.space.mapping_space import MapSpace
from codesign.workload import Layer, load_workload
from tests.search.tasks import CRAMPED, PAIR, PRODUCT, WINDOW, task
from tests.space.strategies import assert_feasible, distinct

ORDERED = Dataflow(
    "ordered",
    tuple(SlotRule(level.name, "temporal", (), None, tuple("RSPQCKN")) for level in PAIR.levels),
)
"""Every loop order pinned, all factors free."""

CASES = [
    (model, chip, layer.name)
    for model, chip in (
        ("resnet", "eyeriss-168"),
        ("dqn", "eyeriss-168"),
        ("mlp", "eyeriss-168"),
        ("transformer", "eyeriss-256"),
    )
    for layer in load_workload(model).layers
]
"""The paper's twelve layers, each with its baseline."""


def row_stationary(model: str, chip_name: str, layer: str) -> MappingTask:
    chip = load_chip(chip_name)
    return MappingTask(
        load_workload(model).layer(layer),
        chip.hardware,
        chip.technology,
        chip.dataflow("row-stationary"),
    )


def everything(space: MapSpace) -> MappingBatch:
    return space.join(list(enumerate_mappings(space)))


# --- enumeration


@pytest.mark.parametrize(
    ("number", "parts", "count"), [(1, 3, 1), (7, 2, 2), (12, 2, 6), (12, 3, 18), (64, 1, 1)]
)
def test_factorizations_are_complete(number: int, parts: int, count: int) -> None:
    """All ordered products, each once: stars and bars for every prime."""
    table = ordered_factorizations(number, parts)

    assert len(table) == len(np.unique(table, axis=0)) == count
    assert (table.prod(axis=1) == number).all()


def test_every_mapping_comes_once() -> None:
    """And is feasible."""
    space = MapSpace(WINDOW, PAIR)

    batch = everything(space)

    assert_feasible(space, batch)
    assert len(distinct(batch)) == len(batch)


def test_enumeration_agrees_with_nested_loops() -> None:
    """All factorisations of two dimensions over five slots, checked by the cost model alone."""
    layer = Layer.conv("tiny", K=4, C=2)
    k, c = layer.shape.index("K"), layer.shape.index("C")
    splits = [
        (split_k, split_c)
        for split_k in itertools.product((1, 2, 4), repeat=4)
        for split_c in itertools.product((1, 2), repeat=4)
        if math.prod(split_k) == 4 and math.prod(split_c) == 2
    ]
    batch = MapSpace(layer, PAIR).blank(len(splits))
    for row, split in enumerate(splits):
        for d, (across, *temporal) in zip((k, c), split, strict=True):
            batch.spatial[row, 1, 0, d] = across
            batch.temporal[row, :, d] = temporal
    valid = batch[Evaluator(layer, PAIR).price(batch).valid]
    loops = (valid.temporal > 1).sum(axis=2)

    found = everything(MapSpace(layer, PAIR))

    # Where both dimensions turn at a level, either may stand inside.
    assert len(found) == 2 ** (loops == 2).sum(axis=1) @ np.ones(len(valid), int)
    assert len(np.unique(found.temporal, axis=0)) <= len(valid)


def test_a_pinned_order_is_the_only_one() -> None:
    """As many mappings as factorisations."""
    space = MapSpace(PRODUCT, PAIR, ORDERED)

    batch = everything(space)

    factors = np.concatenate([batch.temporal.reshape(len(batch), -1), batch.spatial[:, 1, 0]], 1)
    assert len(np.unique(factors, axis=0)) == len(batch)
    assert len(batch) < len(everything(MapSpace(PRODUCT, PAIR)))
    assert_feasible(space, batch)


# --- the optimum


@pytest.mark.parametrize("objective", GOALS)
@pytest.mark.parametrize("accounting", ["timeloop", "timeloop-4", "exact"])
def test_the_optimum_is_the_least_of_all(objective: str, accounting: str) -> None:
    """Of any objective, in any accounting; its mapping costs what the certificate says."""
    question = task(WINDOW, accounting=accounting)
    evaluator = Evaluator(WINDOW, PAIR, accounting=accounting)

    result = exhaust(question, objective)

    every = getattr(evaluator.price(everything(MapSpace(WINDOW, PAIR))), COSTS[objective])
    assert result.certificate.lower_bound == every.min()
    assert getattr(evaluator.price(result.best), COSTS[objective])[0] == every.min()
    assert len(result.best) == 1


def test_the_certificate_says_what_was_done() -> None:
    """A proof of optimality, by pricing all the feasible part of the raw space."""
    space = MapSpace(PRODUCT, PAIR)

    certificate = exhaust(task()).certificate

    assert certificate.verdict == "optimal"
    assert certificate.objective == "edp"
    assert certificate.priced == len(everything(space))
    assert certificate.covered == space.size() > certificate.priced


def test_a_smaller_space_has_no_better_optimum() -> None:
    """A dataflow can only take mappings away."""
    free, ordered = exhaust(task()), exhaust(replace(task(), dataflow=ORDERED))

    assert ordered.certificate.lower_bound >= free.certificate.lower_bound


def test_hints_do_not_enter() -> None:
    """They tell samplers where to look, and the exhaustive mapper looks everywhere."""
    assert exhaust(replace(task(), hints=(ORDERED,))).certificate == exhaust(task()).certificate


@pytest.mark.parametrize(("model", "chip", "layer"), CASES, ids=[case[2] for case in CASES])
def test_no_search_beats_the_optimum_of_row_stationary(model: str, chip: str, layer: str) -> None:
    """On the paper's layers, 250 trials of TPE come close and no closer than the optimum."""
    question = row_stationary(model, chip, layer)

    optimum = exhaust(question).certificate.lower_bound

    found = map_layer(question, Search("tpe", 250)).best_so_far_edp[-1]
    assert optimum <= found <= 1.1 * optimum


def test_the_optimum_of_row_stationary_is_a_row_stationary_mapping() -> None:
    """It lies within the dataflow, and replays at its cost."""
    question = row_stationary("resnet", "eyeriss-168", "ResNet-K4")

    result = exhaust(question)

    assert_feasible(MapSpace(question.layer, question.hardware, question.dataflow), result.best)
    result.best.mapping(0).check(question.layer, question.hardware)


# --- what cannot be done


def test_nothing_fits() -> None:
    """Is refused with the reason."""
    with pytest.raises(InputError, match="no mapping fits, Registers would hold 3 words, it has 2"):
        exhaust(task(hardware=CRAMPED))


def test_an_unknown_objective_is_refused() -> None:
    """With those there are."""
    with pytest.raises(InputError, match="objective is 'area', expected edp, energy, delay"):
        exhaust(task(), "area")


def test_a_space_too_large_is_refused() -> None:
    """Before memory runs out, with the number of its points."""
    chip = load_chip("eyeriss-168")
    layer = load_workload("mlp").layer("MLP-K2")

    with pytest.raises(InputError, match=r"its map-space has .*e\+.* points, too many"):
        exhaust(MappingTask(layer, chip.hardware))


def test_a_buffer_that_must_be_full_is_refused() -> None:
    """Where no tile fills a buffer as far as it must be, there is no mapping, which can be said."""
    demanding = replace(PAIR.levels[1], min_utilization=1.0)
    hardware = replace(PAIR, levels=(PAIR.levels[0], demanding, PAIR.levels[2]))

    with pytest.raises(InputError, match="no mapping fits"):
        exhaust(task(hardware=hardware))


# --- levels of no words

FAN = (2, 2)
"""Children of the level in the middle, along X and along Y."""


def stack(middle: StorageLevel) -> Hardware:
    """Registers, a level in the middle with a fan-out, and memory."""
    pes = FAN[0] * FAN[1]
    registers = StorageLevel("Registers", 8, instances=pes, mesh_x=FAN[0])
    memory = StorageLevel("DRAM", None, technology="DRAM")
    return Hardware("stack", Arithmetic("MACs", pes, FAN[0]), (registers, middle, memory))


@pytest.mark.parametrize("layer", [PRODUCT, WINDOW], ids=lambda layer: layer.name)
@pytest.mark.parametrize("objective", GOALS)
def test_a_level_of_no_words_is_one_that_may_hold_nothing(layer: Layer, objective: str) -> None:
    """By enumeration, and by branch and bound."""
    none = stack(StorageLevel("Middle", 0))
    closed = stack(StorageLevel("Middle", 4096, keeps=frozenset()))

    tasks = [MappingTask(layer, hardware) for hardware in (none, closed)]
    least = [exhaust(each, objective).certificate.lower_bound for each in tasks]
    solved = solve(tasks[0], objective)

    assert least[0] == least[1]
    assert solved.certificate.lower_bound == pytest.approx(least[0], rel=1e-11)
    mapping = solved.best.mapping(0)
    assert mapping.levels[1].bypass == frozenset(layer.shape.dataspace_names)
