"""Mapping searches that survive a killed process: finished ones are read from a journal."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import astuple
from pathlib import Path
from typing import Any

import numpy as np

from codesign.cost import Costs
from codesign.mapping import MappingBatch
from codesign.search.mapper import MappingRun, map_layer
from codesign.search.settings import Search
from codesign.search.task import MappingTask
from codesign.store.journal import Journal, identity, journal_path

_POINTS = ("temporal", "order", "spatial", "keep")
_PROOF = "proof_"
_COSTS = ("reason", "level", "cycles", "energy_pj", "utilization")


class ResumedSearch:
    """`map_layer` with a journal: reads finished searches from it, and adds those that it runs.

    It returns exactly what `map_layer` returns, except that `elapsed_s` is the time of the
    original search.

    Args:
        journal: the journal of finished searches.

    Attributes:
        recalled: the number of searches read from the journal.
        recalled_s: the time that these took when they were run, in seconds.
    """

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.recalled = 0
        self.recalled_s = 0.0

    def __call__(self, task: MappingTask, search: Search) -> MappingRun:
        run = self.recall(task, search)
        if run is None:
            run = map_layer(task, search)
            self.keep(run)
        return run

    def recall(self, task: MappingTask, search: Search) -> MappingRun | None:
        """The finished search from the journal; None if it is not there."""
        key = _key(task, search)
        if key not in self.journal:
            return None
        run = _decode(self.journal[key], task, search)
        self.recalled += 1
        self.recalled_s += run.elapsed_s
        return run

    def keep(self, run: MappingRun) -> None:
        """Adds a finished search to the journal."""
        self.journal[_key(run.task, run.search)] = _encode(run)


def _key(task: MappingTask, search: Search) -> str:
    arguments = f"{task.digest} {' '.join(map(str, astuple(search)))}"
    return hashlib.sha256(arguments.encode()).hexdigest()


@contextlib.contextmanager
def resuming(output: Path) -> Iterator[ResumedSearch]:
    """Mapping searches with a journal beside `output`, which is removed when the block succeeds.

    If the block fails or is killed, the journal stays for the next process that writes `output`.

    Raises:
        InputError: there is a journal that cannot be read.
    """
    journal = Journal(journal_path(output), identity())
    try:
        yield ResumedSearch(journal)
        journal.remove()
    finally:
        journal.close()


def _encode(run: MappingRun) -> bytes:
    proof = run.certificate
    scalars = {} if proof is None else dict(vars(proof))
    explored = scalars.pop("explored", None)
    header: dict[str, Any] = {
        "problem": run.problem,
        "certificate": None if proof is None else [type(proof).__name__, scalars],
        "elapsed_s": run.elapsed_s,
    }
    arrays = {name: getattr(run.points, name) for name in _POINTS}
    arrays |= {name: getattr(run.costs, name) for name in _COSTS}
    if explored is not None:
        arrays |= {_PROOF + name: value for name, value in explored._asdict().items()}
    if run.draws is not None:
        arrays["draws"] = run.draws
    file = io.BytesIO()
    text = np.frombuffer(json.dumps(header).encode(), np.uint8)
    np.savez_compressed(file, header=text, **arrays)
    return file.getvalue()


def _decode(content: bytes, task: MappingTask, search: Search) -> MappingRun:
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        header = json.loads(arrays["header"].tobytes())
        points = MappingBatch(task.layer.shape, *(arrays[name] for name in _POINTS))
        costs = Costs(*(arrays[name] for name in _COSTS))
        draws = arrays.get("draws")
        proven = {
            name.removeprefix(_PROOF): arrays[name] for name in arrays if name.startswith(_PROOF)
        }
    proof = None
    if header["certificate"] is not None:
        from codesign.search.exact import Certificate, Explored, SearchCertificate

        name, scalars = header["certificate"]
        classes = {each.__name__: each for each in (Certificate, SearchCertificate)}
        if proven:
            scalars["explored"] = Explored(**proven)
        proof = classes[name](**scalars)
    return MappingRun(
        task, search, points, costs, header["problem"], proof, draws, header["elapsed_s"],
        is_recalled=True,
    )  # fmt: skip
