"""Spaces of few accelerators, the chip that a search begins with, and what runs say of it."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from codesign.errors import InputError
from codesign.hardware.files import Chip, load_chip
from codesign.search.hardware import search_hardware
from codesign.search.mapper import MappingRun, map_layer
from codesign.search.network import Runtime
from codesign.search.registry import METHODS, Method
from codesign.search.settings import Search
from codesign.search.task import MappingTask
from codesign.space.chip_space import ChipSpace
from codesign.space.limits import Limits
from codesign.workload import Layer, Workload
from tests.budgets import count
from tests.search.tasks import CRAMPED, task

TEXT = """\
name: tiny
parameters: {rows: 2, columns: 2, words: 4}
budget: {pes: 8}
space:
  rows: [1, 2, 4]
  columns: [1, 2, 4]
  words: [2, 4]
constraints: [rows * columns <= pes, rows >= columns, rows * words <= 8]
arithmetic: {instances: rows * columns, meshX: columns}
storage:
- {name: Local, entries: words, instances: rows * columns, meshX: columns}
- {name: DRAM, technology: DRAM}
"""
"""Eight accelerators; two words hold no mapping at all, since three dataspaces want one each."""

WORKLOAD = Workload("one", (Layer.conv("gemm", P=4, C=4, K=8),), (1,))
HARDWARE_METHODS = ("random", "tpe", "tpe-default", "bo", "hyperopt", "relax-round", "tvm-xgboost")
INNER = Search("random", 10)


@pytest.fixture
def chip(tmp_path: Path) -> Chip:
    path = tmp_path / "tiny.yaml"
    path.write_text(TEXT, encoding="utf-8")
    return load_chip(path)


class Counting:
    """`map_layer` that counts its calls."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, task: MappingTask, search: Search) -> MappingRun:
        self.count += 1
        return map_layer(task, search)


def test_points_are_counted(chip: Chip) -> None:
    """By hand: 2 words leave (1,1) (2,1) (2,2) (4,1) (4,2), 4 words (1,1) (2,1) (2,2)."""
    assert ChipSpace(chip).size == 8
    assert ChipSpace(load_chip("eyeriss-168")).size is None


@pytest.mark.parametrize(
    "method", ["random", "tpe", "tpe-default", "bo", "tvm-xgboost"][: count(4, 5)]
)
def test_a_finite_space_is_tried_once_and_the_search_ends(chip: Chip, method: str) -> None:
    """All eight are found, none is priced twice, and the rest of the budget is not spent."""
    counting = Counting()

    run = search_hardware(
        [WORKLOAD],
        chip,
        Search(method, 300),
        INNER,
        runtime=Runtime(layer_search=counting),
    )

    assert run.is_exhausted
    assert len(set(run.points)) == counting.count == 8
    assert len(run.points) < 300
    assert run.outer.trials == 300


def test_learners_waste_nothing_on_a_finite_space(chip: Chip) -> None:
    """After the start-up, which is random, nothing comes again."""
    run = search_hardware([WORKLOAD], chip, Search("bo", 300), INNER, start=False)

    assert run.is_exhausted
    assert len(run.points) <= 10 + 8


def test_a_large_space_is_never_exhausted() -> None:
    """It is not exhausted if the budget ends before."""
    run = search_hardware([WORKLOAD], load_chip("eyeriss-168"), Search("tpe", 3), INNER)

    assert not run.is_exhausted
    assert len(run.points) == 3


# --- the chip is trial 0


@pytest.mark.parametrize("method", HARDWARE_METHODS[: count(-1, len(HARDWARE_METHODS))])
@pytest.mark.parametrize("objective", ["edp", "pareto"])
def test_the_chip_is_trial_0(chip: Chip, method: str, objective: str) -> None:
    """Of every method; the best is never worse than it."""
    run = search_hardware([WORKLOAD], chip, Search(method, count(6, 25), 1, objective), INNER)

    assert run.has_chip
    assert run.points[0] == chip.template.point
    assert run.chip_value == run.values[0]
    assert run.best is not None
    assert run.values[run.best] <= run.chip_value


