"""`python -m codesign.warm [SHARE]`: compiles in advance the kernels that most commands need.

It is part of the installation. Otherwise, each of the first commands would compile them for
itself. Shares `price` and `draw` have few kernels in common: two processes compile them in half of
the time. Share `search` then compiles the rest of what the study calls. The default mapper and
proofs have many kernels that nothing else calls, shares `map` and `prove`: the first command that
needs them compiles them, which takes up to half a minute.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from codesign.cost import Evaluator
from codesign.hardware.files import load_chip
from codesign.mapping import MappingBatch
from codesign.search.hardware import search_hardware
from codesign.search.mapper import map_layer
from codesign.search.registry import METHODS, PLAN, Method, make_optimizer
from codesign.search.settings import INNER, Search
from codesign.search.task import MappingTask
from codesign.space.base import Space
from codesign.space.chip_space import ChipSpace
from codesign.space.mapping_space import MapSpace
from codesign.workload import Layer, Workload

MOST_DRAWS = 100_000
"""Raw draws for one that is feasible: enough for `LAYER`."""

LAYER = Layer.conv("layer", R=3, P=4, C=4, K=4)


APART = METHODS[INNER.method]
"""The default mapper, whose kernels are a share of their own: the study does not call it."""


def _methods(proves: bool) -> list[Method]:
    """The methods that need a start-up to be compiled, without the default mapper."""
    return [
        method
        for method in METHODS.values()
        if method.warm_up and method.proves == proves and method is not APART
    ]


def _map_with(methods: list[Method]) -> None:
    """Maps a small layer with every method of `methods`."""
    chip = load_chip("eyeriss-168")
    for dataflow in ("row-stationary", "free"):
        task = MappingTask(
            LAYER, chip.hardware, chip.technology, chip.dataflow(dataflow), hints=chip.hints
        )
        for method in methods:
            map_layer(task, Search(method.name, method.warm_up))


def _price() -> None:
    """Prices a mapping, runs the methods of any space, and draws like Timeloop."""
    chip, rng = load_chip("eyeriss-168"), np.random.default_rng(0)
    evaluator = Evaluator(LAYER, chip.hardware, chip.technology)
    evaluator.price(MappingBatch.empty(LAYER.shape, 1, len(chip.hardware.levels)))
    points = ChipSpace(chip)
    for method in _methods(proves=False):
        if method.promises:
            _propose(method, points)
    MapSpace(LAYER, chip.hardware).draw_pruned(rng, 2, MOST_DRAWS)


def _draw() -> None:
    """Draws mappings and describes them, and runs the methods for mappings alone."""
    chip, rng = load_chip("eyeriss-168"), np.random.default_rng(0)
    for dataflow in ("row-stationary", "free"):
        space = MapSpace(LAYER, chip.hardware, chip.dataflow(dataflow), chip.hints)
        points = space.draw(rng, 2)
        space.encode(points)
        space.features(points)
    for method in _methods(proves=False):
        if method.needs is PLAN:
            _propose(method, space)


def _propose(method: Method, space: Space[Any]) -> None:
    """Runs a method on made-up losses."""
    rng = np.random.default_rng(0)
    optimizer = make_optimizer(method.name, space, rng, method.warm_up + 3)
    done = 0
    while done < method.warm_up + 3:
        points = optimizer.ask()
        optimizer.tell(points, rng.random(len(points)))
        done += len(points)


def _search() -> None:
    """Searches mappings, and an accelerator with the methods that learn from trials."""
    searching = _methods(proves=False)
    _map_with(searching)
    chip, workload = load_chip("eyeriss-168"), Workload("network", (LAYER,), (1,))
    for method in searching:
        # A hardware space has other features than a map-space: their kernels compile here.
        if method.promises:
            outer = Search(method.name, method.warm_up + 3)
            search_hardware([workload], chip, outer, Search("random", 1), start=False)


def _map() -> None:
    """Maps with the default mapper."""
    _map_with([APART])


def _prove() -> None:
    """Proves optima of mappings."""
    _map_with(_methods(proves=True))


SHARES: dict[str, Callable[[], None]] = {
    "price": _price,
    "draw": _draw,
    "search": _search,
    "map": _map,
    "prove": _prove,
}
"""Kernels by what calls them."""


def main(share: str = "search") -> None:
    """Compiles one share of `SHARES`, or loads it if it is compiled already."""
    SHARES[share]()


if __name__ == "__main__":
    main(*sys.argv[1:2])
