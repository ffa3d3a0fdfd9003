"""Peak memory: mappings priced in a stream, and whole searches, each in a process of its own.

What a process holds after its imports is separated from what the work adds. The unit is MiB, so
that here a smaller number is better. Linux only.
"""

from __future__ import annotations

import subprocess
import sys
from statistics import median

from benchmarks.timing import Timing

ROUNDS = 3
STREAMS = (10_000, 100_000, 1_000_000)
CHUNK = 10_000

_STREAM = """
from benchmarks.cases import layer_named, mappings
from codesign.cost import Evaluator
layer, chip = layer_named("ResNet-K2")
kernel = Evaluator(layer, chip.hardware, chip.technology)
def work():
    import numpy as np
    from codesign.space.mapping_space import MapSpace
    space = MapSpace(layer, chip.hardware, chip.dataflow("free"))
    rng = np.random.default_rng(0)
    for _ in range({count} // {chunk}):
        kernel.price(space.draw(rng, {chunk}))
"""

_SEARCH = """
from benchmarks.cases import BASELINES
from codesign.hardware.files import load_chip
from codesign.search.hardware import search_hardware
from codesign.search.settings import Search
from codesign.workload import load_workload
def work():
    chip = load_chip(BASELINES["{name}"])
    search_hardware([load_workload("{name}")], chip, Search("tpe", 10), Search("{mapper}", 100))
"""

_PROOF = """
from benchmarks.cases import layer_named
from codesign.search.mapper import map_layer
from codesign.search.settings import Search
from codesign.search.task import MappingTask
def work():
    layer, chip = layer_named("{name}")
    map_layer(MappingTask(layer, chip.hardware, chip.technology), Search("exact", 1))
"""

# `ru_maxrss` begins with what the process had in use that started this one.
_MEASURE = """
import re
def peak():
    with open("/proc/self/status") as status:
        return int(re.search(r"VmHWM:\\s*(\\d+) kB", status.read())[1]) / 1024
before = peak()
work()
print(before, peak() - before)
"""


def run() -> list[Timing]:
    """Imports alone, then what streams, searches and proofs add to them."""
    cases = {
        f"{count:,} mappings priced": _STREAM.format(count=count, chunk=CHUNK) for count in STREAMS
    }
    for name in ("resnet", "transformer"):
        cases |= {
            f"co-design of {name}, {mapper} inside": _SEARCH.format(name=name, mapper=mapper)
            for mapper in ("tpe", "bo")
        }
    cases |= {f"proof of {name}": _PROOF.format(name=name) for name in ("ResNet-K1", "DQN-K1")}
    found = [_timing("imports", [_measured(cases[next(iter(cases))])[0] for _ in range(ROUNDS)])]
    for case, code in cases.items():
        found.append(_timing(case, [_measured(code)[1] for _ in range(ROUNDS)]))
    return found


def _measured(code: str) -> tuple[float, float]:
    answer = subprocess.run(
        [sys.executable, "-c", code + _MEASURE], capture_output=True, text=True, check=True
    )
    before, added = map(float, answer.stdout.split())
    return before, added


def _timing(case: str, values: list[float]) -> Timing:
    return Timing("memory", case, "peak", "MiB", median(values), min(values), max(values))
