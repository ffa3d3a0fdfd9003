"""The nested search: seconds of a co-design run at the paper's budget, by model."""

from __future__ import annotations

from benchmarks.cases import BASELINES
from benchmarks.timing import Timing, race
from codesign.hardware.files import load_chip
from codesign.search.hardware import search_hardware
from codesign.search.settings import Search
from codesign.workload import load_workload

HARDWARE_TRIALS, MAPPING_TRIALS = 50, 250
METHODS = ("random", "tpe", "bo")


def run() -> list[Timing]:
    """Mapping trials per second inside a whole search, feasible or not."""
    found = []
    for name, hardware in BASELINES.items():
        workload, chip = load_workload(name), load_chip(hardware)
        work = HARDWARE_TRIALS * MAPPING_TRIALS * len(workload.layers)
        contestants = {
            method: (
                work,
                lambda w=workload, c=chip, m=method: search_hardware(
                    [w], c, Search(m, HARDWARE_TRIALS), Search(m, MAPPING_TRIALS), start=False
                ),
            )
            for method in METHODS
        }
        for method in METHODS:  # compiles
            search_hardware([workload], chip, Search(method, 15), Search(method, 15), start=False)
        found += race(
            "search", f"{name}, 50 × 250", "mapping trials", contestants, rounds=1, is_warm=True
        )
    return found
