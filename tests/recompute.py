"""Computes the numbers of a run's summary again, from its progress and tables, by code of its own.

    python tests/recompute.py results/archive/paper

Nothing of `codesign.study` is used: medians, intervals, pairs, outcomes and shares are written here
a second time, from the definitions. For every claim, the program prints what it finds. The exit
code is 1 if a number differs. Searches under B5's other assumptions are not in `progress.parquet`:
their gains are taken from its table.
"""

from __future__ import annotations

import itertools
import json
import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

MARGIN = 1.005
FREE = "free map-spaces"
TASK = ["space", "model", "layer"]

COMPARED = ("R2", "R3", "R3c", "R4", "R5", "B1", "B4")
PAPER = {"ResNet": 18.3, "DQN": 40.2, "MLP": 21.8, "Transformer": 16.0}
"""The paper's gains in %, for B5."""


@dataclass
class Run:
    """The folder of a run, or of its archive."""

    folder: Path

    def table(self, name: str) -> pd.DataFrame:
        return pd.read_parquet(self.folder / f"{name}.parquet")

    @property
    def config(self) -> dict[str, Any]:
        config: dict[str, Any] = json.loads((self.folder / "config.json").read_text("utf-8"))
        return config


# --- statistics, from their definitions


def median_with_interval(values: np.ndarray) -> tuple[float, float, float]:
    """The median, and the k-th smallest and largest values: the largest k with 95 %, or 1."""
    ordered = sorted(values)
    n, k = len(ordered), 1
    while 2 * sum(math.comb(n, i) for i in range(k + 1)) / 2**n <= 0.05:
        k += 1
    return float(np.median(ordered)), ordered[k - 1], ordered[n - k]


def sums_of_ranks(n: int, m: int) -> np.ndarray:
    """How many orders of n and m values have 0, 1, … pairs in which the first is greater.

    The number of such orders is that of partitions that fit in an n × m box.
    """
    table: dict[tuple[int, int], np.ndarray] = {}
    for a, b in itertools.product(range(n + 1), range(m + 1)):
        counts = np.zeros(n * m + 1)
        if a == 0 or b == 0:
            counts[0] = 1
        else:
            # The greatest value belongs to the first group, above all b of the other, or it does
            # not.
            counts[b:] += table[a - 1, b][: n * m + 1 - b]
            counts += table[a, b - 1]
        table[a, b] = counts
    return table[n, m] / table[n, m].sum()


