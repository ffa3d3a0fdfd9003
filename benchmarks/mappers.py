"""How near mapping searches end to the proven optimum, on today's layers or those of a network.

python -m benchmarks.mappers CHIP [LAYER …] [--workload W] [--methods M …] [--seeds N] [--trials N]

A table with one row per layer: the median excess over the least EDP in %, and the largest one.
"""

from __future__ import annotations

import argparse

import numpy as np
import pandas as pd

from benchmarks.freedoms import TODAY, prove
from codesign.hardware import load_chip
from codesign.search.mapper import map_layer
from codesign.search.settings import INNER, Search
from codesign.search.task import MappingTask
from codesign.workload import Layer, load_workload


def excess(layer: Layer, chip_name: str, least: float, search: Search, seeds: int) -> list[float]:
    """The excess over the least EDP, in %, of searches with so many seeds."""
    chip = load_chip(chip_name)
    task = MappingTask(layer, chip.hardware, chip.technology)
    runs = (map_layer(task, Search(search.method, search.trials, seed)) for seed in range(seeds))
    return [100 * (run.best_edp / least - 1) for run in runs]


def table(
    chip_name: str, layers: tuple[Layer, ...], methods: list[str], trials: int, seeds: int
) -> pd.DataFrame:
    """One row per layer, with two columns per method."""
    rows = []
    for layer in layers:
        proof = prove(layer, chip_name, "divisors", bypass=False, seconds=600.0)
        row: dict[str, object] = {"layer": layer.name, "least EDP": f"{proof.edp:.4g}"}
        for method in methods:
            found = excess(layer, chip_name, proof.edp, Search(method, trials), seeds)
            row[method], row[f"{method}, most"] = round(np.median(found), 2), round(max(found), 1)
        rows.append(row)
        print(pd.DataFrame([row]).to_string(index=False), flush=True)
    return pd.DataFrame(rows)


def main() -> None:
    """Prints the table of a chip."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mappers", description=__doc__)
    parser.add_argument("chip")
    parser.add_argument("layers", nargs="*")
    parser.add_argument("--workload")
    parser.add_argument("--methods", nargs="+", default=[INNER.method, "bo", "tpe"])
    parser.add_argument("--trials", type=int, default=INNER.trials)
    parser.add_argument("--seeds", type=int, default=8)
    options = parser.parse_args()
    known = load_workload(options.workload).layers if options.workload else TODAY
    layers = tuple(one for one in known if not options.layers or one.name in options.layers)
    found = table(options.chip, layers, options.methods, options.trials, options.seeds)
    print(found.to_string(index=False))


if __name__ == "__main__":
    main()
