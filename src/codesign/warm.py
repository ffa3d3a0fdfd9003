"""`python -m codesign.warm`: compiles in advance the kernels that most commands need.

It is part of the installation. Otherwise, each of the first commands would compile them for
itself. The kernels that every search calls come first, then the rest in two processes.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

from codesign.hardware.files import load_chip
from codesign.search.hardware import search_hardware
from codesign.search.mapper import map_layer
from codesign.search.registry import METHODS
from codesign.search.settings import Search
from codesign.search.task import MappingTask
from codesign.workload import Layer, Workload

LAYER = Layer.conv("layer", R=3, P=4, C=4, K=4)


def main(share: str | None = None) -> int:
    """Compiles one share of `SHARES`, or all of them if None. Returns the exit code."""
    if share is not None:
        SHARES[share]()
        return 0
    _map(["random"])
    command = [sys.executable, "-m", "codesign.warm"]
    running = [subprocess.Popen([*command, name]) for name in SHARES]
    return max([process.wait() for process in running], key=abs)


def _map(methods: list[str]) -> None:
    """Maps a small layer with every method of `methods`."""
    chip = load_chip("eyeriss-168")
    for dataflow in ("row-stationary", "free"):
        task = MappingTask(
            LAYER, chip.hardware, chip.technology, chip.dataflow(dataflow), hints=chip.hints
        )
        for name in methods:
            map_layer(task, Search(name, METHODS[name].warm_up))


def _prove() -> None:
    _map([name for name, method in METHODS.items() if method.warm_up and method.proves])


def _search() -> None:
    """Searches mappings and an accelerator with the methods that learn from trials."""
    searching = [m for m in METHODS.values() if m.warm_up and not m.proves]
    _map([method.name for method in searching])
    chip, workload = load_chip("eyeriss-168"), Workload("network", (LAYER,), (1,))
    for method in searching:
        # A hardware space has other features than a map-space: their kernels compile here.
        if method.promises:
            outer = Search(method.name, method.warm_up + 3)
            search_hardware([workload], chip, outer, Search("random", 1), start=False)


SHARES: dict[str, Callable[[], None]] = {"prove": _prove, "search": _search}
"""Two shares of the kernels: they have little in common and take about equally long."""

if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
