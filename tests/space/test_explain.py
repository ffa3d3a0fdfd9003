"""Explanations are true: what is said to be broken is, what is said to suffice does."""

from __future__ import annotations

import dataclasses
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings

from codesign.cli import main
from codesign.cost import REASONS, Evaluator
from codesign.factors import PADDED
from codesign.hardware import Arithmetic, Hardware, StorageLevel
from codesign.hardware.dataflow import FIT, FREE, Dataflow, SlotRule
from codesign.hardware.files import Chip, load_chip
from codesign.hardware.resizing import entries_for, resized
from codesign.space.explain import (
    best_drawn,
    count_rejections,
    enlarged,
    nearest_point,
    needs,
    relaxed,
    tile_words,
)
from codesign.space.mapping_space import MapSpace
from codesign.workload import Layer
from tests.budgets import count
from tests.space.strategies import seeds, spaces

LAYER = Layer.conv("conv", R=3, S=3, P=14, Q=14, C=16, K=32)
WHOLE = Dataflow(
    "whole",
    (
        SlotRule("Accumulator", "temporal", (("P", "all"), ("Q", 14))),
        SlotRule("Scratchpad", "temporal", (("K", 2),)),
    ),
)


@pytest.fixture
def chip(tmp_path: Path) -> Chip:
    """A Gemmini with accumulators that are too small for planes of 14 × 14."""
    text = Path(str(load_chip("gemmini").template.where)).read_text(encoding="utf-8")
    text = text.replace("  accumulator_kb: 64", "  accumulator_kb: 8", 1)
    text = text.replace("accumulator_kb: {from: 16,", "accumulator_kb: {from: 8,")
    path = tmp_path / "small.yaml"
    path.write_text(text, encoding="utf-8")
    return load_chip(path)


def has_fit(space: MapSpace) -> bool:
    return any(pin == FIT for rule in space.dataflow.rules for _, pin in rule.pinned)


@settings(max_examples=count(25, 60), suppress_health_check=list(HealthCheck), deadline=None)
@given(spaces(), seeds)
def test_rejections_are_the_cost_models(space: MapSpace, seed: int) -> None:
    """The same draws break the same rules at the same levels."""
    found = count_rejections(space, np.random.default_rng(seed), 200)
    if found is None:
        assert space.problem is not None
        return

    batch = space.draw_raw(np.random.default_rng(seed), 200)
    costs = Evaluator(space.layer, space.hardware).price(batch)
    expected = Counter(
        (REASONS[reason], space.hardware.levels[level].name)
        for reason, level in zip(costs.reason, costs.level, strict=True)
        if reason
    )
    merged: Counter[tuple[str | None, str]] = Counter()
    for (rule, level, _), number in found.rules.items():
        merged[rule, level] += number
    assert merged == expected
    assert (found.drawn, found.valid) == (200, int(costs.valid.sum()))


@settings(max_examples=count(30, 100), suppress_health_check=list(HealthCheck), deadline=None)
@given(spaces())
def test_needs_are_exact(space: MapSpace) -> None:
    """With what is needed the layer fits, with a word less anywhere it does not."""
    assume(not has_fit(space))
    found = needs(space)
    assume(found)
    layer, dataflow = space.layer, space.dataflow
    fanouts = [(max(need.least_fanout[0], 1), max(need.least_fanout[1], 1)) for need in found]

    assert all(need.is_met for need in found) == (space.problem is None)
    assert MapSpace(layer, enlarged(space.hardware, found), dataflow).problem is None
    least: list[int | None] = [
        None if need.entries is None else need.least_entries for need in found
    ]
    # Fan-outs that slots are there for stay, so that the slots are the same.
    kept = [
        tuple(max(a, b) for a, b in zip(need.fanout, wide, strict=True))
        for need, wide in zip(found, fanouts, strict=True)
    ]
    smallest = resized(space.hardware, least, kept)  # type: ignore[arg-type]
    assert MapSpace(layer, smallest, dataflow).problem is None
    for s, need in enumerate(found):
        words = least[s]
        # A level of no words keeps nothing: that is another map-space.
        if words is not None and words > 1:
            levels = list(smallest.levels)
            levels[s] = dataclasses.replace(levels[s], entries=words - 1)
            narrow = dataclasses.replace(smallest, levels=tuple(levels))
            problem = MapSpace(layer, narrow, dataflow).problem
            assert problem is not None
            assert f"{need.level} would hold" in problem


def test_what_may_be_bypassed_is_not_needed() -> None:
    """A register file that may bypass two of three dataspaces needs room for one word."""
    names = frozenset({"Weights", "Inputs"})
    levels = (
        StorageLevel("RF", 8, may_bypass=names),
        StorageLevel("DRAM", None, technology="DRAM"),
    )
    hardware = Hardware("one", Arithmetic("MACs", 1, 1), levels)

    assert needs(MapSpace(LAYER, hardware))[0].words == {"Outputs": 1}


