"""Mapping searches of many layers, several at a time."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from codesign.search.mapper import MappingRun, map_layer
from codesign.search.settings import INNER, Search
from codesign.search.task import MappingTask


def map_layers(
    tasks: Sequence[MappingTask], search: Search = INNER, jobs: int = 1
) -> Iterator[MappingRun]:
    """`map_layer` of every task, in order; `jobs` processes share the work.

    Each search has its own random stream, so that the outcome does not depend on `jobs`. Where
    some task cannot have a mapping, the first such is all that is run: the others do not matter.

    Raises:
        InputError: see `map_layer`.
    """
    tasks = [task for task in tasks if task.problem is not None][:1] or tasks
    search_one = partial(map_layer, search=search)
    jobs = min(jobs, len(tasks))
    if jobs <= 1:
        yield from map(search_one, tasks)
        return
    # Not forked: a child would inherit the locks of threads that it does not have.
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) as pool:
        yield from pool.map(search_one, tasks)
