"""`python -m benchmarks.scale`: what the study costs as it grows, and a thousand workers simulated.

Three tables on standard output, which docs/scale.md shows and explains:
- CPU seconds of one hardware search against its layers and its trials;
- seconds in which Snakemake plans a study, against its jobs;
- the time of a large study on 1 to 1 000 workers, by the model of `simulate`.
"""

from __future__ import annotations

import argparse
import heapq
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from codesign.hardware.files import load_chip
from codesign.search.hardware import search_hardware
from codesign.search.settings import Search
from codesign.workload import Layer, Workload

REPOSITORY = Path(__file__).resolve().parents[1]
WORKERS = (1, 2, 10, 100, 300, 1000)


@dataclass(frozen=True)
class Cluster:
    """What a job costs beside its work.

    Args:
        job_s: a job's own Snakemake and imports, on the worker (measured).
        dispatch_s: the one scheduler's work for each job, beyond which no jobs start (assumed for
            Slurm: a call of sbatch; measured for processes).
        plan_s: building the DAG, for each job, before the first one starts (measured).
        delay_s: from a job's end until the scheduler has noticed it (half the profile's interval
            between looks at the queue, and the file system's latency; assumed).
    """

    job_s: float = 3.3
    dispatch_s: float = 0.05
    plan_s: float = 0.001
    delay_s: float = 10.0


LOCAL = Cluster(job_s=0.6, dispatch_s=0.0125, delay_s=0.0)
"""One allocation: jobs are processes, and their ends are noticed at once."""


def simulate(lengths_s: Sequence[float], last_s: float, workers: int, cluster: Cluster) -> float:
    """Wall-clock seconds of a study by list scheduling: the longest job that waits goes first.

    Args:
        lengths_s: work of each search; none waits for another.
        last_s: tables, figures and report, which wait for all of them.
    """
    now = cluster.plan_s * len(lengths_s)
    free = [now] * min(workers, len(lengths_s))
    end = now
    for length in sorted(lengths_s, reverse=True):
        worker = heapq.heappop(free)
        now = max(now, worker) + cluster.dispatch_s
        done = now + cluster.job_s + length + cluster.delay_s
        heapq.heappush(free, done)
        end = max(end, done)
    return end + last_s


def bounds(lengths_s: Sequence[float], last_s: float, workers: int, cluster: Cluster) -> str:
    """What no schedule can beat: the one of the lower bounds that is largest."""
    jobs = len(lengths_s)
    of = {
        "work": (sum(lengths_s) + jobs * (cluster.job_s + cluster.delay_s)) / workers,
        "dispatch": jobs * cluster.dispatch_s,
        "longest job": max(lengths_s) + cluster.job_s + cluster.delay_s,
        "tables": last_s,
    }
    return max(of, key=lambda name: of[name])


def search_s(layers: int, trials: int, mapping_trials: int, seed: int = 0) -> float:
    """CPU seconds of a hardware search over so many different layers, by TPE with BO inside."""
    network = Workload(
        "network",
        tuple(
            Layer.conv(f"l{i}", R=3, S=3, P=14, Q=14, C=32, K=16 * (i + 1)) for i in range(layers)
        ),
        (1,) * layers,
    )
    began = time.process_time()
    search_hardware(
        [network],
        load_chip("eyeriss-168"),
        Search("tpe", trials, seed),
        Search("bo", mapping_trials, seed),
        start=False,
    )
    return time.process_time() - began


def costs(most_layers: int, most_trials: int, mapping_trials: int) -> pd.DataFrame:
    """One row a hardware search, each factor doubled while the other stays."""
    search_s(1, 2, 20)  # compiles
    rows = []
    layers = 1
    while layers <= most_layers:
        rows.append({"layers": layers, "accelerators": 8})
        layers *= 2
    trials = 16
    while trials <= most_trials:
        rows.append({"layers": 1, "accelerators": trials})
        trials *= 2
    for row in rows:
        row["cpu_s"] = search_s(row["layers"], row["accelerators"], mapping_trials)  # type: ignore[assignment]
    return pd.DataFrame(rows).assign(
        ms_a_mapping=lambda t: 1e3 * t["cpu_s"] / (t["layers"] * t["accelerators"] * mapping_trials)
    )


