"""The accountings of later Timeloops against what these Timeloops said.

Two sets of answers are too large, or not ours, to be committed. The mappings of DOSA's data set
are read from `timeloop4` in the folder that CODESIGN_SHARED names (else `shared` beside the
checkout), Timeloop 4's exercises from the checkout that TIMELOOP_EXERCISES names. What is written
out below are some of their rows in our own form.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from codesign.accounting import ACCOUNTINGS
from codesign.cost import Evaluator
from codesign.cost.record_table import evaluate_records
from codesign.hardware import Arithmetic, Hardware, StorageLevel
from codesign.mapping import LevelMapping, Mapping, MappingBatch
from codesign.workload import Layer
from tests.cost.timeloop_outputs import Published, read_run, runs

ROOT = Path(__file__).parents[2]
DOSA = Path(os.environ.get("CODESIGN_SHARED", ROOT.parent / "shared")) / "timeloop4"
EXERCISES = os.environ.get("TIMELOOP_EXERCISES", "")
RUNS = dict(runs(Path(EXERCISES))) if EXERCISES else {}


def _loops(text: str) -> tuple[tuple[str, int], ...]:
    """ "K4 C2", innermost first."""
    return tuple((loop[0], int(loop[1:])) for loop in text.split())


def _level(temporal: str, spatial: str = "", bypass: str = "") -> LevelMapping:
    """A level's loops; "C16X" is 16-fold along X; "WIO" names the dataspaces that pass it by."""
    names = {"W": "Weights", "I": "Inputs", "O": "Outputs"}
    return LevelMapping(
        _loops(temporal),
        tuple((loop[0], loop[-1], int(loop[1:-1])) for loop in spatial.split()),
        frozenset(names[letter] for letter in bypass),
    )


def _assert_counts(run: Published, accounting: str) -> None:
    """All cycles and counts are those of the run."""
    evaluator = Evaluator(run.layer, run.hardware, accounting=accounting)
    costs, detail = evaluator.detail(MappingBatch.of(run.layer.shape, [run.mapping]))
    tables = [detail.tile_words, detail.reads, detail.fills, detail.updates]
    spaces = run.layer.shape.dataspace_names
    found = {
        (level, space): tuple(
            int(table[0, run.hardware.index(level), spaces.index(space)]) for table in tables
        )
        for level, space in run.counts
    }
    assert run.counts
    assert found == run.counts
    assert costs.cycles[0] == run.cycles


# --- counted by Timeloop 4, †: `timeloop` says otherwise


def _hardware(*levels: StorageLevel, pes: tuple[int, int]) -> Hardware:
    return Hardware("published", Arithmetic("MACs", pes[0] * pes[1], pes[0]), levels)


STORE: dict[str, object] = {"read_bandwidth": 2.0, "write_bandwidth": 2.0}
CHANNELS = Published(
    Layer.conv("channels", R=3, P=16, C=32, K=32),
    _hardware(
        StorageLevel("RegisterFile", 64, instances=16, mesh_x=16),
        StorageLevel("GlobalBuffer", 2**18, instances=16, mesh_x=16),
        StorageLevel("MainMemory", None, technology="DRAM"),
        pes=(16, 1),
    ),
    Mapping((_level("P16"), _level("R3 K32 C2"), _level("", "C16X"))),
    3072,
    {
        ("RegisterFile", "Weights"): (1, 3072, 192, 0),
        ("RegisterFile", "Inputs"): (16, 3072, 1152, 0),
        ("RegisterFile", "Outputs"): (16, 2560, 512, 3072),  # †
        ("GlobalBuffer", "Weights"): (192, 192, 192, 0),
        ("GlobalBuffer", "Inputs"): (36, 1152, 36, 0),
        ("GlobalBuffer", "Outputs"): (512, 512, 0, 1024),  # †
        ("MainMemory", "Weights"): (3072, 3072, 0, 0),
        ("MainMemory", "Inputs"): (576, 576, 0, 0),
        ("MainMemory", "Outputs"): (512, 0, 0, 512),
    },
)
"""One window, channels side by side: an output tile's first visit needs no fill."""

