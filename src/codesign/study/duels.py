"""Two arms, compared by the ends of all their searches, within each task.

A task is a stratum: a layer in a map-space, or a model in a hardware space. Every search of one arm
is compared with every search of the other arm in the same stratum. So nothing depends on which seed
met which: seeds make searches repeatable, and two arms with the same seed have nothing in common.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from codesign.study.spaces import ALL, FREE_SPACES, TASK, is_free
from codesign.study.statistics import Floats, holm, rank_sum_p, shift_interval
from codesign.study.verdict import is_saturated, outcome

TIE = 1e-9
"""EDPs with a smaller relative difference are equal; they differ by rounding."""


@dataclass(frozen=True)
class Duel:
    """An arm against a rival.

    Args:
        strata: the number of tasks.
        pairs: the number of pairs of searches; a pair is two searches of the same task.
        wins, ties, losses: the pairs in which the arm ends below, level with, or above its rival.
        ties_at_least: the ties at the least EDP known.
        ratio, ratio_low, ratio_high: EDP of the arm / EDP of the rival; the median over all pairs
            with its exact interval (`statistics.shift_interval`).
        p: the exact p of the hypothesis of no difference (`statistics.rank_sum_p`).
        outcome: the arm is `better`, `equivalent`, `worse`, or `undecided` (`study.verdict`).
        saturated: whether the tasks are too easy to distinguish them.
    """

    strata: int
    pairs: int
    wins: int
    ties: int
    losses: int
    ties_at_least: int
    ratio: float
    ratio_low: float
    ratio_high: float
    p: float
    outcome: str
    saturated: bool


COLUMNS = tuple(Duel.__dataclass_fields__)
"""The columns that tables have for duels."""


def duel(strata: Sequence[tuple[Floats, Floats]]) -> Duel:
    """The duel of two arms.

    Args:
        strata: for each task the ends of the searches of the arm and of its rival, as log(EDP /
            least EDP): 0 is the least EDP known, infinity a search that has found nothing.
    """
    merged = [_without_rounding(own, rival) for own, rival in strata]
    differences, at_least = [np.empty(0)], 0
    for own, rival in merged:
        with np.errstate(invalid="ignore"):
            found = own[:, None] - rival[None, :]
        found[own[:, None] == rival[None, :]] = 0.0
        differences.append(found.ravel())
        at_least += int(np.sum(own == 0) * np.sum(rival == 0))
    joined = np.concatenate(differences)
    sizes = [(len(own), len(rival)) for own, rival in merged]
    ratio, low, high = np.exp(shift_interval(joined, sizes))
    return Duel(
        strata=len(strata),
        pairs=len(joined),
        wins=int(np.sum(joined < 0)),
        ties=int(np.sum(joined == 0)),
        losses=int(np.sum(joined > 0)),
        ties_at_least=at_least,
        ratio=float(ratio),
        ratio_low=float(low),
        ratio_high=float(high),
        p=rank_sum_p(merged),
        outcome=outcome(float(low), float(high)),
        saturated=is_saturated(len(joined), at_least),
    )


def _without_rounding(own: Floats, rival: Floats) -> tuple[Floats, Floats]:
    """Both groups, with equal values where they differ by less than `TIE`, and 0 near 0."""
    values = np.concatenate([own, rival])
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    with np.errstate(invalid="ignore"):
        is_new = np.diff(ordered, prepend=-np.inf) > TIE
    merged = ordered[is_new][np.cumsum(is_new) - 1]
    merged[np.abs(merged) <= TIE] = 0.0
    back = np.empty_like(merged)
    back[order] = merged
    return back[: len(own)], back[len(own) :]


def levels(table: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """The rows of `table` at every level at which arms are compared.

    First the rows as they are, one group per task; then with all layers of a model together; then
    with all models of a space; then with all free map-spaces, by model and in all. A level without
    more than one task in any of its groups is left out.

    Args:
        table: rows with the columns `TASK`.

    Returns:
        Tables with a column `stratum`, the number of the task, in which `space`, `model` and
        `layer` are those of the group.
    """
    numbered = table.assign(stratum=table.groupby(TASK, sort=False).ngroup())
    yield numbered
    single = numbered[numbered["space"].map(is_free).astype(bool)]
    free = single.assign(space=FREE_SPACES)
    if single["space"].nunique() < 2:
        free = free.iloc[:0]
    for part in (numbered, free):
        yield from _summed_up(part.assign(layer=ALL))
        yield from _summed_up(part.assign(layer=ALL, model=ALL))


def _summed_up(level: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """The groups of a level that have more than one task."""
    tasks = level.groupby(TASK, sort=False)["stratum"].transform("nunique")
    if (tasks > 1).any():
        yield level[tasks > 1]


def against(ends: pd.DataFrame, rival: str) -> pd.DataFrame:
    """Every other method against one rival, at every level: `TASK`, `method`, and `COLUMNS`.

    Args:
        ends: one row per search: `TASK`, `method`, and `excess` at its end, in %.
        rival: the method that the others are compared with. Without it, there are no rows.
    """
    rows = [
        {**place, "method": method, **asdict(duel(_strata(searches[method], searches[rival])))}
        for place, searches in _groups(ends)
        if rival in searches
        for method in searches
        if method != rival
    ]
    return pd.DataFrame(rows, columns=[*TASK, "method", *COLUMNS])


def tournament(ends: pd.DataFrame) -> pd.DataFrame:
    """Every method against every other one, at every level; two rows per pair.

    Columns: `TASK`, `method`, `rival`, `COLUMNS`, and `p_holm`, p corrected over all pairs of
    methods of the group.

    Args:
        ends: as for `against`.
    """
    rows: list[dict[str, Any]] = []
    for place, searches in _groups(ends):
        pairs = list(combinations(searches, 2))
        found = [duel(_strata(searches[a], searches[b])) for a, b in pairs]
        corrected = holm(np.array([one.p for one in found]))
        for (a, b), one, p_holm in zip(pairs, found, corrected, strict=True):
            rows.append({**place, "method": a, "rival": b, **asdict(one), "p_holm": p_holm})
            reverse = seen_by_rival(asdict(one))
            rows.append({**place, "method": b, "rival": a, **reverse, "p_holm": p_holm})
    return pd.DataFrame(rows, columns=[*TASK, "method", "rival", *COLUMNS, "p_holm"])


def seen_by_rival(row: Any) -> dict[str, Any]:
    """The columns of a duel, as the rival sees it: wins and losses exchanged, ratios inverted."""
    with np.errstate(divide="ignore"):
        ratio, high, low = 1 / np.array([row["ratio"], row["ratio_low"], row["ratio_high"]])
    return {
        **{name: row[name] for name in COLUMNS},
        "wins": row["losses"],
        "losses": row["wins"],
        "ratio": float(ratio),
        "ratio_low": float(low),
        "ratio_high": float(high),
        "outcome": outcome(float(low), float(high)),
    }


def headline(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of a table with `levels` that sum it up: one per space and method.

    A space with one task only has the row of the task. If there is a row for all free map-spaces
    together, single ones are left out.
    """
    whole = (table["model"] == ALL) & (table["layer"] == ALL)
    has_whole = table["space"].isin(table.loc[whole, "space"])
    rows = table[whole | ~has_whole]
    if (rows["space"] == FREE_SPACES).any():
        rows = rows[~rows["space"].map(is_free)]
    # In the order of spaces, also if only some of them have several tasks.
    place = {space: number for number, space in enumerate(dict.fromkeys(table["space"]))}
    return rows.iloc[np.argsort(rows["space"].map(place).to_numpy(), kind="stable")]


