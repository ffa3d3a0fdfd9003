"""The layers and accelerators that benchmarks share: the paper's own."""

from __future__ import annotations

import numpy as np

from codesign.hardware.architecture import Arithmetic, Hardware, StorageLevel
from codesign.hardware.files import Chip, load_chip
from codesign.mapping import MappingBatch
from codesign.space.mapping_space import MapSpace
from codesign.workload import Layer, load_workload

BASELINES = {
    "resnet": "eyeriss-168",
    "dqn": "eyeriss-168",
    "mlp": "eyeriss-168",
    "transformer": "eyeriss-256",
}


def layers() -> list[tuple[Layer, Chip]]:
    """The twelve layers, each with its baseline."""
    return [
        (layer, load_chip(hardware))
        for workload, hardware in BASELINES.items()
        for layer in load_workload(workload).layers
    ]


def layer_named(name: str) -> tuple[Layer, Chip]:
    """One of the twelve."""
    return next((layer, chip) for layer, chip in layers() if layer.name == name)


def mappings(layer: Layer, chip: Chip, dataflow: str, count: int) -> MappingBatch:
    """Feasible mappings, the same in every run."""
    space = MapSpace(layer, chip.hardware, chip.dataflow(dataflow))
    return space.draw(np.random.default_rng(0), count)


def tower(levels: int) -> Hardware:
    """An accelerator of 256 PEs with this many levels, each sixteen times as large as the last."""
    inner = [
        StorageLevel(f"L{i}", 64 * 16**i, *((256, 16) if i == 0 else (1, 1)))
        for i in range(levels - 1)
    ]
    outer = StorageLevel("DRAM", None, technology="DRAM")
    return Hardware(f"{levels} levels", Arithmetic("MACs", 256, 16), (*inner, outer))