def test_ways_out_have_the_factors_of_the_dataflow(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is left out of a dataflow with padded factors leaves padded factors."""
    rule = SlotRule("DRAM", "spatial-x", (("K", 5),))
    levels = (
        StorageLevel("RF", 64, 4, 4, technology="RegFile"),
        StorageLevel("DRAM", None, technology="DRAM"),
    )
    hardware = Hardware("row", Arithmetic("MACs", 4, 4), levels)
    layer = Layer.conv("layer", P=7, K=11)
    ways = relaxed(layer, hardware, Dataflow("wide", (rule,), PADDED))
    assert [(told, space.is_padded) for told, space in ways] == [
        ("the rule for DRAM spatial-x", True)
    ]

    chip, network = tmp_path / "chip.yaml", tmp_path / "net.yaml"
    chip.write_text(
        "name: row\nfactors: padded\narithmetic: {instances: 4, meshX: 4}\nstorage:\n"
        "- {name: RF, entries: 64, instances: 4, meshX: 4, technology: RegFile}\n"
        "- {name: DRAM, technology: DRAM}\n"
        "dataflows: {wide: [{level: DRAM, kind: spatial-x, pinned: {K: 5}}]}\n"
    )
    network.write_text("name: net\nlayers: [{name: layer, P: 7, K: 11}]\n")
    search = ["map", "--workload", str(network), "--hardware", str(chip), "--explain"]
    assert main([*search, "--dataflow", "wide"]) == 1
    assert "the rule for DRAM spatial-x" in capsys.readouterr().out


def test_words_of_tiles() -> None:
    """As the layer itself counts them."""
    words = tile_words(LAYER, np.array([LAYER.sizes]))

    assert words.tolist() == [[LAYER.words(space) for space in LAYER.shape.dataspaces]]


def test_entries_for_words() -> None:
    """The fewest that multiple buffering leaves enough of."""
    for words in range(400):
        for buffering in (1.0, 1.1, 1.5, 2.0, 3.3):
            entries = entries_for(words, buffering)
            assert int(entries / buffering) >= words
            assert entries == 0 or int((entries - 1) / buffering) < words


def test_ways_out(chip: Chip) -> None:
    """A rule to drop, a level to enlarge, an accelerator of the same space: each one works."""
    space = MapSpace(LAYER, chip.hardware, WHOLE)
    assert space.problem == "Accumulator would hold 196 words, it has 128"
    chip = dataclasses.replace(chip, dataflows={**chip.dataflows, "whole": WHOLE})
    rng = np.random.default_rng(0)

    ((given_up, wider),) = relaxed(LAYER, chip.hardware, WHOLE)
    assert given_up == "the rule for Accumulator temporal"
    mapping, edp = best_drawn(wider, chip, rng)
    mapping.check(LAYER, chip.hardware)
    assert edp > 0
    found = needs(space)
    assert [need.level for need in found if not need.is_met] == ["Accumulator"]
    assert found[1].least_entries == 196
    assert enlarged(chip.hardware, found).levels[1].entries == 196
    near = nearest_point(chip, [LAYER], "whole", rng)
    assert near is not None
    point, hardware = near
    assert MapSpace(LAYER, hardware, WHOLE).problem is None
    # 16 columns of 196 words of 32 bit need 12.25 KiB; domains are in steps of 16 from 8.
    assert dict(point.values) == dict(chip.template.baseline) | {"accumulator_kb": 24}


def test_the_nearest_eyeriss() -> None:
    """What already fits is its own nearest; a layer that needs a wider mesh gets one."""
    chip = load_chip("eyeriss-168")
    rng = np.random.default_rng(0)

    itself = nearest_point(chip, [LAYER], FREE.name, rng)
    assert itself == (chip.template.point, chip.hardware)
    wide = Dataflow("wide", (SlotRule("GlobalBuffer", "spatial-x", (("K", 16),)),))
    other = nearest_point(dataclasses.replace(chip, dataflows={"wide": wide}), [LAYER], "wide", rng)
    assert other is not None
    assert other[0] == chip.template.point.having(H1=21, H2=8)


def test_only_a_dataflow_is_to_blame() -> None:
    """Where two rules are in the way, it is the dataflow as a whole."""
    chip = load_chip("gemmini")
    rules = tuple(
        SlotRule(level, "temporal", (("C", 5),)) for level in ("Accumulator", "Scratchpad")
    )

    found = relaxed(LAYER, chip.hardware, Dataflow("odd", rules))

    assert [given_up for given_up, _ in found] == ["the dataflow odd"]
    assert needs(MapSpace(LAYER, chip.hardware, Dataflow("odd", rules))) == []
