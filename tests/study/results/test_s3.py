"""S3: the search finds what it should on a table, and the published row comes out."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from codesign.hardware.files import load_chip
from codesign.search.network import map_network
from codesign.search.settings import Search
from codesign.study import paper
from codesign.study.results.s3.claims import PUBLISHED, claims
from codesign.study.results.s3.freerea import Benchmark, search, skip
from codesign.study.results.s3.searched import find_accelerators, front_rows
from codesign.study.results.s3.table import fronts, searched, table
from codesign.study.results.s3.view import answer, view
from codesign.study.results.s3.view import fronts as fronts_view
from codesign.study.searches.cells import DATASETS, find_cells
from codesign.workload.cells import EDGES, OPERATIONS, cell_family
from tests.study.results.test_s1 import SKELETON, cells, curves

ROOT = Path(__file__).parents[3]
NATS = Path(os.environ.get("CODESIGN_SHARED", ROOT.parent / "shared")) / "nas" / "nats.parquet"
BUDGET = paper.Spent(1, 1, 1)


def _benchmark() -> Benchmark:
    """All cells; NASWOT rises with 3 × 3 convolutions, and every cell takes a second."""
    every = list(itertools.product(range(len(OPERATIONS)), repeat=len(EDGES)))
    convolutions = [cell.count(OPERATIONS.index("nor_conv_3x3")) for cell in every]
    metrics = np.zeros((len(every), 3))
    metrics[:, 0] = convolutions
    rows = {cell: row for row, cell in enumerate(every)}
    return Benchmark(rows, metrics, np.ones(len(every)))


def test_the_search_finds_the_fittest_cell_within_its_time() -> None:
    benchmark = _benchmark()
    row, looked_at = search(benchmark, np.random.default_rng(0), 400.0)
    assert benchmark.metrics[row, 0] == 6
    # The step in which the time runs out still looks at its three children.
    assert 400 <= looked_at <= 402
    assert search(benchmark, np.random.default_rng(0), 400.0) == (row, looked_at)


def test_a_short_search_ends_while_it_draws_its_population() -> None:
    assert search(_benchmark(), np.random.default_rng(0), 5.0)[1] == 5


@pytest.mark.parametrize(
    ("operations", "expected"),
    [
        (("none",) * 6, 0.0),
        (("none", "none", "none", "skip_connect", "none", "none"), 2.0),
        (("skip_connect", "none", "none", "skip_connect", "none", "none"), 1.0),
    ],
)
def test_skip_is_the_mean_of_nodes_jumped_over(
    operations: tuple[str, ...], expected: float
) -> None:
    assert skip(operations) == expected


def test_the_front_of_a_chip_has_what_no_other_network_beats() -> None:
    rng = np.random.default_rng(2)
    names = cells(40, rng)
    family = cell_family("cells", names, list(rng.uniform(50, 90, len(names))), SKELETON)
    made = curves(rng)
    nothing = pd.DataFrame(columns=["chip", "cell", "searched_edp", "bound_edp"])
    found = fronts(family, made, nothing, names[0])
    assert set(found["chip"]) == {"one", "two", "three"}
    for _, part in found.groupby("chip"):
        front = part[part["on_front"]].sort_values("edp")
        assert front["accuracy"].is_monotonic_increasing
        assert front["accuracy"].max() == family.quality.max()
        assert part["freerea"].sum() == 1
    rows = front_rows(family, made, "one", 3)
    on_front = found[(found["chip"] == "one") & found["on_front"]]
    assert {names[row] for row in rows} <= set(on_front["cell"])
    assert len(rows) == min(3, len(on_front))
    assert len(fronts_view(found).rows) == len(found)


@pytest.mark.skipif(not NATS.exists(), reason="CODESIGN_SHARED names the folder of nas")
@pytest.mark.parametrize("seeds", [8, pytest.param(30, marks=pytest.mark.slow)])
def test_the_published_row_comes_out(seeds: int) -> None:
    found = table(searched(find_cells(NATS), 0, seeds, 45.0))
    assert list(found["dataset"]) == list(DATASETS)
    for row in found.to_dict("records"):
        assert row["accuracy"] == pytest.approx(PUBLISHED[row["dataset"]], abs=0.1)
        assert row["accuracy"] <= row["best"]
    assert [claim.verdict for claim in claims(found, BUDGET)] == ["agree"] * 3
    assert len(view(found).rows) == 3
    assert "cifar10 94." in answer(found)


@pytest.mark.slow
@pytest.mark.parametrize("work", [0, 1])
def test_accelerators_are_searched_and_bounded(tmp_path: Path, work: int) -> None:
    """No accelerator is below the bound, and the chip itself is one of those that are tried."""
    path = tmp_path / "small.yaml"
    path.write_text(
        "name: small\ntemplate: eyeriss\n"
        "budget: {pes: 4, local_words: 64, global_kb: 4}\n"
        "parameters: {H1: 2, H2: 2, H3: 12, H4: 32, H5: 16}\n",
        encoding="utf-8",
    )
    chip = load_chip(path)
    family = cell_family("cells", cells(2, np.random.default_rng(0)), [1.0, 2.0], SKELETON)
    found = find_accelerators(family, [1], chip, "timeloop", trials=2, seed=0, work=work)
    (row,) = found.to_dict("records")
    own = map_network(family.network(1), chip.hardware, Search("traffic", 250), hints=chip.hints)
    assert row["cell"] == family.names[1]
    assert 0 < row["searched_edp"] <= own.edp
    assert np.isnan(row["bound_edp"]) if work == 0 else 0 < row["bound_edp"] <= row["searched_edp"]
