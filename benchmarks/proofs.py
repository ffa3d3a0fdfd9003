"""How long the exact mapper takes, and what it proves, for the paper's layers and harder ones.

python -m benchmarks.proofs [SECONDS]   as a table, with what was proved
"""

from __future__ import annotations

import sys
import time

import numpy as np
import pandas as pd

from benchmarks.cases import layers
from benchmarks.timing import Timing
from codesign.cost import Evaluator
from codesign.hardware import load_chip
from codesign.hardware.architecture import Hardware
from codesign.hardware.dataflow import FREE, Dataflow
from codesign.search.exact import SearchCertificate, exhaust, solve
from codesign.search.task import MappingTask
from codesign.workload import GROUPED_CONV, Layer

CHIP = load_chip("eyeriss-168")
ROW_STATIONARY = CHIP.dataflow("row-stationary")
EYERISS_168, EYERISS_256 = CHIP.hardware, load_chip("eyeriss-256").hardware

PAPER: tuple[tuple[Layer, Hardware], ...] = tuple(
    (layer, chip.hardware) for layer, chip in layers()
)
HARD: tuple[tuple[Layer, Hardware], ...] = (
    (Layer.conv("pointwise 56x56", P=56, Q=56, C=64, K=64), EYERISS_168),
    (Layer.conv("GEMM 4096x4096x1024", P=4096, K=4096, C=1024), EYERISS_256),
    (Layer.conv("conv1", R=7, S=7, P=112, Q=112, C=3, K=64, Wstride=2, Hstride=2), EYERISS_168),
    (Layer.of(GROUPED_CONV, "depthwise", G=128, R=3, S=3, P=28, Q=28), EYERISS_168),
    (
        Layer.of(GROUPED_CONV, "depthwise /2", G=128, R=3, S=3, P=28, Q=28, Wstride=2, Hstride=2),
        EYERISS_168,
    ),
    (Layer.of(GROUPED_CONV, "grouped", G=8, R=3, S=3, P=28, Q=28, C=16, K=16), EYERISS_168),
)


def measure(
    layer: Layer, hardware: Hardware, dataflow: Dataflow, seconds: float
) -> dict[str, object]:
    """One run of a mapper: the enumeration for row-stationary spaces, branch and bound for free."""
    task = MappingTask(layer, hardware, dataflow=dataflow)
    row: dict[str, object] = {"layer": layer.name, "hardware": hardware.name, "flow": dataflow.name}
    if task.problem is not None:
        return row
    began = time.perf_counter()
    result = exhaust(task) if dataflow is ROW_STATIONARY else solve(task, seconds=seconds)
    row["seconds"] = round(time.perf_counter() - began, 3)
    certificate = result.certificate
    row["edp"] = float(Evaluator(layer, hardware).price(result.best).edp[0])
    row |= {
        "bound": certificate.lower_bound,
        "verdict": certificate.verdict,
        "leaves": certificate.priced,
    }
    if isinstance(certificate, SearchCertificate):
        row |= {
            "splits": certificate.splits,
            "pairs": certificate.pairs,
            "nodes": certificate.nodes,
        }
    return row


def run(rounds: int = 3, seconds: float = 60.0) -> list[Timing]:
    """Seconds to the proof, in both dataflows."""
    solve(MappingTask(*PAPER[7]))  # compiles the kernels
    found = []
    for layer, hardware in PAPER + HARD:
        for dataflow in (ROW_STATIONARY, FREE):
            times = [measure(layer, hardware, dataflow, seconds) for _ in range(rounds)]
            if "seconds" in times[0]:
                spent = [float(str(row["seconds"])) for row in times]
                quartiles = (float(np.quantile(spent, q)) for q in (0.5, 0.25, 0.75))
                found.append(Timing("proofs", layer.name, dataflow.name, "s", *quartiles))
    return found


def main() -> None:
    """Prints the table."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    solve(MappingTask(*PAPER[7]))  # compiles the kernels
    rows = [
        measure(layer, hardware, dataflow, seconds)
        for layer, hardware in PAPER + HARD
        for dataflow in (ROW_STATIONARY, FREE)
    ]
    table = pd.DataFrame(rows)
    # The baseline of a free space is the row-stationary row before it.
    table["row-stationary / free"] = (table["edp"].shift() / table["edp"]).where(
        table["flow"] == FREE.name
    )
    print(table.to_string(index=False, na_rep="", float_format=lambda value: f"{value:.6g}"))


if __name__ == "__main__":
    main()
