"""Proven optima as a table: against every mapping there is, and where nothing fits."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from codesign.cost import Evaluator
from codesign.hardware.files import load_chip
from codesign.search.exact.exhaustive import enumerate_mappings
from codesign.search.settings import Search
from codesign.space.mapping_space import MapSpace
from codesign.store.provenance import STAGE
from codesign.store.table import read_metadata, read_table, write_table
from codesign.study.__main__ import main
from codesign.study.running.stage import MapSpaceName, Setting
from codesign.study.searches.mapping import map_layers
from codesign.study.searches.optima import INFEASIBLE, find_optima
from codesign.study.searches.workloads import layer_table
from codesign.study.spaces import ROW_STATIONARY
from codesign.workload import Layer, Workload
from tests.eyeriss import dataflow_of, point_of

CHIP = load_chip("eyeriss-168")
NETWORK = Workload(
    "M", (Layer.conv("gemm", P=8, C=32, K=16), Layer.conv("conv", R=3, S=3, P=8, Q=8, C=4)), (3, 1)
)


def test_no_mapping_of_the_space_is_better() -> None:
    """The least EDP of all row-stationary mappings, and as many priced as there are."""
    table = find_optima(Setting(NETWORK, CHIP)).set_index("layer")

    for layer in NETWORK.layers:
        space = MapSpace(layer, CHIP.hardware, CHIP.dataflow(ROW_STATIONARY))
        evaluator = Evaluator(layer, CHIP.hardware, CHIP.technology, "timeloop")
        edps = np.concatenate([evaluator.price(b).edp for b in enumerate_mappings(space)])
        assert table.loc[layer.name, "edp"] == np.nanmin(edps)
        assert table.loc[layer.name, "priced"] == len(edps)


def test_a_row_has_its_costs_and_its_proof() -> None:
    """EDP is energy times cycles; how often a layer occurs is kept, for the network's sums."""
    table = find_optima(Setting(NETWORK, CHIP))

    assert table["edp"].to_numpy() == pytest.approx(table["energy_pj"] * table["cycles"])
    assert table["count"].tolist() == [3, 1]
    assert set(table["certificate"]) == {"optimal"}
    assert (table["covered"] >= table["priced"]).all()


@pytest.mark.parametrize("accounting", ["timeloop", "timeloop-4", "exact"])
def test_no_search_undercuts_the_optimum(accounting: str) -> None:
    """Mapping searches of the study draw from the space whose optimum is proven."""
    setting = Setting(NETWORK, CHIP, accounting)
    least = find_optima(setting).set_index("layer")["edp"]

    found = (
        map_layers(setting, Search("random", 200), [0, 1]).trials.groupby("layer")["best_edp"].min()
    )

    assert (found >= least[found.index]).all()


def test_a_layer_without_any_mapping_has_no_optimum() -> None:
    """A filter of eight rows, unrolled over an array of six: NaN and no proof, but no error."""
    point = point_of(28, 6, h12=1)
    low = replace(CHIP.at(point), dataflows={ROW_STATIONARY: dataflow_of(point)})
    network = Workload("M", (Layer.conv("tall", R=8, S=8, P=4, Q=4),), (1,))

    (row,) = find_optima(Setting(network, low)).to_dict("records")

    assert np.isnan(row["edp"])
    assert (row["certificate"], row["priced"]) == (INFEASIBLE, 0)


def test_the_stage_writes_where_it_comes_from(tmp_path: Path) -> None:
    """The command line, from the table of the layers to the table of the optima."""
    layers, output = tmp_path / "layers.parquet", tmp_path / "optima.parquet"
    write_table(layer_table(replace(NETWORK, name="net"), "M"), layers, {STAGE: "workloads"})
    words = ["--layers", str(layers), "--hardware", "eyeriss-168", "--output", str(output)]

    assert main(["optima", *words, "--technology", "timeloop-pat-public"]) == 0

    assert read_table(output).equals(find_optima(Setting(NETWORK, CHIP)))
    assert "study_code" in read_metadata(output)


def test_optima_of_a_free_map_space_are_proven() -> None:
    """By branch and bound; no search ends below."""
    setting = Setting(NETWORK, load_chip("gemmini"))
    free = MapSpaceName("gemmini", "free")
    table = find_optima(setting, free).set_index("layer")
    found = map_layers(setting, Search("random", 100), [0, 1], free).trials

    assert set(table["certificate"]) == {"optimal"}
    assert set(table["space"]) == {"gemmini"}
    assert table["lower_bound_edp"].tolist() == pytest.approx(table["edp"].tolist())
    least = found.groupby("layer")["edp"].min()
    assert (least >= table["edp"].reindex(least.index) * (1 - 1e-12)).all()
