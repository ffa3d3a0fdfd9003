"""Tables of priced records: thousands of mappings on thousands of accelerators."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from codesign.accounting import Rules, rules_of
from codesign.cost.evaluate import REASONS, Costs, Evaluator
from codesign.cost.kernel import CostDetail
from codesign.cost.records import Record, read_records
from codesign.errors import InputError
from codesign.hardware.technology import PAT, Technology
from codesign.mapping.batch import MappingBatch

Objects = NDArray[np.object_]

CHUNK_RECORDS = 16384
MAX_EVALUATORS = 8192

ANSWER_TYPES = {"cycles": "int64"}
"""Arrow types of columns for which pandas has another type: it stores integers with gaps as
floats."""

_REASONS: Objects = np.array(REASONS, dtype=object)


class RecordTables(NamedTuple):
    """The costs of some records. `price_records` lists the columns."""

    answers: pd.DataFrame
    detail: pd.DataFrame | None


def evaluate_records(
    paths: Iterable[Path],
    accounting: str | Rules = "timeloop",
    technology: Technology = PAT,
    progress: Callable[[int], None] | None = None,
    every: int = 1,
) -> pd.DataFrame:
    """The costs of all records, one row per record, in the order of the files.

    Columns: `id, valid, reason, level, cycles, energy_pj, edp, utilization`. The reason is
    `fanout` or `capacity`, and the level is the one that breaks this rule. Both are missing if a
    record is valid; the costs are NaN if it is not.

    Args:
        paths: `.jsonl` or `.jsonl.gz` files.
        accounting, technology: as in `codesign.cost.Evaluator`.
        progress: called from time to time with the number of records priced since the last call.
        every: price only every n-th record of a file, beginning with the first.

    Raises:
        InputError: a file cannot be read, or a line is not a record.
    """
    parts = []
    for tables in price_records(paths, accounting, technology, every=every):
        parts.append(tables.answers)
        if progress is not None:
            progress(len(tables.answers))
    return pd.concat(parts, ignore_index=True)


def price_records(
    paths: Iterable[Path],
    accounting: str | Rules = "timeloop",
    technology: Technology = PAT,
    is_detailed: bool = False,
    every: int = 1,
) -> Iterator[RecordTables]:
    """`evaluate_records` in parts, so that memory does not grow with the size of the files.

    With `is_detailed`, there is also a table with one row per valid record, level and dataspace
    (sorted by name). Its columns: `id, level_index, level, dataspace, keep, tile_words,
    partition_words, instances`; `reads, fills, updates` per instance (the one at the origin,
    where instances differ); `energy_pj, addr_gen_pj` of all instances; `level_cycles`;
    `network_pj`, the energy of the network below the level; and `all_reads, all_fills,
    all_updates` of all instances.
    """
    rules = rules_of(accounting)
    if every < 1:
        raise InputError(f"every is {every}, expected at least 1")
    pricer = _Pricer(rules, technology, is_detailed)
    for path in paths:
        records = read_records(path, every)
        while chunk := list(itertools.islice(records, CHUNK_RECORDS)):
            try:
                yield pricer.price(chunk)
            except InputError as error:
                raise InputError(f"{path}: {error}") from None


@dataclass(frozen=True)
class _Group:
    """Records of one layer on one accelerator: their rows, and their costs."""

    rows: NDArray[np.int64]
    evaluator: Evaluator
    batch: MappingBatch
    costs: Costs
    detail: CostDetail | None


_Key = tuple[int, int, str]


def _key(record: Record) -> _Key:
    """What an evaluator is for: a layer, an accelerator, and factors of a kind."""
    return id(record.hardware), id(record.layer), record.factors


class _Pricer:
    def __init__(self, rules: Rules, technology: Technology, is_detailed: bool) -> None:
        self.rules, self.technology, self.is_detailed = rules, technology, is_detailed
        # By identity, since a comparison of accelerators takes longer than pricing one mapping. An
        # evaluator keeps both objects alive, so that no other object gets their identity.
        self._evaluators: dict[_Key, Evaluator] = {}

    def price(self, records: list[Record]) -> RecordTables:
        members: dict[_Key, list[int]] = {}
        for row, record in enumerate(records):
            members.setdefault(_key(record), []).append(row)
        groups = [self._price_group(records, rows) for rows in members.values()]
        ids = np.array([record.id for record in records], np.int64)
        return RecordTables(
            _answers(ids, groups), _details(ids, groups) if self.is_detailed else None
        )

    def _price_group(self, records: list[Record], rows: list[int]) -> _Group:
        evaluator = self._evaluator(records[rows[0]])
        shape = evaluator.layer.shape
        batch = MappingBatch.of(shape, [records[row].mapping for row in rows])
        costs, detail = (
            evaluator.detail(batch) if self.is_detailed else (evaluator.price(batch), None)
        )
        return _Group(np.array(rows), evaluator, batch, costs, detail)

    def _evaluator(self, record: Record) -> Evaluator:
        key = _key(record)
        if key not in self._evaluators:
            if len(self._evaluators) >= MAX_EVALUATORS:
                self._evaluators.clear()
            try:
                self._evaluators[key] = Evaluator(
                    record.layer,
                    record.hardware,
                    self.technology,
                    self.rules,
                    factors=record.factors,
                )
            except InputError as error:
                raise InputError(f"record {record.id}: {error}") from None
        return self._evaluators[key]


def _answers(ids: NDArray[np.int64], groups: list[_Group]) -> pd.DataFrame:
    count = len(ids)
    reason = np.zeros(count, np.int8)
    level: Objects = np.full(count, None, dtype=object)
    cycles, energy_pj, utilization = (np.full(count, np.nan) for _ in range(3))
    for group in groups:
        rows, costs = group.rows, group.costs
        reason[rows] = costs.reason
        # A valid mapping has level -1, which is the last entry, None.
        level[rows] = _names([*_level_names(group), None])[costs.level]
        cycles[rows] = np.where(costs.valid, costs.cycles, np.nan)
        energy_pj[rows] = costs.energy_pj
        utilization[rows] = costs.utilization
    return pd.DataFrame(
        {
            "id": ids,
            "valid": reason == 0,
            "reason": pd.Series(_REASONS[reason], dtype="str"),
            "level": pd.Series(level, dtype="str"),
            "cycles": cycles,
            "energy_pj": energy_pj,
            "edp": energy_pj * cycles,
            "utilization": utilization,
        }
    )


def _details(ids: NDArray[np.int64], groups: list[_Group]) -> pd.DataFrame:
    """The details of all groups, in the order of their records."""
    parts = [_group_details(group) for group in groups]
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    rows = columns.pop("row")
    order = np.argsort(rows, kind="stable")
    frame = pd.DataFrame({"id": ids[rows]} | columns).iloc[order].reset_index(drop=True)
    return frame.astype({"level": "str", "dataspace": "str"})


def _group_details(group: _Group) -> dict[str, NDArray[Any]]:
    detail = group.detail
    assert detail is not None
    valid = group.costs.valid
    names = list(group.evaluator.layer.shape.dataspace_names)
    by_name = np.array(sorted(range(len(names)), key=names.__getitem__))
    levels = _level_names(group)
    per_record = len(levels) * len(names)
    count = int(valid.sum())
    keep = group.batch.keep[valid][:, :, None] >> by_name & 1

    def flat(counts: NDArray[Any]) -> NDArray[Any]:
        """An array [B, L, W] as a column of the table."""
        return counts[valid][:, :, by_name].ravel()

    def spread(counts: NDArray[Any]) -> NDArray[Any]:
        """An array [B, L] as a column of the table."""
        return np.repeat(counts[valid].ravel(), len(names))

    return {
        "row": np.repeat(group.rows[valid], per_record),
        "level_index": np.tile(np.repeat(np.arange(len(levels)), len(names)), count),
        "level": np.tile(np.repeat(_names(levels), len(names)), count),
        "dataspace": np.tile(_names(names)[by_name], count * len(levels)),
        "keep": keep.astype(bool).ravel(),
        "tile_words": flat(detail.tile_words),
        "partition_words": flat(detail.partition_words),
        "instances": spread(detail.instances),
        "reads": flat(detail.reads),
        "fills": flat(detail.fills),
        "updates": flat(detail.updates),
        "energy_pj": flat(detail.energy_pj),
        "addr_gen_pj": flat(detail.address_pj),
        "level_cycles": spread(detail.level_cycles),
        "network_pj": flat(detail.network_pj),
        "all_reads": flat(detail.all_reads),
        "all_fills": flat(detail.all_fills),
        "all_updates": flat(detail.all_updates),
    }


def _level_names(group: _Group) -> list[str]:
    return [level.name for level in group.evaluator.hardware.levels]


def _names(names: list[str] | list[str | None]) -> Objects:
    return np.array(names, dtype=object)
