"""Mapping searches of many layers in several processes."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import NoReturn

from codesign.search.mapper import MappingRun, map_layer
from codesign.search.resume import ResumedSearch
from codesign.search.settings import INNER, Search
from codesign.search.task import MappingTask

_INTERRUPTED = 130


def map_layers(
    tasks: Sequence[MappingTask],
    search: Search = INNER,
    jobs: int = 1,
    known: ResumedSearch | None = None,
) -> Iterator[MappingRun]:
    """`map_layer` of every task, in order. `jobs` processes share the work.

    Each search has its own random stream, so the results do not depend on `jobs`. If some task
    has no feasible mapping, only the first such task is run.

    Args:
        tasks: the tasks, one per layer.
        search: the search for every task.
        jobs: the largest number of processes.
        known: a journal of finished searches, which are read from it; new ones are added.

    Raises:
        InputError: see `map_layer`.
    """
    tasks = [task for task in tasks if task.problem is not None][:1] or tasks
    found = {n: known.recall(task, search) for n, task in enumerate(tasks)} if known else {}
    missing = [n for n in range(len(tasks)) if found.get(n) is None]
    jobs = min(jobs, len(missing))
    if jobs <= 1:
        for n, task in enumerate(tasks):
            run = found.get(n)
            if run is None:
                run = map_layer(task, search)
                _keep(known, run)
            yield run
        return
    # Spawned, not forked: a forked child inherits locks of threads that it does not have.
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), _end_quietly) as pool:
        futures = {pool.submit(map_layer, tasks[n], search): n for n in missing}
        due = 0
        for future in as_completed(futures):
            run = future.result()
            _keep(known, run)
            found[futures[future]] = run
            while (ready := found.get(due)) is not None:
                yield ready
                due += 1
        yield from (run for n in range(due, len(tasks)) if (run := found[n]) is not None)


def _keep(known: ResumedSearch | None, run: MappingRun) -> None:
    if known is not None:
        known.keep(run)


def _end_quietly() -> None:
    """Lets this process end at ^C without a traceback: its parent reports the interruption."""

    def end(*_: object) -> NoReturn:
        os._exit(_INTERRUPTED)

    signal.signal(signal.SIGINT, end)
