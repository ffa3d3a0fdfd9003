"""Small mapping tasks and networks whose optimum can be found by looking at everything."""

from __future__ import annotations

from codesign.hardware import Arithmetic, Hardware, StorageLevel
from codesign.hardware.dataflow import ALL, Dataflow, SlotRule
from codesign.search.task import MappingTask
from codesign.workload import Layer, Workload

PAIR = Hardware(
    "pair",
    Arithmetic("MACs", 2, 2),
    (
        StorageLevel("Registers", 9, instances=2, mesh_x=2, technology="RegFile"),
        StorageLevel("Buffer", 24, block_size=2, read_bandwidth=1.0, write_bandwidth=1.0),
        StorageLevel("DRAM", None, technology="DRAM"),
    ),
)
"""Two MACs with register files, a small and slow buffer, DRAM."""

CRAMPED = Hardware(
    "cramped",
    Arithmetic("MACs", 1, 1),
    (StorageLevel("Registers", 2), StorageLevel("DRAM", None, technology="DRAM")),
)
"""Registers that cannot hold a word of each of three dataspaces."""

PRODUCT = Layer.conv("product", K=4, C=2, P=2)
WINDOW = Layer.conv("window", P=4, R=3, K=2)
SAME_AS_PRODUCT = Layer.conv("another product", K=4, C=2, P=2)

WIDE = Dataflow("wide", (SlotRule("Buffer", "spatial-x", (("K", ALL),)),))
"""All of K side by side: no more than two of it fit `PAIR`."""

NETWORK = Workload("network", (PRODUCT, WINDOW, SAME_AS_PRODUCT), (1, 2, 3))


def task(
    layer: Layer = PRODUCT, hardware: Hardware = PAIR, accounting: str = "timeloop"
) -> MappingTask:
    """A free mapping task."""
    return MappingTask(layer, hardware, accounting=accounting)
