"""`python -m codesign.study STAGE …`: one stage of the study, as the workflow's rules call it."""

from __future__ import annotations

import argparse
import importlib
import sys

from codesign.errors import InputError

STAGES = (
    "workloads",
    "mapping",
    "hardware",
    "baselines",
    "optima",
    "r1",
    "r2",
    "r3",
    "r3c",
    "r4",
    "r5",
    "r6",
    "r7",
    "b1",
    "gather",
    "summary",
    "report",
)


def main(arguments: list[str]) -> int:
    """Runs the stage that the first argument names."""
    parser = argparse.ArgumentParser(prog="python -m codesign.study", description=__doc__)
    parser.add_argument("stage", choices=STAGES)
    name = parser.parse_args(arguments[:1]).stage
    # Only the stage that runs is imported: most of a short job's time would be imports.
    stage = importlib.import_module(f"codesign.study.{name}")
    parser = argparse.ArgumentParser(prog=f"python -m codesign.study {name}")
    stage.add_arguments(parser)
    try:
        stage.run(parser.parse_args(arguments[1:]))
    except InputError as error:
        print(f"codesign: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