CONFIG = """\
name: scale
seeds: {seeds}
models:
{models}
results: [R1, R3]
"""


def plan(models: int, seeds: int) -> tuple[int, float]:
    """Jobs of a study, and the seconds in which Snakemake plans it (user and system time)."""
    lines = [f"  M{i}: {{workload: dqn, baseline: eyeriss-168}}" for i in range(models)]
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "scale.yaml"
        config.write_text(CONFIG.format(seeds=seeds, models="\n".join(lines)), encoding="utf-8")
        words = ["--cores", "1", "--dry-run", "--quiet", "all", "--configfile", str(config)]
        script = (
            "import resource, runpy, sys\n"
            "try:\n    runpy.run_module('snakemake', run_name='__main__')\n"
            "except SystemExit as end:\n    code = end.code\n"
            "used = resource.getrusage(resource.RUSAGE_SELF)\n"
            "print('CPU', used.ru_utime + used.ru_stime)\nsys.exit(code)\n"
        )
        answer = subprocess.run(
            [sys.executable, "-c", script, *words],
            cwd=REPOSITORY, check=True, capture_output=True, text=True,
        )  # fmt: skip
        seconds = float(answer.stdout.split("CPU")[-1])
        # Three methods and R1's, which is among them; a baseline a seed; a few tables.
        return models * (3 + 4 * seeds), seconds


def measured(run: Path) -> list[float]:
    """Seconds of every hardware search of a run, scaled to the paper's budgets."""
    tables = [pd.read_parquet(path) for path in sorted(run.glob("hardware/*/*/*/timings.parquet"))]
    if not tables:
        raise SystemExit(f"{run}: no hardware searches in it; `make` leaves some")
    config = json.loads((run / "config.json").read_text(encoding="utf-8"))
    tried = config["trials"]["hardware"] * config["trials"]["mapping"]
    return [float(seconds) * 50 * 250 / tried for seconds in pd.concat(tables)["elapsed_s"]]


def workers_table(jobs: int, searches_s: Sequence[float]) -> pd.DataFrame:
    """A study of so many searches, whose lengths are those measured, again and again."""
    lengths = [searches_s[i % len(searches_s)] for i in range(jobs)]
    last_s = 30.0
    rows = []
    for workers in WORKERS:
        for name, cluster in ("Slurm jobs", Cluster()), ("one allocation", LOCAL):
            took = simulate(lengths, last_s, workers, cluster)
            rows.append(
                {
                    "mode": name,
                    "workers": workers,
                    "hours": took / 3600,
                    "efficiency": (sum(lengths) + last_s) / (took * workers),
                    "limited_by": bounds(lengths, last_s, workers, cluster),
                }
            )
    return pd.DataFrame(rows)


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("--layers", type=int, default=16, help="most layers")
    parser.add_argument("--accelerators", type=int, default=64, help="most hardware trials")
    parser.add_argument("--mapping-trials", type=int, default=250)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 10, 100])
    parser.add_argument("--jobs", type=int, default=4000, help="searches of the simulated study")
    parser.add_argument(
        "--run", type=Path, default=REPOSITORY / "results/quick", help="whose searches they are"
    )
    options = parser.parse_args()
    found = costs(options.layers, options.accelerators, options.mapping_trials)
    print(found.to_string(index=False, float_format="{:.3g}".format), flush=True)
    planned = [plan(4, seeds) for seeds in options.seeds]
    table = pd.DataFrame(planned, columns=["jobs", "cpu_s"])
    print(table.to_string(index=False, float_format="{:.3g}".format), flush=True)
    lengths = measured(options.run)
    print(f"{len(lengths)} searches of {min(lengths):.0f} to {max(lengths):.0f} s")
    workers = workers_table(options.jobs, lengths)
    print(workers.to_string(index=False, float_format="{:.3g}".format))


if __name__ == "__main__":
    main()
