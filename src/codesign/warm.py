"""`python -m codesign.warm [SHARE]`: compiles in advance the kernels that most commands need.

It is part of the installation. Otherwise, each of the first commands would compile them for
itself. Proofs have many kernels that nothing else calls: the first proof compiles them, which
takes half a minute.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from codesign.hardware.files import load_chip
from codesign.search.hardware import search_hardware
from codesign.search.mapper import map_layer
from codesign.search.registry import METHODS, Method
from codesign.search.settings import Search
from codesign.search.task import MappingTask
from codesign.workload import Layer, Workload

LAYER = Layer.conv("layer", R=3, P=4, C=4, K=4)


def _methods(proves: bool) -> list[Method]:
    return [method for method in METHODS.values() if method.warm_up and method.proves == proves]


def _map(methods: list[Method]) -> None:
    """Maps a small layer with every method of `methods`."""
    chip = load_chip("eyeriss-168")
    for dataflow in ("row-stationary", "free"):
        task = MappingTask(
            LAYER, chip.hardware, chip.technology, chip.dataflow(dataflow), hints=chip.hints
        )
        for method in methods:
            map_layer(task, Search(method.name, method.warm_up))


def _search() -> None:
    """Searches mappings with all methods, and an accelerator with those that learn from trials."""
    searching = _methods(proves=False)
    _map(searching)
    chip, workload = load_chip("eyeriss-168"), Workload("network", (LAYER,), (1,))
    for method in searching:
        # A hardware space has other features than a map-space: their kernels compile here.
        if method.promises:
            outer = Search(method.name, method.warm_up + 3)
            search_hardware([workload], chip, outer, Search("random", 1), start=False)


def _prove() -> None:
    """Proves optima of mappings."""
    _map(_methods(proves=True))


SHARES: dict[str, Callable[[], None]] = {"search": _search, "prove": _prove}
"""Kernels by what calls them."""


def main(share: str = "search") -> None:
    """Compiles one share of `SHARES`, or loads it if it is compiled already."""
    SHARES[share]()


if __name__ == "__main__":
    main(*sys.argv[1:2])
