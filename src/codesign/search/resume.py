"""Mapping searches that outlive their process: finished ones are taken from a journal."""

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
    """`map_layer` that takes finished searches from a journal, and adds those it runs.

    What it returns is to the bit what `map_layer` returns, but for the time that it took: that is
    the first search's.

    Args:
        journal: where they are.

    `recalled_s` are the seconds that the searches taken from the journal took when they were run,
    `recalled` is their number.
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
        """The finished search from the journal; None where it is not there."""
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
    """Mapping searches with a journal beside `output`, removed when the block ends well.

    However else it ends, the journal stays for the next process that is to write `output`.

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
    fields = {} if proof is None else vars(proof)
    proven = {name: value for name, value in fields.items() if isinstance(value, np.ndarray)}
    told = {name: value for name, value in fields.items() if name not in proven}
    said: dict[str, Any] = {
        "problem": run.problem,
        "certificate": None if proof is None else [type(proof).__name__, told],
        "elapsed_s": run.elapsed_s,
    }
    arrays = {name: getattr(run.points, name) for name in _POINTS}
    arrays |= {name: getattr(run.costs, name) for name in _COSTS}
    arrays |= {_PROOF + name: value for name, value in proven.items()}
    if run.draws is not None:
        arrays["draws"] = run.draws
    file = io.BytesIO()
    np.savez_compressed(file, said=np.frombuffer(json.dumps(said).encode(), np.uint8), **arrays)
    return file.getvalue()


def _decode(content: bytes, task: MappingTask, search: Search) -> MappingRun:
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        said = json.loads(arrays["said"].tobytes())
        points = MappingBatch(task.layer.shape, *(arrays[name] for name in _POINTS))
        costs = Costs(*(arrays[name] for name in _COSTS))
        draws = arrays.get("draws")
        proven = {
            name.removeprefix(_PROOF): arrays[name] for name in arrays if name.startswith(_PROOF)
        }
    proof = None
    if said["certificate"] is not None:
        from codesign.search.exact import Certificate, SearchCertificate

        name, fields = said["certificate"]
        kinds = {kind.__name__: kind for kind in (Certificate, SearchCertificate)}
        proof = kinds[name](**fields, **proven)
    return MappingRun(
        task, search, points, costs, said["problem"], proof, draws, said["elapsed_s"],
        is_recalled=True,
    )  # fmt: skip
