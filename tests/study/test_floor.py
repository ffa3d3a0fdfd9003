"""The floor of R1: by hand for a small product, and below everything Timeloop ever answered."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from codesign.cost import Evaluator
from codesign.hardware import PAT, load_hardware
from codesign.space.mapping_space import MapSpace
from codesign.study.floor import cheapest_register_pj, layer_floor, network_floor, touched_words
from codesign.workload import Layer, Workload
from tests.eyeriss import budget_of

GEMM = Layer.conv("gemm", P=4, K=3, C=5)
BUDGET = budget_of(pes=6)
WORD_PJ = (5 / 99.5 * (2 / 1024 - 0.5)) + 1
"""A register file of one word of 16 bit, 2 bytes: formula of the energy table."""


def test_cheapest_register_file_holds_one_word() -> None:
    """With Timeloop's table, energy grows with size: 0.97497 pJ for one word."""
    assert cheapest_register_pj(BUDGET, PAT) == pytest.approx(WORD_PJ)
    assert pytest.approx(0.97497, abs=1e-5) == WORD_PJ


def test_floor_of_a_small_gemm_by_hand() -> None:
    """4×5 by 5×3: 60 operations, 20 + 15 + 12 words, 6 PEs."""
    floor = layer_floor(GEMM, BUDGET)

    assert floor.energy_pj == pytest.approx(60 * 1 + 60 * 4 * WORD_PJ + (20 + 15 + 12) * 200)
    assert floor.cycles == 10
    assert floor.edp == floor.energy_pj * 10


def test_exact_accounting_saves_first_reads() -> None:
    """Each of the 12 outputs sums 5 products in at most 5 PEs: 60 first reads less."""
    saved = layer_floor(GEMM, BUDGET).energy_pj - layer_floor(GEMM, BUDGET, PAT, "exact").energy_pj

    assert saved == pytest.approx(60 * WORD_PJ)


def test_strides_leave_words_untouched() -> None:
    """A 1×1 filter of stride 2 touches every other column; overlapping windows count once."""
    sparse = Layer.conv("sparse", P=4, Q=1, C=2, Wstride=2)
    window = Layer.conv("window", P=4, R=3)
    inputs = sparse.shape.dataspaces[1]

    assert touched_words(sparse, inputs) == 8
    assert sparse.words(inputs) == 14
    assert touched_words(window, inputs) == 6


def test_network_floor_counts_layers() -> None:
    """Sums over layers for one reading, the sum of products for the other."""
    other = Layer.conv("other", P=6)
    a, b = layer_floor(GEMM, BUDGET), layer_floor(other, BUDGET)

    total, of_layers = network_floor(Workload("net", (GEMM, other), (2, 3)), BUDGET)

    assert total.energy_pj == pytest.approx(2 * a.energy_pj + 3 * b.energy_pj)
    assert total.cycles == pytest.approx(2 * a.cycles + 3 * b.cycles)
    assert of_layers == pytest.approx(2 * a.edp + 3 * b.edp)


LAYERS = (
    Layer.conv("conv", R=3, S=3, P=14, Q=14, C=16, K=32),
    Layer.conv("strided", R=8, S=8, P=20, Q=20, C=4, K=16, Wstride=4, Hstride=4),
    Layer.conv("sparse", R=1, S=1, P=14, Q=14, C=16, K=32, Wstride=2, Hstride=2),
    Layer.conv("gemm", P=16, K=512, C=512),
    Layer.conv("no-reduction", P=64, K=64),
)


@pytest.mark.parametrize("accounting", ["timeloop", "timeloop-4", "exact"])
@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_no_mapping_is_below_the_floor(layer: Layer, accounting: str) -> None:
    """Thousands of valid mappings, and neighbours of the best ones, on Eyeriss."""
    hardware = load_hardware("eyeriss-168")
    floor = layer_floor(layer, budget_of(pes=168), PAT, accounting)
    space = MapSpace(layer, hardware)
    evaluator = Evaluator(layer, hardware, accounting=accounting)
    rng = np.random.default_rng(1)
    points = space.draw(rng, 2000)

    for _ in range(5):
        costs = evaluator.price(points)
        assert (costs.energy_pj >= floor.energy_pj * (1 - 1e-12)).all()
        assert (costs.cycles >= floor.cycles).all()
        best = np.argsort(costs.energy_pj)[:50]
        points = space.mutate(rng, points[best], 2000)


def test_no_answer_of_timeloop_is_below_the_floor(reference_dir: Path) -> None:
    """12 000 mappings on 2 000 accelerators of the paper's space, as Timeloop priced them."""
    with gzip.open(reference_dir / "space.jsonl.gz", "rt") as lines:
        records = [json.loads(line) for line in lines]
    layers = {
        r["define_layer"]: Layer.conv("x", **r["spec"]) for r in records if "define_layer" in r
    }
    pes = {
        r["define_arch"]: r["spec"]["arithmetic"]["instances"]
        for r in records
        if "define_arch" in r
    }
    floors = {
        (name, n): layer_floor(layer, budget_of(pes=n))
        for name, layer in layers.items()
        for n in set(pes.values())
    }
    asked = {r["id"]: floors[r["layer"], pes[r["arch"]]] for r in records if "id" in r}
    answers = pd.read_parquet(reference_dir / "space.answers.parquet")
    answers = answers[answers["valid"]]

    energy = np.array([asked[i].energy_pj for i in answers["id"]])
    cycles = np.array([asked[i].cycles for i in answers["id"]])

    assert len(answers) == 12_000
    assert (answers["energy_pj"].to_numpy() >= energy * (1 - 1e-12)).all()
    assert (answers["cycles"].to_numpy() >= cycles).all()