def parts_of(table: pd.DataFrame, row: Any) -> pd.DataFrame:
    """The rows that `row` sums up: the same method, by model, or by space for all free ones."""
    own = table[(table["method"] == row["method"])]
    by_model = own[(own["space"] == row["space"]) & (own["model"] != ALL)]
    by_model = by_model[(by_model["layer"] == ALL)].assign(part=lambda rows: rows["model"])
    if row["space"] != FREE_SPACES:
        return by_model
    whole = (own["model"] == ALL) & (own["layer"] == ALL)
    spaces = own[whole & own["space"].map(is_free)]
    return pd.concat([spaces.assign(part=spaces["space"]), by_model], ignore_index=True)


def _groups(
    ends: pd.DataFrame,
) -> Iterator[tuple[dict[str, Any], dict[str, dict[int, Floats]]]]:
    """Each group of each level, with log(EDP / least) of its searches by method and stratum."""
    logs = np.log1p(ends["excess"].to_numpy(np.float64) / 100)
    for level in levels(ends.assign(log=logs)):
        for key, group in level.groupby(TASK, sort=False):
            searches: dict[str, dict[int, Floats]] = {}
            for (method, stratum), part in group.groupby(["method", "stratum"], sort=False):
                searches.setdefault(str(method), {})[int(str(stratum))] = part["log"].to_numpy(
                    np.float64
                )
            yield dict(zip(TASK, key, strict=True)), searches


def _strata(own: dict[int, Floats], rival: dict[int, Floats]) -> list[tuple[Floats, Floats]]:
    """The searches of both arms in the tasks that both have."""
    return [(own[stratum], rival[stratum]) for stratum in own if stratum in rival]