def test_methods_are_told_of_the_chip(chip: Chip, monkeypatch: pytest.MonkeyPatch) -> None:
    """This is before they propose the first point."""
    told: list[tuple[int, list[float]]] = []

    class Listening:
        asked = 0

        def __init__(self, space) -> None:  # type: ignore[no-untyped-def]
            self.space = space

        def ask(self):  # type: ignore[no-untyped-def]
            self.asked += 1
            return self.space.draw(np.random.default_rng(self.asked), 1)

        def tell(self, points, losses) -> None:  # type: ignore[no-untyped-def]
            told.append((self.asked, losses.tolist()))

    monkeypatch.setitem(
        METHODS,
        "listening",
        Method("listening", lambda space, rng, trials: Listening(space), "listening", "#000000"),
    )
    run = search_hardware([WORKLOAD], chip, Search("listening", 3), INNER)

    assert [asked for asked, _ in told] == [0, 1, 2]
    np.testing.assert_array_equal([losses for _, [losses] in told], np.log(run.values))


def test_a_search_may_do_without_the_chip(chip: Chip) -> None:
    """Its trials are then the method's alone."""
    run = search_hardware([WORKLOAD], chip, Search("random", 5), INNER, start=False)

    assert not run.has_chip
    assert run.chip_value is None
    assert len(run.points) == 5


def test_a_chip_beyond_the_limits_is_no_trial() -> None:
    """What may not be found need not be tried."""
    eyeriss = load_chip("eyeriss-168")
    assert ChipSpace(eyeriss).own() is not None

    small = Limits(max_area_mm2=4)
    run = search_hardware([WORKLOAD], eyeriss, Search("random", 2), INNER, limits=small)

    assert not run.has_chip
    assert np.nanmax(run.area_mm2) <= 4


@pytest.mark.parametrize(
    "change", [{"H9": 3}, {"H3": 13, "H4": 188}, {"H9": 5000}, {"H1": 12, "H2": 14}], ids=str
)
def test_a_chip_that_its_space_does_not_hold_is_no_trial(change: dict[str, int]) -> None:
    """A value beside or beyond those that a search may choose; another mesh of as many PEs may."""
    eyeriss = load_chip("eyeriss-168")

    own = ChipSpace(eyeriss.at(eyeriss.template.point.having(**change))).own()

    assert (own is None) == ("H1" not in change)


def test_a_chip_that_breaks_a_constraint_is_no_chip() -> None:
    """It is refused as soon as it is made."""
    eyeriss = load_chip("eyeriss-168")

    with pytest.raises(InputError, match=r"'H3 . H4 . H5 <= local_words' .H3 = 5000, H4 = 192"):
        eyeriss.at(eyeriss.template.point.having(H3=5000))


# --- what runs say in a number


def test_the_least_edp_is_a_number(chip: Chip) -> None:
    """With infeasible trials too; infinite where there is nothing else."""
    run = search_hardware([WORKLOAD], chip, Search("random", 60), INNER)
    nothing = search_hardware(
        [WORKLOAD], chip, Search("random", 9), INNER, limits=Limits(), start=False
    )
    feasible = np.isfinite(run.edp)

    assert 0 < feasible.sum() < len(run.points)
    assert run.best_edp == run.edp[feasible].min() == run.best_so_far_edp[-1]
    assert run.feasible_share == feasible.mean()
    assert nothing.best_edp == np.nanmin(nothing.edp)
    failed = replace(run, networks=((),) * 2, points=run.points[:2], violations=("x", "x"))
    assert (failed.best, failed.best_edp, failed.feasible_share) == (None, math.inf, 0.0)


def test_the_least_edp_of_a_mapping_search() -> None:
    """A number, and infinite without a mapping."""
    run, none = (map_layer(t, Search("random", 20)) for t in (task(), task(hardware=CRAMPED)))

    assert run.best is not None
    assert run.best_edp == run.costs.edp[run.best]
    assert (run.feasible_share, none.feasible_share) == (1.0, 0.0)
    assert none.best_edp == math.inf
