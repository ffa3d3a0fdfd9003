"""S1: rank correlations and what a proxy spares, against plain loops over all networks."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from codesign.errors import InputError
from codesign.search.software.curve import Steps
from codesign.study import paper
from codesign.study.policies import BOUND, FIXED, OPTIMAL
from codesign.study.report.cells import View
from codesign.study.results.s1.claims import claims
from codesign.study.results.s1.options import check
from codesign.study.results.s1.table import kendall, spearman, survivors, table
from codesign.study.results.s1.view import answer, view
from codesign.study.searches.cells import COLUMNS, find_cells
from codesign.study.searches.curves import every_layer, read_curves
from codesign.workload.cells import EDGES, OPERATIONS, Skeleton, cell_family
from codesign.workload.family import Family

SKELETON = Skeleton(8, 10, (2, 4), 1)
CHIPS = ("one", "two", "three")
BUDGET = paper.Spent(1, 1, 1)


def cells(count: int, rng: np.random.Generator) -> list[str]:
    """Different cells, drawn at random."""
    every = list(itertools.product(OPERATIONS, repeat=len(EDGES)))
    made = []
    for row in rng.choice(len(every), count, replace=False):
        named = [f"{op}~{source}" for op, (source, _) in zip(every[row], EDGES, strict=True)]
        made.append(
            "+".join("|" + "|".join(part) + "|" for part in (named[:1], named[1:3], named[3:]))
        )
    return made


def curves(rng: np.random.Generator) -> pd.DataFrame:
    """A curve of two points for every layer, chip and policy; bounds at three quarters of it."""
    rows = []
    for chip, layer in itertools.product(CHIPS, every_layer(SKELETON)):
        energy, cycles = np.sort(rng.uniform(1, 9, 2)), -np.sort(-rng.uniform(1, 9, 2))
        for policy, share in ((BOUND, 0.75), (OPTIMAL, 1.0), (FIXED, 1.2)):
            for e, c in zip(energy[: 1 if policy == FIXED else 2], cycles, strict=False):
                costs = (share * e, share * c)
                rows.append((chip, policy, layer.name, *costs, *costs))
    names = ["chip", "policy", "layer", "energy_pj", "cycles", "floor_pj", "floor_cycles"]
    return pd.DataFrame(rows, columns=names)


@pytest.fixture(scope="module")
def family() -> Family:
    rng = np.random.default_rng(5)
    names = cells(40, rng)
    return cell_family("cells", names, list(rng.integers(0, 12, len(names)) / 2), SKELETON)


@pytest.fixture(scope="module")
def found(family: Family) -> pd.DataFrame:
    return table(family, curves(np.random.default_rng(1)), CHIPS)


def test_kendall_counts_pairs_of_networks() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        a, b = rng.integers(0, 5, (2, 25)).astype(float)
        pairs = list(itertools.combinations(range(25), 2))
        signs = [(np.sign(a[i] - a[j]), np.sign(b[i] - b[j])) for i, j in pairs]
        agreed = sum(x * y for x, y in signs)
        scale = np.sqrt(sum(x != 0 for x, _ in signs) * sum(y != 0 for _, y in signs))
        assert kendall(a, b) == pytest.approx(agreed / scale)


def test_correlations_are_one_for_equal_ranks_and_minus_one_for_opposite_ones() -> None:
    a = np.array([3.0, 1.0, 2.0, 10.0])
    for correlation in (spearman, kendall):
        assert correlation(a, a**3) == pytest.approx(1)
        assert correlation(a, -a) == pytest.approx(-1)
    assert np.isnan(kendall(a, np.ones(4)))


def test_survivors_are_those_that_no_other_network_beats() -> None:
    quality = np.array([1.0, 2.0, 2.0, 3.0, 0.5])
    cost = np.array([5.0, 5.0, 6.0, 9.0, 5.0])
    assert survivors(quality, cost).tolist() == [False, True, False, True, False]


def _edp(family: Family, curves: pd.DataFrame, chip: str, policy: str, row: int) -> float:
    """The least EDP of a network over every choice of its layers' points."""
    own = [
        [(count * e, count * c) for e, c in zip(curve.energy_pj, curve.cycles, strict=True)]
        for curve, count in zip(
            read_curves(curves, chip, policy, family.layers), family.counts[row], strict=True
        )
        if count
    ]
    return min(
        sum(e for e, _ in design) * sum(c for _, c in design) for design in itertools.product(*own)
    )


