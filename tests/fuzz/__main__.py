"""`python -m tests.fuzz`: 100 000 files, most of them bad, for every reader (`make fuzz`)."""

from __future__ import annotations

import argparse
import importlib.util
import resource
import subprocess
import sys
import tempfile
import time
import traceback
from dataclasses import dataclass, field
from pathlib import Path

from tests.fuzz.damage import damaged, seeds
from tests.fuzz.limits import accepts
from tests.fuzz.targets import TARGETS

SHARES = {
    **{"workload": 10_000, "hardware": 14_000, "technology": 8_000, "mapping": 12_000},
    **{"timeloop": 8_000, "libconfig": 3_000, "onnx": 12_000, "onnx-control": 12_000},
    **{"record": 18_000, "design": 6_000, "config": 6_000, "table": 20_000, "journal": 12_000},
}
"""Files for each target; together more than 100 000. Those of targets not named here: 5 000."""

GUIDED = 4_000
"""Further files for each, found by following which branches they take."""

MEMORY_BYTES = 8 * 2**30


FINDINGS = 5
"""After so many different findings a target is given up."""


@dataclass
class Tally:
    """What became of a target's files."""

    files: int = 0
    accepted: int = 0
    slowest: float = 0.0
    """Seconds of computing for one file, other than the first, for which kernels are compiled."""

    slowest_number: int = 0
    findings: dict[str, int] = field(default_factory=dict)
    """The first file of each kind of finding, by the finding's text."""


def main() -> int:
    """Fuzzes the targets and counts; 1 when one of them failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(TARGETS))
    parser.add_argument("--times", type=float, default=1, help="as many files so many times")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--number", type=int, help="only this file, which is printed too")
    options = parser.parse_args()
    names = options.targets or list(TARGETS)
    # A file that wants more memory than this gets an error, and so do we.
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    if options.number is not None:
        return show(names, options.number, options.seed)
    total, failed = 0, []
    for name in names:
        began = time.perf_counter()
        tally = fuzz(name, round(SHARES.get(name, 5_000) * options.times), options.seed)
        total += tally.files
        print(
            f"{name}: {tally.files} files, {tally.accepted} accepted, "
            f"{time.perf_counter() - began:.0f} s; the slowest is file {tally.slowest_number}: "
            f"{tally.slowest:.1f} s",
            flush=True,
        )
        if tally.findings:
            failed.append(name)
        for told, number in tally.findings.items():
            print(f"{name}, --seed {options.seed} --number {number}: {told}", file=sys.stderr)
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


def show(names: list[str], number: int, seed: int) -> int:
    """One file of each target, and how it is taken."""
    for name in names:
        data = damaged(name, number, seed)
        sys.stdout.buffer.write(data + b"\n")
        print("accepted" if accepts(TARGETS[name], data) else "refused")
    return 0


def fuzz(name: str, count: int, seed: int) -> Tally:
    """Files near to good ones, until `count` of them or too many findings."""
    target, tally = TARGETS[name], Tally()
    for number in range(count):
        data = damaged(name, number, seed)
        began = time.process_time()
        try:
            tally.accepted += accepts(target, data)
        except Exception as error:
            tally.findings.setdefault(told(error), number)
            if len(tally.findings) >= FINDINGS:
                break
        tally.files += 1
        took = time.process_time() - began
        if took > tally.slowest and number:
            tally.slowest, tally.slowest_number = took, number
    return tally


def told(error: Exception) -> str:
    """The error's kind, and the line that raised it."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    text = f"{type(error).__name__} in {Path(last.filename).name}, line {last.lineno}"
    return text if isinstance(error, RecursionError) else f"{text}: {str(error)[:200]}"


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
