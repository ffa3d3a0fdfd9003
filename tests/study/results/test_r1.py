"""R1 by hand: pairs by seed, both readings, medians, headroom."""

from __future__ import annotations

import pandas as pd
import pytest

from codesign.study.results.r1.table import pairs, table


@pytest.fixture
def baselines() -> pd.DataFrame:
    """Two seeds of a model with layers x (twice) and y."""
    rows = [
        ("M", 0, "x", 2, 10.0, 3.0),
        ("M", 0, "y", 1, 20.0, 4.0),
        ("M", 1, "x", 2, 20.0, 3.0),
        ("M", 1, "y", 1, 40.0, 4.0),
    ]
    frame = pd.DataFrame(rows, columns=["model", "seed", "layer", "count", "energy_pj", "cycles"])
    return frame.assign(edp=frame["energy_pj"] * frame["cycles"])


@pytest.fixture
def optima() -> pd.DataFrame:
    """The least EDP of x is 24, of y 64: (2·8 + 16)·(2·3 + 4) = 320 in all, by layers 112."""
    rows = [("M", "x", 2, 8.0, 3.0, 24.0), ("M", "y", 1, 16.0, 4.0, 64.0)]
    return pd.DataFrame(rows, columns=["model", "layer", "count", "energy_pj", "cycles", "edp"])


@pytest.fixture
def searches() -> pd.DataFrame:
    """Two seeds; the first trial of seed 1 is infeasible."""
    nan = float("nan")
    rows = [
        ("M", 0, 30.0, 8.0, 240.0, 110.0),
        ("M", 0, 25.0, 8.0, 200.0, 105.0),
        ("M", 1, nan, nan, nan, nan),
        ("M", 1, 64.0, 10.0, 640.0, 210.0),
    ]
    columns = ["model", "seed", "energy_pj", "cycles", "edp", "edp_of_layers"]
    return pd.DataFrame(rows, columns=columns)


def test_pairs_compare_the_best_trial_seed_by_seed(
    baselines: pd.DataFrame, searches: pd.DataFrame, optima: pd.DataFrame
) -> None:
    """Seed 0: 200 against (2·10 + 20)·(2·3 + 4) = 400; by layers 105 against 2·30 + 80 = 140."""
    rows = pairs(baselines, searches, optima).set_index(["reading", "seed"])

    assert rows["eyeriss_edp"].to_dict() == {
        ("product", 0): 400.0,
        ("layers", 0): 140.0,
        ("product", 1): 800.0,
        ("layers", 1): 280.0,
    }
    assert rows["improvement"].to_dict() == pytest.approx(
        {("product", 0): 50.0, ("layers", 0): 25.0, ("product", 1): 20.0, ("layers", 1): 25.0}
    )
    assert rows.loc[("product", 0), "energy_ratio"] == pytest.approx(25 / 40)
    assert rows.loc[("product", 0), "cycles_ratio"] == pytest.approx(8 / 10)


def test_pairs_compare_with_optimal_mapping_too(
    baselines: pd.DataFrame, searches: pd.DataFrame, optima: pd.DataFrame
) -> None:
    """Seed 0: 200 of 320 and 105 of 112; seed 1 found 640, twice what Eyeriss needs at best."""
    rows = pairs(baselines, searches, optima).set_index(["reading", "seed"])

    assert rows["optimal_eyeriss_edp"].tolist() == [320.0, 112.0, 320.0, 112.0]
    assert rows["improvement_optimal"].to_dict() == pytest.approx(
        {("product", 0): 37.5, ("layers", 0): 6.25, ("product", 1): -100.0, ("layers", 1): -87.5}
    )


def test_table_has_medians_headroom_and_the_papers_number(
    baselines: pd.DataFrame, searches: pd.DataFrame, optima: pd.DataFrame
) -> None:
    """Headroom is what the bound leaves of Eyeriss's median EDP; 420 is above it by 180 %."""
    paired = pairs(baselines, searches, optima).assign(model="ResNet")
    bounds = pd.DataFrame(
        {
            "model": "ResNet",
            "reading": ["product", "layers"],
            "floor_edp": [120.0, 21.0],
            "bound_edp": [150.0, 21.0],
        }
    )

    rows = table(paired, bounds).set_index("reading")

    found = rows.loc["product", ["improvement", "low", "high"]].tolist()
    assert found == pytest.approx([35.0, 20.0, 50.0])
    assert rows.loc["product", "headroom"] == pytest.approx(100 * (1 - 150 / 600))
    assert rows.loc["layers", "headroom"] == pytest.approx(90.0)
    assert rows.loc["product", "bound_excess"] == pytest.approx(180.0)
    found = rows.loc["product", ["improvement_optimal", "optimal_low", "optimal_high"]].tolist()
    assert found == pytest.approx([-31.25, -100.0, 37.5])
    assert rows.loc["product", "headroom_optimal"] == pytest.approx(100 * (1 - 150 / 320))
    assert rows.loc["product", "optimal_eyeriss_edp"] == 320.0
    assert set(rows["paper"]) == {18.3}


def test_a_search_without_any_feasible_design_saves_nothing_known(
    baselines: pd.DataFrame, searches: pd.DataFrame, optima: pd.DataFrame
) -> None:
    """NaN, not a crash and not zero."""
    failed = searches[searches["seed"] == 1].iloc[:1]

    rows = pairs(baselines, failed, optima)

    assert rows[["improvement", "improvement_optimal"]].isna().all(axis=None)