def test_spared_networks_that_win_are_found(family: Family, found: pd.DataFrame) -> None:
    """Each network is compared with all survivors, one by one."""
    made = curves(np.random.default_rng(1))
    quality = family.quality
    for policy in (FIXED,):
        edp = {
            chip: [_edp(family, made, chip, policy, row) for row in range(len(family))]
            for chip in CHIPS
        }
        for row in found[found["policy"] == policy].to_dict("records"):
            on_proxy, on_chip = edp[row["proxy"]], edp[row["chip"]]
            kept = [
                n
                for n in range(len(family))
                if not any(
                    quality[other] >= quality[n]
                    and on_proxy[other] <= on_proxy[n] * (1 + 1e-12)
                    and (quality[other] > quality[n] or on_proxy[other] < on_proxy[n] * (1 - 1e-12))
                    for other in range(len(family))
                )
            ]
            losses = []
            for n in set(range(len(family))) - set(kept):
                best = min((on_chip[k] for k in kept if quality[k] >= quality[n]), default=np.inf)
                if on_chip[n] < best * (1 - 1e-9):
                    losses.append(100 * (best / on_chip[n] - 1))
            assert (row["survivors"], row["wins"]) == (len(kept), len(losses))
            assert row["worst_loss"] == pytest.approx(max(losses, default=0.0))
            # With the costs themselves as bounds, all are certified that do not win.
            spared = len(family) - len(kept)
            assert row["certified"] == pytest.approx(100 * (spared - len(losses)) / spared)
            assert row["bounded"] <= row["certified"]


def test_optimal_mappings_cost_at_most_as_much_as_any_choice(family: Family) -> None:
    made = curves(np.random.default_rng(1))
    tiny = family.select(np.array([0, 1]))
    for row in range(len(tiny)):
        steps = Steps.over(read_curves(made, "one", OPTIMAL, tiny.layers))
        least = steps.least(tiny.counts, "edp")[0][row]
        assert least == pytest.approx(_edp(tiny, made, "one", OPTIMAL, row))


def test_no_network_that_is_dominated_wins_anywhere(family: Family) -> None:
    leading = set(family.leading().tolist())
    rng = np.random.default_rng(3)
    for _ in range(20):
        costs = family.counts @ rng.uniform(0.1, 5, len(family.layers))
        for n in range(len(family)):
            better = [k for k in leading if family.quality[k] >= family.quality[n]]
            assert n in leading or min(costs[k] for k in better) <= costs[n] * (1 + 1e-12)


def test_the_report_shows_every_pair(found: pd.DataFrame) -> None:
    assert len(found) == 2 * len(CHIPS) * (len(CHIPS) - 1)
    shown = view(found)
    assert isinstance(shown, View)
    assert len(shown.rows) == len(found)
    assert "cannot win on any accelerator" in answer(found)
    assert len({claim.id for claim in claims(found, BUDGET)}) == 6


def test_a_config_without_the_table_is_refused(tmp_path: Path) -> None:
    options = {"cells": str(tmp_path / "x.parquet"), "chips": ["simba", "nvdla"], "depth": 5}
    options |= {"inputs": 32, "channels": [16, 32, 64]}
    check(options, {"results": ["R1"]}, "mine.yaml: S1")
    with pytest.raises(InputError, match=r"mine.yaml: S1: cells: .*x.parquet: no such file; it is"):
        check(options, {"results": ["S3"]}, "mine.yaml: S1")
    with pytest.raises(InputError, match=r"S1: inputs is 30, expected a multiple of 4"):
        check(options | {"inputs": 30}, {"results": ["R1"]}, "mine.yaml: S1")
    with pytest.raises(InputError, match=r"chips: no 'simbo' \(did you mean 'simba'\?\)"):
        check(options | {"chips": ["simbo", "nvdla"]}, {"results": ["R1"]}, "mine.yaml: S1")


def test_without_the_table_a_sentence_says_where_it_comes_from(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no such file; it is the table .* docs/software.md"):
        find_cells(tmp_path / "nats.parquet")


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("cell", "|none~0|", "row 1: cell is"),
        ("cifar10_accuracy", np.nan, "cifar10_accuracy is not a number in every row"),
        ("cifar100_naswot_s", np.inf, "cifar100_naswot_s is not a number in every row"),
        ("cifar100_naswot", -np.inf, None),
    ],
)
def test_a_table_with_mistakes_is_refused(
    tmp_path: Path, column: str, value: object, message: str | None
) -> None:
    names = cells(2, np.random.default_rng(0))
    table = pd.DataFrame({"cell": names, **dict.fromkeys(COLUMNS[1:], 1.5)})
    table.loc[1, column] = value
    path = tmp_path / "nats.parquet"
    table.to_parquet(path)
    if message is None:
        assert find_cells(path)["cell"].tolist() == names
        return
    with pytest.raises(InputError, match=message):
        find_cells(path)


def test_a_cell_that_occurs_twice_is_refused(tmp_path: Path) -> None:
    name = cells(1, np.random.default_rng(0))[0]
    table = pd.DataFrame({"cell": [name, name], **dict.fromkeys(COLUMNS[1:], 1.5)})
    table.to_parquet(tmp_path / "nats.parquet")
    with pytest.raises(InputError, match="occurs twice, expected it once"):
        find_cells(tmp_path / "nats.parquet")
