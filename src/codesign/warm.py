"""`python -m codesign.warm`: compiles the kernels beforehand that most commands need.

Part of the installation: else the first commands would compile them, each for itself.
"""

from __future__ import annotations

from codesign.hardware.files import load_chip
from codesign.search.codesign import search_hardware
from codesign.search.mapper import map_layer
from codesign.search.registry import METHODS
from codesign.search.settings import Search
from codesign.search.task import MappingTask
from codesign.workload import Layer, Workload

LAYER = Layer.conv("layer", R=3, P=4, C=4, K=4)


def main() -> None:
    """Maps a small layer by every method, and searches an accelerator for it."""
    chip = load_chip("eyeriss-168")
    for dataflow in ("row-stationary", "free"):
        task = MappingTask(
            LAYER, chip.hardware, chip.technology, chip.dataflow(dataflow), hints=chip.hints
        )
        for method in METHODS.values():
            if method.warm_up:
                map_layer(task, Search(method.name, method.warm_up))
    workload = Workload("network", (LAYER,), (1,))
    for method in METHODS.values():
        # What learns sees features of another space here.
        if method.warm_up and method.promises:
            outer = Search(method.name, method.warm_up + 3)
            search_hardware([workload], chip, outer, Search("random", 1), start=False)


if __name__ == "__main__":
    main()
