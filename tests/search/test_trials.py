"""Searches as tables: the columns of every `trials.parquet`."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from codesign.columns import CHIP_EDP, DESIGN, RESERVED
from codesign.hardware.files import load_chip
from codesign.search.hardware import search_hardware
from codesign.search.hardware_run import HardwareRun
from codesign.search.mapper import map_layer
from codesign.search.network import map_network
from codesign.search.output.trials import hardware_trials, mapping_trials
from codesign.search.registry import METHODS, Method
from codesign.search.settings import Search
from codesign.space.chip_space import PointBatch
from codesign.workload import Layer, Workload
from tests.eyeriss import EYERISS_168, point_of
from tests.search.tasks import CRAMPED, PRODUCT, task

OUTCOMES = ["trial", "feasible", "violation", "energy_pj", "cycles", "edp", "best_edp"]
COLUMNS = ["experiment", "model", "layer", "hardware", "method", "seed", *OUTCOMES]
LAYER = Layer.conv("wide", R=8, S=8, P=5, Q=5, C=4, K=16, Wstride=4, Hstride=4)


def test_columns_of_a_mapping_search() -> None:
    """Labels, names, outcomes, then the parameters."""
    run = map_layer(task(), Search("random", 25, 3))

    table = mapping_trials(run, experiment="mine", model="network")

    assert table.columns[: len(COLUMNS)].to_list() == COLUMNS
    assert table.columns[len(COLUMNS) :].to_list() == run.parameters.columns.to_list()
    assert table["trial"].to_list() == list(range(25))
    labels = table[COLUMNS[:6]].drop_duplicates().to_numpy().tolist()
    assert labels == [["mine", "network", "product", "pair", "random", 3]]


def test_rows_of_a_mapping_search() -> None:
    """What every trial costs, and the best up to it."""
    run = map_layer(task(), Search("random", 25, 3))

    table = mapping_trials(run)

    assert table["feasible"].all()
    assert table["violation"].isna().all()
    assert (table["edp"] == run.costs.edp).all()
    assert (table["edp"] == table["energy_pj"] * table["cycles"]).all()
    assert (table["best_edp"] == table["edp"].cummin()).all()
    assert (table["K.DRAM"] * table["K.Buffer"] * table["K.Registers"] <= 4).all()


def test_raw_draws_are_a_column() -> None:
    """Methods that reject draws have it."""
    run = map_layer(task(), Search("timeloop-random", 25))

    table = mapping_trials(run)

    assert table["draws"].to_list() == run.draws.tolist()  # type: ignore[union-attr]
    assert "draws" not in mapping_trials(map_layer(task(), Search("random", 5)))


def test_a_search_without_a_mapping_is_a_row() -> None:
    """It says why."""
    run = map_layer(task(hardware=CRAMPED), Search("random", 25))

    table = mapping_trials(run, experiment="mine", model="network")

    assert table.columns.to_list() == COLUMNS
    assert len(table) == 1
    assert not table["feasible"].any()
    assert table["violation"].to_list() == ["Registers would hold 3 words, it has 2"]
    assert table[["energy_pj", "cycles", "edp", "best_edp"]].isna().all(axis=None)


@pytest.fixture
def hardware_run(monkeypatch: pytest.MonkeyPatch) -> HardwareRun:
    """Three trials, the first of which has no mapping for a filter of eight rows."""
    points = [point_of(28, 6, h12=1), point_of(14, 12), point_of(21, 8)]

    class Scripted:
        def ask(self) -> PointBatch:
            return PointBatch(EYERISS_168.template, EYERISS_168.template.values(points))

        def tell(self, points: PointBatch, losses: np.ndarray) -> None:
            pass

    monkeypatch.setitem(
        METHODS,
        "scripted",
        Method("scripted", lambda space, rng, trials: Scripted(), "scripted", "#000000"),
    )
    networks = [
        Workload("one", (LAYER, Layer.conv("product", P=16, C=64, K=64)), (1, 2)),
        Workload("two", (LAYER,), (5,)),
    ]
    return search_hardware(
        networks,
        load_chip("eyeriss-168"),
        Search("scripted", 3, 2),
        Search("random", 12, 2),
        start=False,
    )


def test_columns_of_a_hardware_search(hardware_run: HardwareRun) -> None:
    """The same, with the method of the inner search, the other reading of EDP, and H1 to H12."""
    table = hardware_trials(hardware_run, experiment="mine", model="network")

    assert table.columns.to_list() == [
        *COLUMNS[:5],
        "inner_method",
        *COLUMNS[5:],
        "edp_of_layers",
        "area_mm2",
        *(f"H{number}" for number in range(1, 13)),
    ]
    assert table["layer"].unique().tolist() == ["all"]
    assert table["hardware"].unique().tolist() == ["eyeriss-168"]
    assert table[["H1", "H2", "H12"]].to_numpy().tolist() == [[28, 6, 1], [14, 12, 2], [21, 8, 2]]


def test_no_column_is_missing_among_those_reserved() -> None:
    """What tables can have beside parameters, a file cannot name a parameter."""
    network = Workload("one", (LAYER,), (1,))
    labels = {"experiment": "mine", "model": "network"}
    found = set(mapping_trials(map_layer(task(), Search("timeloop-random", 5)), **labels))
    found -= set(map_layer(task(), Search("random", 5)).parameters)
    for objective in ("edp", "energy", "delay", "pareto"):
        run = search_hardware(
            [network],
            load_chip("eyeriss-168"),
            Search("random", 2, 0, objective),
            Search("random", 4),
        )
        found |= set(hardware_trials(run, **labels)) - {f"H{n}" for n in range(1, 13)}

    # The study names the space of every trial and has the EDP of the chip; of a family, a trial
    # names the network.
    assert found | {DESIGN, "space", CHIP_EDP, "network"} == RESERVED


def test_rows_of_a_hardware_search(hardware_run: HardwareRun) -> None:
    """Energy and cycles are sums over all networks, both EDPs are geometric means."""
    table = hardware_trials(hardware_run)

    assert table["feasible"].to_list() == [False, True, True]
    one, two = hardware_run.networks[1]
    row = table.loc[1]
    assert row["energy_pj"] == one.energy_pj + two.energy_pj
    assert row["cycles"] == one.cycles + two.cycles
    assert row["edp"] == pytest.approx(np.sqrt(one.edp * two.edp), rel=1e-12)
    assert row["edp_of_layers"] == pytest.approx(
        np.sqrt(one.edp_of_layers * two.edp_of_layers), rel=1e-12
    )
    assert row["best_edp"] == row["edp"]
    assert table.loc[2, "best_edp"] == table["edp"].min()


def test_a_failed_hardware_trial_says_why(hardware_run: HardwareRun) -> None:
    """The first layer without a mapping gives the reason, and there is no cost."""
    table = hardware_trials(hardware_run)

    assert table.loc[0, "violation"] == "DummyBuffer spreads over 8 children in Y, it has 6"
    assert table.loc[1:, "violation"].isna().all()
    assert table.loc[0, ["energy_pj", "cycles", "edp", "best_edp", "edp_of_layers"]].isna().all()


def test_a_point_over_budget_says_so(hardware_run: HardwareRun) -> None:
    """It has parameters and a reason, and no cost."""
    broken = replace(
        hardware_run,
        networks=((), *hardware_run.networks[1:]),
        violations=("H7", *hardware_run.violations[1:]),
    )

    table = hardware_trials(broken)

    assert table["violation"].to_list()[0] == "H7"
    assert table["feasible"].to_list() == [False, True, True]
    assert table.loc[0, ["energy_pj", "cycles", "edp", "best_edp", "edp_of_layers"]].isna().all()
    assert table.loc[0, ["H1", "H2"]].to_list() == [28, 6]
    assert table.loc[1:].equals(hardware_trials(hardware_run).loc[1:])


def test_tables_depend_on_the_search_alone() -> None:
    """Two runs of the same search give the same table."""
    tables = [mapping_trials(map_layer(task(), Search("random", 30, 5))) for _ in range(2)]

    assert tables[0].equals(tables[1])


def test_layers_of_a_network_are_told_apart() -> None:
    """One table a layer, with the layer's own name."""
    network = Workload("network", (PRODUCT, Layer.conv("other", K=4, C=4)), (1, 1))
    run = map_network(network, task().hardware, Search("random", 5))

    names = [mapping_trials(search)["layer"].unique().tolist() for search in run.runs]

    assert names == [["product"], ["other"]]