EYERISS = _hardware(
    StorageLevel("Psums", 16, instances=168, mesh_x=14, **STORE),  # type: ignore[arg-type]
    StorageLevel("Weights", 384, instances=168, mesh_x=14, **STORE),  # type: ignore[arg-type]
    StorageLevel("Inputs", 24, instances=168, mesh_x=14, **STORE),  # type: ignore[arg-type]
    StorageLevel("Columns", 0, instances=14, mesh_x=14),
    StorageLevel("Buffer", 2**17, read_bandwidth=16.0, write_bandwidth=16.0),
    StorageLevel("DRAM", None, technology="DRAM"),
    pes=(14, 12),
)
STRIDED = Published(
    Layer.conv("strided", R=3, S=3, P=112, Q=112, C=3, K=32, Wstride=2, Hstride=2),
    EYERISS,
    Mapping(
        (
            _level("K8", bypass="WI"),
            _level("R3", bypass="IO"),
            _level("", bypass="WO"),
            _level("", "S3Y C3Y", bypass="WIO"),
            _level("Q4 P14", "Q14X", bypass="W"),
            _level("K4 Q2 P8"),
        )
    ),
    86016,
    {
        ("Psums", "Outputs"): (8, 57344, 0, 86016),  # †
        ("Weights", "Weights"): (24, 86016, 1536, 0),
        ("Inputs", "Inputs"): (3, 86016, 10752, 0),
        ("Buffer", "Inputs"): (9831, 1354752, 157296, 0),  # †
        ("Buffer", "Outputs"): (6272, 0, 0, 401408),  # †
        ("DRAM", "Weights"): (864, 13824, 0, 0),
        ("DRAM", "Inputs"): (151875, 157296, 0, 0),  # †
        ("DRAM", "Outputs"): (401408, 0, 0, 401408),
    },
)
"""K innermost above the buffer leaves its inputs in place, which is remembered: no strip is saved
when Q and P move them then."""

LARGE = Published(
    Layer.conv("large", R=3, S=3, P=56, Q=56, C=128, K=256),
    EYERISS,
    Mapping(
        (
            _level("K8", bypass="WI"),
            _level("C8 R3", bypass="IO"),
            _level("", bypass="WO"),
            _level("", "S3Y K4Y", bypass="WIO"),
            _level("P8 C4 K2", "Q14X", bypass="W"),
            _level("K4 P7 C4 Q4"),
        )
    ),
    5505024,
    {
        ("Psums", "Outputs"): (8, 5490688, 215040, 5505024),  # †
        ("Weights", "Weights"): (192, 5505024, 688128, 0),
        ("Inputs", "Inputs"): (24, 5505024, 286720, 0),
        ("Buffer", "Inputs"): (5120, 12042240, 573440, 0),  # †
        ("Buffer", "Outputs"): (7168, 12042240, 2408448, 12845056),  # †
        ("DRAM", "Weights"): (294912, 8257536, 0, 0),
        ("DRAM", "Inputs"): (430592, 573440, 0, 0),  # †
        ("DRAM", "Outputs"): (802816, 2408448, 0, 3211264),
    },
)
"""The same above a window of stride 1, and sums that come back."""


@pytest.mark.parametrize("run", [CHANNELS, STRIDED, LARGE], ids=lambda run: run.layer.name)
def test_timeloop_4_counts_what_timeloop_4_counted(run: Published) -> None:
    """Every tile, read, fill and update, and the cycles."""
    _assert_counts(run, "timeloop-4")


