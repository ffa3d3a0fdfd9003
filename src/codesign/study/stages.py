"""The stages of the study, and how one of them is run: `python -m codesign.study STAGE …`."""

from __future__ import annotations

import argparse
import importlib
import sys
import time
from pkgutil import iter_modules

from codesign.errors import InputError
from codesign.extras import needs
from codesign.study import searches
from codesign.study.registry import stages
from codesign.study.running.provenance import took

STAGES = {
    **{name: f"{searches.__name__}.{name}" for _, name, _ in iter_modules(searches.__path__)},
    "comparison": "codesign.study.comparison.table",
    **stages(),
    "gather": "codesign.study.running.gather",
    "draw": "codesign.study.report.draw",
    "progress": "codesign.study.report.progress",
    "summary": "codesign.study.report.summary",
    "report": "codesign.study.report",
    "archive": "codesign.study.report.archive",
}
"""Every stage with its module: searches, stages of results, and stages that use their tables."""


def run_stage(arguments: list[str]) -> int:
    """Runs the stage that the first argument names, and prints its time. Returns the exit code."""
    began = time.perf_counter()
    parser = argparse.ArgumentParser(prog="python -m codesign.study", description=__doc__)
    parser.add_argument("stage", choices=STAGES)
    name = parser.parse_args(arguments[:1]).stage
    try:
        # Only this stage is imported: otherwise imports would take most of the time of short jobs.
        with needs("study", f"stage {name!r}"):
            stage = importlib.import_module(STAGES[name])
        parser = argparse.ArgumentParser(prog=f"python -m codesign.study {name}")
        stage.add_arguments(parser)
        stage.run(parser.parse_args(arguments[1:]))
    except InputError as error:
        print(f"codesign: {error}", file=sys.stderr)
        return 1
    # The CPU time of the process includes the imports.
    print(took(name, time.perf_counter() - began, time.process_time()))
    return 0
