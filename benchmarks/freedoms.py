"""What padded factors and bypasses save, with proof: the least EDP of layers with each freedom.

python -m benchmarks.freedoms CHIP [LAYER …] [--seconds N]   a table, one row per layer

Every proof runs in a process of its own, so that its memory is its own as well.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import time
from dataclasses import dataclass, replace

import pandas as pd

from benchmarks.cases import layers
from codesign.cost import Evaluator
from codesign.factors import DIVISORS, PADDED
from codesign.hardware import load_chip
from codesign.hardware.architecture import Hardware
from codesign.hardware.dataflow import FREE
from codesign.search.exact import solve
from codesign.search.task import MappingTask
from codesign.workload import GROUPED_CONV, Layer
from codesign.workload.shape import CONV_3D

NAMES = ("Weights", "Inputs", "Outputs")

TODAY = (
    Layer.conv("ResNet-50 3x3", R=3, S=3, P=28, Q=28, C=128, K=128),
    Layer.conv("MobileNetV3 1x1", P=14, Q=14, C=80, K=480),
    Layer.conv("VGG16 3x3", R=3, S=3, P=112, Q=112, C=128, K=128),
    Layer.conv("ViT-B FFN", P=197, C=768, K=3072),
    Layer.conv("BERT-large FFN", P=512, C=1024, K=4096),
    Layer.conv("Llama-3-8B QKV", P=2048, C=4096, K=6144),
    Layer.conv("Llama-3-70B FFN", P=2048, C=8192, K=28672),
    Layer.conv("7x7 stem", R=7, S=7, P=112, Q=112, C=3, K=64, Wstride=2, Hstride=2),
    Layer.of(GROUPED_CONV, "depthwise 5x5 /2", G=240, R=5, S=5, P=14, Q=14, Wstride=2, Hstride=2),
    Layer.of(CONV_3D, "3-D 3x3x3", R=3, S=3, T=3, P=28, Q=28, D=8, C=32, K=64),
    Layer.conv("GEMM 127x127x127", P=127, C=127, K=127),
    Layer.conv("57x57x1155", P=57, Q=57, C=1155, K=64),
)
"""Layers of today's networks, and sizes that hardly divide."""


@dataclass(frozen=True)
class Proof:
    """The result of one proof: the best EDP and the bound in pJ·cycles, CPU time and memory."""

    edp: float
    lower_bound: float
    cpu_s: float
    mib: float


def loosened(hardware: Hardware) -> Hardware:
    """The accelerator whose inner levels may bypass all that they may hold."""
    inner = tuple(
        replace(level, may_bypass=frozenset(filter(level.may_hold, NAMES)))
        for level in hardware.levels[:-1]
    )
    return replace(hardware, levels=(*inner, hardware.levels[-1]))


def prove(layer: Layer, chip_name: str, factors: str, bypass: bool, seconds: float) -> Proof:
    """The least EDP of a layer with the freedoms, proven within a budget of CPU time."""
    chip = load_chip(chip_name)
    hardware = loosened(chip.hardware) if bypass else chip.hardware
    task = MappingTask(layer, hardware, chip.technology, replace(FREE, factors=factors))
    began = time.process_time()
    found = solve(task, seconds=seconds)
    cpu_s = time.process_time() - began
    edp = float(Evaluator(layer, hardware, chip.technology).price(found.best).edp[0])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Proof(edp, found.certificate.lower_bound, cpu_s, peak)


def table(chip_name: str, names: list[str], seconds: float) -> pd.DataFrame:
    """One row per layer: EDP, gap in %, CPU seconds and MiB of every combination of freedoms."""
    known = [*(layer for layer, _ in layers()), *TODAY]
    rows = []
    for layer in known:
        if names and layer.name not in names:
            continue
        row: dict[str, object] = {"layer": layer.name}
        for factors in (DIVISORS, PADDED):
            for bypass in (False, True):
                with multiprocessing.get_context("spawn").Pool(1) as pool:
                    found = pool.apply(prove, (layer, chip_name, factors, bypass, seconds))
                key = factors + ("+bypass" if bypass else "")
                gap = 100 * (found.edp / found.lower_bound - 1)
                row[key] = f"{found.edp:.4g}" + (f" (within {gap:.2g} %)" if gap > 1e-6 else "")
                row[f"{key} s"], row[f"{key} MiB"] = round(found.cpu_s, 1), round(found.mib)
        rows.append(row)
        print(pd.DataFrame([row]).to_string(index=False), flush=True)
    return pd.DataFrame(rows)


def main() -> None:
    """Prints the table of a chip."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.freedoms", description=__doc__)
    parser.add_argument("chip")
    parser.add_argument("layers", nargs="*")
    parser.add_argument("--seconds", type=float, default=60.0)
    options = parser.parse_args()
    print(table(options.chip, options.layers, options.seconds).to_string(index=False))


if __name__ == "__main__":
    main()