def duel(strata: list[tuple[np.ndarray, np.ndarray]]) -> dict[str, Any]:
    """Two arms, all searches of one against all of the other in each stratum."""
    ratios, at_least, law = [], 0, np.ones(1)
    for own, rival in strata:
        for a, b in itertools.product(own, rival):
            same = a == b or abs(math.log(a / b)) <= 1e-9
            ratios.append(1.0 if same else a / b)
            at_least += same and math.log(a) <= 1e-9
        law = np.convolve(law, sums_of_ranks(len(own), len(rival)))
    ordered = sorted(ratios)
    k, mass = 0, 0.0
    for part in law:
        mass += part
        if mass > 0.025 + 1e-15:
            break
        k += 1
    low, high = (ordered[k - 1], ordered[-k]) if k else (0.0, math.inf)
    if math.isinf(ordered[-1]):
        middle = ordered[len(ordered) // 2]
    else:
        halves = ordered[(len(ordered) - 1) // 2], ordered[len(ordered) // 2]
        middle = math.sqrt(halves[0] * halves[1])
    pairs = len(ratios)
    shares = [
        100 * sum(test(ratio) for ratio in ratios) / pairs
        for test in (lambda r: r < 1, lambda r: r == 1, lambda r: r > 1)
    ]
    if 2 * at_least >= pairs:
        word = "saturated"
    elif high < 1 / MARGIN:
        word = "better"
    elif low > MARGIN:
        word = "worse"
    else:
        word = "equivalent" if low >= 1 / MARGIN and high <= MARGIN else "undecided"
    return {
        "ours": middle,
        "low": low,
        "high": high,
        **dict(zip(("below", "equal", "above"), shares, strict=True)),
        "outcome": word,
    }


# --- searches


def relative_ends(run: Run, result: str) -> pd.DataFrame:
    """The ends of the searches of a result as EDP / least EDP: `TASK`, `method`, `seed`, `end`."""
    config, progress = run.config, run.table("progress")
    parts = []
    for kind in ("mapping", "hardware"):
        owner = {"B4": "R2" if kind == "mapping" else "R3"}.get(result, result)
        options = config[owner]
        is_mapped = owner not in ("R3", "R3c")
        if (kind == "mapping" and not is_mapped) or (kind == "hardware" and owner == "R2"):
            continue
        scope = options.get(kind, {})
        rows = progress[progress["kind"] == kind]
        rows = rows[rows["method"].isin(options["methods"])]
        rows = rows[rows["model"].isin(scope.get("models", rows["model"]))]
        if kind == "mapping":
            rows = rows[rows["space"].isin(scope.get("spaces", rows["space"]))]
        else:
            names = [_in_tables(name) for name in scope.get("spaces", [])]
            rows = rows[rows["space"].isin(names or rows["space"])]
        seeds = scope.get("seeds", config["seeds"])
        rows = rows[rows["seed"] < config["seed"] + (seeds if result != "B4" else 10**6)]
        parts.append(_relative(run, rows))
    return pd.concat(parts, ignore_index=True)


def _in_tables(space: str) -> str:
    """The name in tables of a hardware space of the config."""
    return "hardware" if space == "baselines" else f"hardware {space}"


def _relative(run: Run, rows: pd.DataFrame, last: int | None = None) -> pd.DataFrame:
    """The ends of searches, divided by the least EDP of the task."""
    upto = rows if last is None else rows[rows["trial"] < last]
    at_end = upto.sort_values("trial").groupby([*TASK, "method", "seed"], sort=False).last()
    ends = at_end["best_edp"].rename("edp").reset_index()
    best = rows.groupby(TASK)["best_edp"].min().rename("best").reset_index()
    ends = ends.merge(best, on=TASK)
    optima = run.table("optima")
    if len(optima):
        known = optima[[*TASK, "edp", "certificate"]].rename(columns={"edp": "optimum"})
        ends = ends.merge(known, on=TASK, how="left")
        is_mapping = ends["certificate"].notna()
        proven = ends["certificate"] == "optimal"
        least = ends["optimum"].where(proven, np.fmin(ends["optimum"], ends["best"]))
        ends["best"] = least.where(is_mapping, ends["best"])
    end = (ends["edp"] / ends["best"]).fillna(np.inf)
    end = end.mask((end - 1).abs() < 1e-11, 1.0)
    return ends[[*TASK, "method", "seed"]].assign(end=end)


def strata_of(ends: pd.DataFrame, space: str, one: str, other: str) -> list[Any]:
    """The ends of two methods, task by task, in a space or in all free ones."""
    if space == FREE:
        is_other = ends["space"].str.match("row-stationary$|hardware($| )")
        ends = ends[~is_other]
    else:
        ends = ends[ends["space"] == space]
    found = []
    for _, task in ends.groupby(TASK, sort=False):
        sides = [task.loc[task["method"] == name, "end"].to_numpy() for name in (one, other)]
        if all(len(side) for side in sides):
            found.append(tuple(sides))
    return found


# --- the claims


def compared(run: Run, row: Any) -> dict[str, Any]:
    """The paper's method against one method in a space: `R2 row-stationary, random`."""
    result, _, rest = str(row["id"]).partition(" ")
    space, _, method = rest.partition(", ")
    rival = method or "random"
    return duel(strata_of(relative_ends(run, result), space, "bo", rival))


def r5(run: Run, row: Any) -> dict[str, Any]:
    """The λ between the extremes that differs most from 1, relative to 1."""
    space = str(row["id"]).partition(" ")[2]
    ends = relative_ends(run, "R5")
    weights = {m: 1.0 if m == "bo" else float(m[len("bo-lcb-") :]) for m in set(ends["method"])}
    inner = sorted(weights, key=weights.__getitem__)[1:-1]
    duels = [duel(strata_of(ends, space, m, "bo")) for m in inner if m != "bo"]
    far = max(duels, key=lambda one: abs(one["ours"] - 1))
    return {name: 100 * (far[name] - 1) for name in ("ours", "low", "high")}


def r6(run: Run, row: Any) -> dict[str, Any]:
    """The method against the sampler with a multiple of its budget."""
    name = str(row["id"]).partition(" ")[2]
    space, _, times = name.partition(", ")
    if times == "evaluations":
        return reach(run, space)
    config, progress = run.config, run.table("progress")
    method, sampler = config["R6"]["method"], config["R6"]["sampler"]
    ours = progress[(progress["kind"] == "mapping") & (progress["method"] == method)]
    theirs = progress[progress["kind"] == "sampled"]
    ours = ours.merge(theirs[[*TASK, "seed"]].drop_duplicates(), on=[*TASK, "seed"])
    both = pd.concat([ours, theirs.assign(method=sampler + "*")])
    budget = int(times.split()[0]) * config["trials"]["mapping"]
    ends = pd.concat(
        [
            part[part["method"] == name]
            for name, part in (
                (method, _relative(run, both)),
                (sampler + "*", _relative(run, both, budget)),
            )
        ]
    )
    return duel(strata_of(ends, space, method, sampler + "*"))


def reach(run: Run, space: str) -> dict[str, Any]:
    """Evaluations of the sampler until it has the median end of the method, over layers."""
    config, progress = run.config, run.table("progress")
    method, most = config["R6"]["method"], max(config["R6"]["multiples"])
    is_free = progress["space"] != "row-stationary"
    progress = progress[is_free == (space == FREE)].sort_values("trial")
    ours = progress[(progress["kind"] == "mapping") & (progress["method"] == method)]
    theirs = progress[progress["kind"] == "sampled"]
    needed = []
    for task, sampled in theirs.groupby(TASK):
        own = ours[(ours[TASK] == pd.Series(task, TASK)).all(axis=1)]
        seeds = sorted(set(sampled["seed"]))
        goal = own[own["seed"].isin(seeds)].groupby("seed")["best_edp"].last().median()
        firsts = []
        for _, search in sampled.groupby("seed"):
            there = search[search["best_edp"] <= goal * (1 + 1e-11)]
            within = len(there) and there["trial"].iloc[0] < most * config["trials"]["mapping"]
            firsts.append(float(there["trial"].iloc[0]) + 1 if within else math.inf)
        middle = float(np.median(firsts))
        if math.isfinite(middle):
            needed.append(middle)
    numbers = np.quantile(needed, [0.5, 0, 1]) if needed else [math.nan] * 3
    return dict(zip(("ours", "low", "high"), numbers, strict=True))


def r1(run: Run, row: Any) -> dict[str, Any]:
    """The median saving over seeds, from the pairs of EDPs."""
    model = str(row["id"]).split(",")[0].removeprefix("R1 ")
    pairs = run.table("tables/R1.pairs")
    pairs = pairs[(pairs["model"] == model) & (pairs["reading"] == "product")]
    base = "optimal_eyeriss_edp" if "optimal" in str(row["id"]) else "eyeriss_edp"
    saved = 100 * (1 - pairs["codesigned_edp"] / pairs[base]).to_numpy()
    return dict(zip(("ours", "low", "high"), median_with_interval(saved), strict=True))


def r7(run: Run, row: Any) -> dict[str, Any]:
    """Median and range of shares over budgets, or over layers."""
    table = run.table("tables/R7")
    if row["id"] == "R7 hardware":
        shares = table[table["sampler"] == "derived"].drop_duplicates("hardware")["share"]
    else:
        rows = table[table["sampler"] == "free"]
        shares = rows["valid"] / rows["draws"]
    return dict(zip(("ours", "low", "high"), 100 * np.quantile(shares, [0.5, 0, 1]), strict=True))


def b2(run: Run, row: Any) -> dict[str, Any]:
    """The ends of hardware searches above the proven bound."""
    model, _, method = str(row["id"]).removeprefix("B2 ").partition(", ")
    progress, table = run.table("progress"), run.table("tables/B2")
    bound = table.loc[table["model"] == model, "lower_bound_edp"].iloc[0]
    chosen = (progress["model"] == model) & (progress["method"] == method)
    chosen &= (progress["kind"] == "hardware") & (progress["space"] == "hardware")
    rows = progress[chosen].sort_values("trial")
    ends = rows.groupby("seed")["best_edp"].last().fillna(np.inf).to_numpy()
    above = 100 * (ends / bound - 1)
    return dict(zip(("ours", "low", "high"), median_with_interval(above), strict=True))


def b3(run: Run, row: Any) -> dict[str, Any]:
    """EDP of Eyeriss / that of the found hardware, both row-stationary, seed by seed."""
    runs = run.table("tables/B3.runs")
    runs = runs[(runs["model"] == str(row["id"]).removeprefix("B3 "))]
    runs = runs[runs["dataflow"] == "row-stationary"]
    edps = runs.pivot_table("edp", "seed", "hardware", dropna=False)
    factors = (edps["Eyeriss"] / edps["found"]).dropna() if "found" in edps else pd.Series([])
    if factors.empty:
        return dict.fromkeys(("ours", "low", "high"), math.nan)
    logs = np.log(factors.to_numpy(np.float64))
    return dict(zip(("ours", "low", "high"), np.exp(median_with_interval(logs)), strict=True))


def r8(run: Run, row: Any) -> dict[str, Any]:
    """The best end of R1's searches over Eyeriss's best, with the range over seeds."""
    model = str(row["id"]).removeprefix("R8 ")
    pairs = run.table("tables/R1.pairs")
    pairs = pairs[(pairs["model"] == model) & (pairs["reading"] == "product")]
    eyeriss = pairs["eyeriss_edp"].min()
    ends = hardware_ends(run, model, run.config["R1"]["method"]) / eyeriss
    return {"ours": ends.min(), "low": ends.min(), "high": ends.max()}


def hardware_ends(run: Run, model: str, method: str) -> pd.Series:
    """The least EDP of every hardware search of a method for a model, by seed."""
    rows = run.table("progress")
    rows = rows[(rows["kind"] == "hardware") & (rows["model"] == model)]
    rows = rows[(rows["method"] == method) & (rows["space"] == "hardware")]
    return rows.sort_values("trial").groupby("seed")["best_edp"].last()


def b5(run: Run, row: Any) -> dict[str, Any]:
    """The distance of the best fit; gains of other methods; prices of one accelerator."""
    kind = str(row["id"]).removeprefix("B5 ")
    table = run.table("tables/B5")
    if kind == "best fit":
        return best_fit(table[table["part"] == "sensitivity"])
    if kind.startswith("found by "):
        away = gains(run, run.config["R1"]["method"]) - gains(run, kind.removeprefix("found by "))
        values = away.dropna()
    else:
        found_for, _, hardware = kind.partition(", ")
        chosen = (table["found_for"] == found_for) & (table["hardware"] == hardware)
        values = table.loc[chosen, "price"]
    return dict(zip(("ours", "low", "high"), np.quantile(values, [0.5, 0, 1]), strict=True))


def gains(run: Run, method: str) -> pd.Series:
    """The median gain of each model, in %, from the ends of the method's searches."""
    pairs = run.table("tables/R1.pairs")
    pairs = pairs[pairs["reading"] == "product"]
    found = {}
    for model, rows in pairs.groupby("model"):
        eyeriss = rows.set_index("seed")["eyeriss_edp"]
        ratios = (hardware_ends(run, str(model), method) / eyeriss).dropna()
        found[model] = 100 * (1 - ratios).median() if len(ratios) else math.nan
    return pd.Series(found)


def best_fit(table: pd.DataFrame) -> dict[str, Any]:
    """The least mean distance from the paper's gains of an assumption about all its models."""
    fits = []
    models = [model for model in PAPER if model in set(table["model"])]
    for _, rows in table.groupby("assumption"):
        of_model = rows.set_index("model")
        if set(models) <= set(of_model.index):
            parts = []
            for model in models:
                gain, low, high = of_model.loc[model, ["improvement", "low", "high"]]
                goal = PAPER[model]
                near = 0.0 if low <= goal <= high else min(abs(low - goal), abs(high - goal))
                parts.append((abs(gain - goal), near, max(abs(low - goal), abs(high - goal))))
            fits.append(tuple(np.mean(parts, axis=0)))
    return dict(zip(("ours", "low", "high"), min(fits), strict=True))


def b6(run: Run, row: Any) -> dict[str, Any]:
    """The share of records with the same answer as Timeloop's."""
    total = run.table("tables/B6").set_index("set").loc["all"]
    alike = total["outcomes_equal"] - total["priced"] + total["cycles_equal"]
    return {"ours": 100 * alike / total["records"]}


WAYS = {
    **{"R1": r1, "R5": r5, "R6": r6, "R7": r7, "R8": r8},
    **{"B2": b2, "B3": b3, "B5": b5, "B6": b6},
}


def recomputed(run: Run) -> Iterator[tuple[str, str, Any, Any]]:
    """For every number that is covered: claim, column, the summary's value, ours."""
    for row in run.table("summary").to_dict("records"):
        result = str(row["id"]).split()[0]
        found = WAYS.get(result, compared)(run, row)
        for name, value in found.items():
            yield str(row["id"]), name, row[name], value


def is_same(theirs: Any, ours: Any) -> bool:
    """Whether two numbers are equal except for rounding, or two words are."""
    if isinstance(theirs, str):
        return bool(theirs == ours)
    both = float(theirs), float(ours)
    if any(math.isnan(value) for value in both):
        return all(math.isnan(value) for value in both)
    return both[0] == both[1] or math.isclose(*both, rel_tol=1e-7, abs_tol=1e-7)


def main(folder: str) -> int:
    """Prints every number, and those that differ with a mark. Returns the exit code."""
    differ = 0
    for claim, name, theirs, ours in recomputed(Run(Path(folder))):
        same = is_same(theirs, ours)
        differ += not same
        print(f"{'  ' if same else '! '}{claim}: {name}: {theirs} {ours}")
    return int(differ > 0)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
