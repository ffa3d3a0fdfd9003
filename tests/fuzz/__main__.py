"""`python -m tests.fuzz`: 100 000 files, most of them bad, for every reader (`make fuzz`)."""

from __future__ import annotations

import argparse
import importlib.util
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.fuzz.limits import accepts
from tests.fuzz.strategies import files, seeds
from tests.fuzz.targets import TARGETS

SHARES = {
    **{"workload": 10_000, "hardware": 14_000, "technology": 8_000, "mapping": 12_000},
    **{"timeloop": 8_000, "onnx": 12_000, "onnx-control": 12_000},
    **{"record": 18_000, "design": 6_000, "config": 6_000, "table": 20_000, "journal": 12_000},
}
"""Files for each target; together more than 100 000. Those of targets not named here: 5 000."""

GUIDED = 4_000
"""Further files for each, found by following which branches they take."""

MEMORY_BYTES = 8 * 2**30


def main() -> int:
    """Fuzzes the targets and counts; 1 when one of them failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(TARGETS))
    parser.add_argument("--times", type=float, default=1, help="as many files so many times")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    names = options.targets or list(TARGETS)
    # A file that wants more memory than this gets an error, and so do we.
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    total, failed = 0, []
    for name in names:
        count = round(SHARES.get(name, 5_000) * options.times)
        began = time.perf_counter()
        counted = Counter[bool]()
        try:
            fuzz(name, count, options.seed, counted)
        except Exception as error:
            failed.append(name)
            print(f"{name}: {type(error).__name__}: {error}", file=sys.stderr)
        total += counted.total()
        print(
            f"{name}: {counted.total()} files, {counted[True]} accepted, "
            f"{time.perf_counter() - began:.0f} s",
            flush=True,
        )
    if importlib.util.find_spec("atheris") is None:
        print("atheris does not work here: nothing was fuzzed by coverage")
    else:
        for name in names:
            count = round(GUIDED * options.times)
            total += count
            if not follow(name, count, options.seed):
                failed.append(name)
    print(f"{total} files in all; failed: {', '.join(failed) or 'none'}")
    return 1 if failed else 0


def fuzz(name: str, count: int, start: int, counted: Counter[bool]) -> None:
    """Files by hypothesis, until one is mishandled; that one is then made as small as can be."""
    target = TARGETS[name]

    @seed(start)
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(files(name))
    def check(data: bytes) -> None:
        counted[accepts(target, data)] += 1

    check()


def follow(name: str, count: int, start: int) -> bool:
    """Files by coverage, in a process of its own, since atheris ends the one it runs in."""
    with tempfile.TemporaryDirectory() as folder:
        for place, content in enumerate(seeds(name)):
            (Path(folder) / f"seed-{place}").write_bytes(content)
        words = [f"-runs={count}", f"-seed={start + 1}", "-max_len=8192", "-timeout=60"]
        words += [f"-artifact_prefix={folder}/", "-verbosity=0", "-print_final_stats=0"]
        answer = subprocess.run(
            [sys.executable, "-m", "tests.fuzz.guided", name, *words, folder],
            check=False, capture_output=True, text=True,
        )  # fmt: skip
    print(
        f"{name}: {count} files by coverage{'' if answer.returncode == 0 else ' FAILED'}",
        flush=True,
    )
    if answer.returncode != 0:
        print(answer.stderr[-3000:], file=sys.stderr)
    return answer.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
