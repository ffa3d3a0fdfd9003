"""B3: the decomposition by hand, and combinations that cannot run."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from codesign.hardware.files import load_chip
from codesign.search.network import map_network
from codesign.search.output.designs import mapping_design
from codesign.search.settings import Search
from codesign.study.results.b3.crossed import EYERISS, FILTER_PINNED, FOUND, cross
from codesign.study.results.b3.table import costs, effects, table
from codesign.study.running.stage import ROW_STATIONARY, Setting
from codesign.workload import Layer, Workload
from tests.eyeriss import point_of

NETWORK = Workload("M", (Layer.conv("x", R=5, S=5, P=4, Q=4, C=4, K=8),), (3,))


def runs(edp: dict[tuple[str, str], float], seed: int = 0) -> pd.DataFrame:
    """One row a combination; NaN is infeasible."""
    rows = [
        ("M", seed, hardware, flow, np.isfinite(e), None if np.isfinite(e) else "too high", e, 1.0)
        for (hardware, flow), e in edp.items()
    ]
    columns = ["model", "seed", "hardware", "dataflow", "feasible", "problem", "energy_pj"]
    frame = pd.DataFrame(rows, columns=[*columns, "cycles"])
    return frame.assign(edp=frame["energy_pj"])


ALL = {
    (EYERISS, ROW_STATIONARY): 120.0,
    (EYERISS, "free"): 60.0,
    (FOUND, ROW_STATIONARY): 40.0,
    (FOUND, FILTER_PINNED): 30.0,
    (FOUND, "free"): 10.0,
}


def test_effects_multiply_to_the_total() -> None:
    """120 to 60 by mapping, to 40 by hardware, to 10 by both: an interaction of 2."""
    factors = np.exp(effects(runs(ALL)).set_index("restricted")[["mapping", "hardware"]])
    row = table(runs(ALL)).set_index("restricted").loc[ROW_STATIONARY]

    assert factors.loc[ROW_STATIONARY].tolist() == pytest.approx([2.0, 3.0])
    assert factors.loc[FILTER_PINNED].tolist() == pytest.approx([2.0, 4.0])
    assert row[["total", "interaction"]].tolist() == pytest.approx([12.0, 2.0])
    assert row["mapping"] * row["hardware"] * row["interaction"] == pytest.approx(row["total"])


def test_seeds_that_cannot_run_are_counted_and_left_out() -> None:
    """Only the other seed counts; the total does not need a restricted run."""
    nan = float("nan")
    both = pd.concat([runs(ALL), runs(ALL | {(FOUND, FILTER_PINNED): nan, (FOUND, "free"): 5}, 1)])

    row = table(both).set_index("restricted").loc[FILTER_PINNED]
    cost = costs(both).set_index(["hardware", "dataflow"]).loc[(FOUND, FILTER_PINNED)]

    assert (row["seeds"], row["infeasible"], row["hardware"]) == (2, 1, pytest.approx(4.0))
    assert row["total"] == pytest.approx(np.sqrt(12 * 24))
    assert (cost["infeasible"], cost["problem"]) == (1, "too high")
    assert cost["relative"] == pytest.approx(0.25)


def test_a_combination_that_never_runs_has_no_effect() -> None:
    """NaN, not a crash and not one."""
    row = table(runs(ALL | {(FOUND, FILTER_PINNED): float("nan")})).iloc[1]

    assert row["infeasible"] == 1
    assert np.isnan([row["hardware"], row["interaction"]]).all()
    assert row["mapping"] == pytest.approx(2.0)


def test_all_combinations_are_mapped_alike() -> None:
    """Eyeriss's run is the baseline's; five filter rows do not fit two rows of PEs as a whole."""
    chip = load_chip("eyeriss-168")
    other = chip.at(point_of(84, 2))
    found = map_network(NETWORK, other.hardware, Search("random", 10))
    design = replace(mapping_design(found, other), origin={"seed": 3})

    table = cross(Setting(NETWORK, chip), [design], Search("random", 10), [3])
    rows = table.set_index(["hardware", "dataflow"])
    baseline = map_network(
        NETWORK, chip.hardware, Search("random", 10, 3), dataflow=chip.dataflow(ROW_STATIONARY)
    )

    assert rows.index.tolist() == list(ALL)
    assert rows.loc[(EYERISS, ROW_STATIONARY), "edp"] == baseline.edp
    assert rows["feasible"].tolist() == [True, True, True, False, True]
    assert rows.loc[(FOUND, FILTER_PINNED), "problem"]
