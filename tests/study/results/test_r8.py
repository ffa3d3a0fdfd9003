"""R8: designs as rows, costs in parts that add up, sentences that say what the numbers say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from codesign.cost.breakdown import Breakdown
from codesign.hardware.files import Chip, load_chip
from codesign.search.network import map_network
from codesign.search.output.designs import mapping_design
from codesign.search.settings import Search
from codesign.store.design import Design
from codesign.study.results.r8.anatomy import delay_parts, describe, parts_of
from codesign.study.results.r8.parts import FULL, IDLE
from codesign.study.results.r8.reasons import reason
from codesign.study.results.r8.table import EYERISS, FOUND, collect, reasons, table
from codesign.study.running.designs import read_best, write_best
from codesign.workload import Layer, Workload
from tests.eyeriss import point_of

NETWORK = Workload(
    "M", (Layer.conv("x", R=3, S=3, P=8, Q=8, C=4, K=8), Layer.conv("y", C=16, K=32)), (2, 1)
)


def mapped(chip: Chip, seed: int, dataflow: str) -> Design:
    """The network on a chip, mapped at random."""
    run = map_network(
        NETWORK, chip.hardware, Search("random", 20), dataflow=chip.dataflow(dataflow)
    )
    return mapping_design(run, chip, {"seed": seed, "dataflow": dataflow})


@pytest.fixture(scope="module")
def chip() -> Chip:
    return load_chip("eyeriss-168")


@pytest.fixture(scope="module")
def designs(chip: Chip) -> list[tuple[str, Design]]:
    """Eyeriss, and two accelerators of its budget."""
    made = [(EYERISS, mapped(chip, 0, "row-stationary"))]
    for seed, point in enumerate((point_of(42, 4), point_of(28, 6, h6=2, h7=2, h11=1))):
        other = chip.at(point)
        design = mapped(other, seed, "free")
        made.append((FOUND, replace(design, origin={"seed": seed})))
    return made


def test_parts_add_up_to_the_costs_of_the_network(designs: list[tuple[str, Design]]) -> None:
    """Energy and cycles, a layer as often as the network has it."""
    for _, design in designs:
        sums = parts_of(design).groupby("quantity")["value"].sum()

        assert sums["energy_pj"] == pytest.approx(design.networks[0].energy_pj, rel=1e-12)
        assert sums["cycles"] == pytest.approx(design.networks[0].cycles, rel=1e-12)


def test_delay_is_operations_idle_pes_and_the_slowest_level() -> None:
    """100 steps where a full array needs 80; DRAM needs 130."""
    cycles = pd.Series([130, 110, 100], ["DRAM", "GlobalBuffer", "MACs"])
    parts = Breakdown(pd.DataFrame(), pd.Series(), 0.0, cycles, 0, {}, 1.0)

    assert delay_parts(parts, 80.0) == {FULL: 80.0, IDLE: 20.0, "DRAM": 30.0}


def test_a_busy_array_waits_for_nobody() -> None:
    """Where the multipliers set the pace, no level adds anything."""
    cycles = pd.Series([90, 100], ["DRAM", "MACs"])

    parts = Breakdown(pd.DataFrame(), pd.Series(), 0.0, cycles, 0, {}, 1.0)

    assert delay_parts(parts, 100.0) == {FULL: 100, IDLE: 0}


def test_a_design_is_described_by_its_parameters_and_costs(
    designs: list[tuple[str, Design]],
) -> None:
    """Utilization is operations by PEs and cycles."""
    design = designs[1][1]
    network = design.networks[0]

    row = describe(design)

    assert (row["H1"], row["H2"], row["H12"], row["pes"]) == (42, 4, 2, 168)
    macs = 2 * NETWORK.layers[0].macs + NETWORK.layers[1].macs
    assert row["utilization"] == pytest.approx(macs / (168 * network.cycles))


def test_the_best_seed_stands_for_its_kind(designs: list[tuple[str, Design]]) -> None:
    """With the range over seeds beside it."""
    rows, parts = collect(designs)
    best = table(rows).set_index("design")

    found = rows[rows["design"] == FOUND]
    assert rows["is_best"].sum() == 2
    assert best.loc[FOUND, "edp"] == best.loc[FOUND, "edp_low"] == found["edp"].min()
    assert best.loc[FOUND, "edp_high"] == found["edp"].max()
    assert (best.loc[FOUND, "H1_low"], best.loc[FOUND, "H1_high"]) == (28, 42)
    assert best["seeds"].to_dict() == {EYERISS: 1, FOUND: 2}
    assert rows["dataflow"].tolist() == ["row-stationary", "free", "R as row-stationary"]
    assert parts[parts["is_best"]].groupby("design")["seed"].nunique().to_dict() == {
        EYERISS: 1,
        FOUND: 1,
    }


def test_reasons_need_both_kinds(designs: list[tuple[str, Design]]) -> None:
    """A model for which nothing was found has none."""
    both = reasons(*collect(designs))
    alone = reasons(*collect(designs[:1]))

    assert both["model"].tolist() == ["M"]
    assert alone.empty


def sentence(
    eyeriss_cost: dict[str, float], found_cost: dict[str, float]
) -> dict[str, str | float]:
    """The reason of two designs whose costs are given by component."""
    energies, delays = ("operations", "DRAM"), (FULL, IDLE, "GlobalBuffer")

    def parts(cost: dict[str, float]) -> pd.DataFrame:
        rows = [("energy_pj", "x", n, "Weights", cost[n]) for n in energies if n in cost]
        rows += [("cycles", "x", n, "", cost[n]) for n in delays if n in cost]
        return pd.DataFrame(rows, columns=["quantity", "layer", "component", "dataspace", "value"])

    def totals(cost: dict[str, float]) -> pd.Series:
        energy = sum(cost.get(n, 0) for n in energies)
        cycles = sum(cost.get(n, 0) for n in delays)
        return pd.Series({"energy_pj": energy, "cycles": cycles, "edp": energy * cycles})

    return reason(
        "M", totals(eyeriss_cost), totals(found_cost), parts(eyeriss_cost), parts(found_cost)
    )


def test_a_gain_in_delay_is_called_one() -> None:
    """Half the cycles were idle; energy stays."""
    before = {"operations": 50.0, "DRAM": 50.0, FULL: 50.0, IDLE: 50.0}

    row = sentence(before, before | {IDLE: 0.0})

    assert row["sentence"] == (
        "M: EDP is 50.0 % below Eyeriss's, with energy × 1.000 and delay × 0.500; 100 % of that, "
        "in logarithms, is delay. Of delay, what changes most: cycles lost to idle PEs fall from "
        "50.0 to 0.0 % of Eyeriss's delay."
    )
    assert (row["delay_component"], row["delay_change"]) == (IDLE, -0.5)


def test_a_trade_and_a_loss_are_called_so() -> None:
    """Less energy for more waiting; more of both."""
    before = {"operations": 50.0, "DRAM": 50.0, FULL: 100.0}

    trade = sentence(before, before | {"DRAM": 20.0, "GlobalBuffer": 10.0})
    loss = sentence(before, before | {"DRAM": 60.0, "GlobalBuffer": 10.0})

    assert "it trades delay for energy" in str(trade["sentence"])
    assert "energy of DRAM, weights falls from 50.0 to 20.0 %" in str(trade["sentence"])
    assert "cycles lost to global buffer's bandwidth rise from 0.0 to 10.0 %" in str(
        trade["sentence"]
    )
    assert "EDP is 21.0 % above Eyeriss's" in str(loss["sentence"])


def test_nothing_found_is_a_file_with_a_comment(tmp_path: Path) -> None:
    """It reads back as no design."""
    write_best(None, tmp_path / "design.yaml", "Nothing was feasible.")

    assert (tmp_path / "design.yaml").read_text("utf-8") == "# Nothing was feasible.\n"
    assert read_best(tmp_path / "design.yaml") is None
