"""Runs benchmarks and prints their rates: `python -m benchmarks [SUITE …] [--output DIR]`."""

from __future__ import annotations

import argparse
import importlib
from dataclasses import asdict
from pathlib import Path

import pandas as pd

from codesign.store.table import write_table

SUITES = ("kernel", "samplers", "optimizers", "search")


def main() -> None:
    """Every suite named, or all; the table also goes to OUTPUT/bench.parquet."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("suites", nargs="*", choices=[*SUITES, []], default=[])
    parser.add_argument("--output", type=Path, default=Path("results/bench"))
    options = parser.parse_args()
    rows = []
    for suite in options.suites or SUITES:
        timings = importlib.import_module(f"benchmarks.{suite}").run()
        fastest: dict[str, float] = {}
        for timing in timings:
            reference = fastest.setdefault(timing.case, timing.rate)
            rows.append({**asdict(timing), "ratio": timing.rate / reference})
            print(
                f"{timing.case:44} {timing.contestant:22} {timing.rate:12,.0f} {timing.unit}/s"
                f"  ×{timing.rate / reference:.3g}",
                flush=True,
            )
    options.output.mkdir(parents=True, exist_ok=True)
    write_table(pd.DataFrame(rows), options.output / "bench.parquet", {})


if __name__ == "__main__":
    main()
