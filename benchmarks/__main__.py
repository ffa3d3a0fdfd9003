"""Runs benchmarks and prints what they measure: `python -m benchmarks [SUITE …] [--output DIR]`."""

from __future__ import annotations

import argparse
import importlib
import math
from dataclasses import asdict
from pathlib import Path

import pandas as pd

from benchmarks.plot import draw
from codesign.drawing.style import save
from codesign.store.table import write_table

SUITES = ("kernel", "samplers", "optimizers", "search", "proofs", "memory")


def main() -> None:
    """Runs the suites named, or all; each writes OUTPUT/SUITE.parquet and a figure of it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("suites", nargs="*", choices=[*SUITES, []], default=[])
    parser.add_argument("--output", type=Path, default=Path("results/bench"))
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    for suite in options.suites or SUITES:
        table = measure(suite)
        write_table(table, options.output / f"{suite}.parquet", {})
        save(draw(table), *(options.output / f"{suite}.{kind}" for kind in ("pdf", "png")))


def measure(suite: str) -> pd.DataFrame:
    """Runs a suite; `ratio` is relative to the first contestant of the same case."""
    rows = []
    first: dict[str, float] = {}
    for timing in importlib.import_module(f"benchmarks.{suite}").run():
        one = first.setdefault(timing.case, timing.value)
        ratio = timing.value / one if one else math.nan
        rows.append({**asdict(timing), "ratio": ratio})
        print(
            f"{timing.case:44} {timing.contestant:22} {timing.value:14,.6g} {timing.unit}"
            f"  ×{ratio:.3g}",
            flush=True,
        )
    return pd.DataFrame(rows)


if __name__ == "__main__":
    main()
