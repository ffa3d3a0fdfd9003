"""The batch kernel: mappings per second, by layer, dataflow, threads and accounting."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from functools import cache

import numpy as np

from benchmarks import numpy_model
from benchmarks.cases import layer_named, mappings, tower
from benchmarks.timing import Timing, race
from codesign.cost import Evaluator
from codesign.cost.interpreter import interpret
from codesign.hardware.dataflow import FREE
from codesign.mapping import MappingBatch
from codesign.space.mapping_space import MapSpace
from codesign.workload import Layer

COUNT, COUNT_NUMPY = 100_000, 10_000


def run() -> list[Timing]:
    """One thread against two, plain NumPy, and the interpreter on a small layer."""
    found = []
    for name in ("ResNet-K2", "ResNet-K4", "DQN-K1", "Transformer-K3"):
        layer, chip = layer_named(name)
        for dataflow in ("row-stationary", "free"):
            batch = mappings(layer, chip, dataflow, COUNT)
            contestants = {}
            for accounting in ("timeloop", "exact"):
                for threads in (1, 2):
                    kernel = Evaluator(layer, chip.hardware, chip.technology, accounting, threads)
                    label = f"{accounting}, {threads} thread{'s' * (threads > 1)}"
                    contestants[label] = (COUNT, lambda k=kernel, b=batch: k.price(b))
            if dataflow == "row-stationary":
                few = batch[:COUNT_NUMPY]
                tables = kernel.tables
                contestants["plain NumPy"] = (
                    COUNT_NUMPY,
                    lambda t=tables, b=few: numpy_model.price(t, b),
                )
            found += race("kernel", f"{name}, {dataflow}", "mappings", contestants)
    return found + _by_cores() + _by_levels() + _against_the_interpreter()


def _by_cores() -> list[Timing]:
    """What a second thread adds, and what a second process adds, which is the most possible."""
    with ProcessPoolExecutor(2) as pool:
        return race(
            "kernel",
            "ResNet-K2, free, by cores",
            "mappings",
            {
                "timeloop, 1 thread": (COUNT, lambda: _price(threads=1)),
                "timeloop, 2 threads": (COUNT, lambda: _price(threads=2)),
                "2 processes": (2 * COUNT, lambda: list(pool.map(_price, (1, 1)))),
            },
            rounds=25,
        )


def _price(threads: int) -> None:
    kernel, batch = _resnet_k2(threads)
    kernel.price(batch)


@cache
def _resnet_k2(threads: int) -> tuple[Evaluator, MappingBatch]:
    """One for every process that asks."""
    layer, chip = layer_named("ResNet-K2")
    kernel = Evaluator(layer, chip.hardware, chip.technology, threads=threads)
    return kernel, mappings(layer, chip, "free", COUNT)


def _by_levels() -> list[Timing]:
    """More levels mean more loops, tiles and boundaries."""
    layer, _ = layer_named("ResNet-K2")
    found = []
    for levels in (2, 3, 4, 6, 8):
        hardware = tower(levels)
        batch = MapSpace(layer, hardware, FREE).draw(np.random.default_rng(0), COUNT)
        kernel = Evaluator(layer, hardware)
        contestants = {"timeloop, 1 thread": (COUNT, lambda k=kernel, b=batch: k.price(b))}
        found += race("kernel", f"{layer.name}, {levels} levels", "mappings", contestants)
    return found


def _against_the_interpreter() -> list[Timing]:
    _, chip = layer_named("ResNet-K2")
    small = Layer.conv("small", R=3, S=3, P=4, Q=4, C=4, K=8)
    batch = mappings(small, chip, "free", 2000)
    kernel = Evaluator(small, chip.hardware, chip.technology, "exact")
    few = batch[:20].mappings()
    return race(
        "kernel",
        "3×3×4×4×4×8, free",
        "mappings",
        {
            "kernel": (len(batch), lambda: kernel.price(batch)),
            "interpreter": (
                len(few),
                lambda: [interpret(small, chip.hardware, m, chip.technology) for m in few],
            ),
        },
    )