@pytest.mark.parametrize("run", [CHANNELS, STRIDED, LARGE], ids=lambda run: run.layer.name)
@pytest.mark.parametrize("accounting", [name for name in ACCOUNTINGS if name != "timeloop-4"])
def test_other_accountings_count_otherwise(run: Published, accounting: str) -> None:
    """So that the case above says something."""
    with pytest.raises(AssertionError):
        _assert_counts(run, accounting)


def _gemmini(mesh: int, entries: tuple[int, int]) -> Hardware:
    """A chip of DOSA's: a mesh of MACs, accumulators along X, a scratchpad."""
    return Hardware(
        "gemmini",
        Arithmetic("MACs", mesh * mesh, mesh, 8),
        (
            StorageLevel("Registers", 1, instances=mesh * mesh, mesh_x=mesh),
            StorageLevel(
                "Accumulator", entries[0], instances=mesh, mesh_x=mesh, shared_bandwidth=2
            ),
            StorageLevel("Scratchpad", entries[1], shared_bandwidth=2 * mesh),
            StorageLevel("DRAM", None, technology="DRAM", shared_bandwidth=8),
        ),
    )


def _stationary(accumulator: str, channels: str, scratchpad: str, dram: str) -> Mapping:
    return Mapping(
        (
            _level("", bypass="IO"),
            _level(accumulator, channels, "WI"),
            _level("", scratchpad, "O"),
            _level(dram),
        )
    )


WIDE = (
    Layer.conv("wide", R=3, S=3, P=56, Q=56, C=256, K=256),
    _gemmini(32, (128, 2048)),
    _stationary("Q7 C2 K2", "C32Y", "K4X", "R3 P56 K32 C4 S3 Q8"),
)
SMALL = (
    Layer.conv("small", R=3, S=3, P=13, Q=13, C=256, K=256),
    _gemmini(64, (128, 4096)),
    _stationary("K4", "C16Y", "K2X", "R3 P13 K32 C16 S3 Q13"),
)


@pytest.mark.parametrize(
    ("case", "cycles", "by_2020"),
    [
        pytest.param(WIDE, 64_239_616, 54_777_856, id="wide"),
        pytest.param(SMALL, 14_531_296, 14_052_064, id="small"),
    ],
)
def test_cycles_of_2022(case: tuple[Layer, Hardware, Mapping], cycles: int, by_2020: int) -> None:
    """Where S and Q lie around other loops, strips are not saved as in 2020, and memory is slow."""
    layer, hardware, mapping = case
    mapping.check(layer, hardware)
    batch = MappingBatch.of(layer.shape, [mapping])

    for accounting, expected in ("timeloop-2022", cycles), ("timeloop", by_2020):
        costs = Evaluator(layer, hardware, accounting=accounting).price(batch)
        assert costs.cycles[0] == expected, accounting


# --- all answers, where they are available


@pytest.fixture(scope="module")
def dosa() -> pd.DataFrame:
    """Identifiers and cycles of DOSA's data set."""
    path = DOSA / "dosa.answers.parquet"
    if not path.exists():
        pytest.skip(f"{path} is not there (CODESIGN_SHARED names the folder of timeloop4)")
    return pd.read_parquet(path)


def test_all_cycles_of_dosa(dosa: pd.DataFrame) -> None:
    """20 432 mappings on 95 chips, most without windows: the same cycles."""
    found = evaluate_records([DOSA / "dosa.jsonl.gz"], "timeloop-2022")

    assert len(found) == len(dosa) == 20_432
    assert found["id"].astype(str).to_list() == dosa["id"].to_list()
    np.testing.assert_array_equal(found["cycles"], dosa["cycles"])


@pytest.mark.skipif(not RUNS, reason="TIMELOOP_EXERCISES names no checkout of Timeloop's exercises")
@pytest.mark.parametrize("name", RUNS)
def test_all_published_counts(name: str) -> None:
    """Every dense run of Timeloop 4's exercises."""
    _assert_counts(read_run(RUNS[name]), "timeloop-4")
