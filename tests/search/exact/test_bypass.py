"""Bypass as a choice of mappings: drawn, priced, proven and checked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from codesign.cli import main
from codesign.cost import Evaluator
from codesign.errors import InputError
from codesign.factors import PADDED
from codesign.hardware import Arithmetic, Hardware, StorageLevel
from codesign.hardware.dataflow import FREE
from codesign.hardware.files import load_chip
from codesign.search.exact import exhaust, solve
from codesign.search.exact.check import check_layer
from codesign.search.task import MappingTask
from codesign.space.mapping_space import MapSpace
from codesign.space.slots import build_slots, bypasses
from codesign.workload import Layer
from tests.budgets import count
from tests.search.exact.test_padded import claim_of

NAMES = ("Weights", "Inputs", "Outputs")
LAYER = Layer.conv("layer", P=56, Q=56, C=32, K=64, R=3, S=3)


def free_to_bypass(hardware: Hardware) -> Hardware:
    """The accelerator whose inner levels may bypass all that they may keep."""
    inner = tuple(
        replace(level, may_bypass=frozenset(filter(level.may_hold, NAMES)))
        for level in hardware.levels[:-1]
    )
    return replace(hardware, levels=(*inner, hardware.levels[-1]))


def small_task(seed: int) -> tuple[MappingTask, str]:
    """A small layer on an accelerator with two levels that may bypass some dataspaces."""
    rng = np.random.default_rng(seed)
    x = int(rng.integers(1, 4))
    some = [frozenset(n for n in NAMES if rng.random() < 0.6) for _ in range(2)]
    levels = (
        StorageLevel("RF", int(rng.integers(1, 6)), x, x, technology="RegFile", may_bypass=some[0]),
        StorageLevel("Buffer", int(rng.integers(4, 60)), read_bandwidth=2.0, may_bypass=some[1]),
        StorageLevel("DRAM", None, technology="DRAM", read_bandwidth=rng.choice([1.0, 1e3])),
    )
    hardware = Hardware("small", Arithmetic("MACs", x, x), levels)
    sizes = {str(d): int(rng.integers(2, 6)) for d in rng.choice(list("RPCK"), 2, replace=False)}
    layer = Layer.conv("layer", **sizes)
    accounting = str(rng.choice(["timeloop", "timeloop-4", "exact"]))
    factors = str(rng.choice(["divisors", PADDED]))
    task = MappingTask(
        layer, hardware, dataflow=replace(FREE, factors=factors), accounting=accounting
    )
    return task, str(rng.choice(["edp", "energy", "delay"]))


@pytest.mark.parametrize("chip_name", ["eyeriss-168", "gemmini", "simba"])
@pytest.mark.parametrize("factors", ["divisors", PADDED])
def test_draws_and_neighbours_choose_what_levels_keep(chip_name: str, factors: str) -> None:
    """They fit, can be read back from their numbers, and half of the draws keep everything."""
    chip = load_chip(chip_name)
    hardware = free_to_bypass(chip.hardware)
    space = MapSpace(LAYER, hardware, replace(FREE, factors=factors), chip.hints)
    rng = np.random.default_rng(0)
    drawn = space.draw(rng, 1000)
    moved = space.mutate(rng, drawn, 1000)
    evaluator = Evaluator(LAYER, hardware)

    for batch in (drawn, moved, space.draw_raw(rng, 500)):
        assert len(np.unique(batch.keep, axis=0)) > 8
        assert (batch.keep[:, -1] == 7).all()
    for batch in (drawn, moved):
        assert evaluator.price(batch).valid.all()
        assert (space.violations(batch) == 0).all()
        again, fits = space.decode(space.locate(batch))
        assert fits.all()
        assert (again.keep == batch.keep).all()
        highest = [len(parameter.values) for parameter in space.parameters]
        assert (space.encode(batch) < highest).all()
        assert np.isfinite(space.features(batch)).all()
    keeps_all = (drawn.keep == space.slots.keep).all(axis=1)
    assert 0.4 < keeps_all.mean() < 0.65


def test_a_level_too_small_for_all_bypasses_what_it_may() -> None:
    """With room for two words, a register file can keep two dataspaces of three."""
    levels = (
        StorageLevel("RF", 2, technology="RegFile", may_bypass=frozenset(NAMES)),
        StorageLevel("DRAM", None, technology="DRAM"),
    )
    hardware = Hardware("tiny", Arithmetic("MACs", 1, 1), levels)
    layer = Layer.conv("layer", P=4, C=3, K=2)
    rigid = replace(hardware, levels=(replace(levels[0], may_bypass=frozenset()), levels[1]))

    assert MapSpace(layer, rigid).problem is not None
    space = MapSpace(layer, hardware)
    assert space.problem is None
    drawn = space.draw(np.random.default_rng(0), 200)
    assert Evaluator(layer, hardware).price(drawn).valid.all()


def test_raw_draws_like_timeloops_keep_everything() -> None:
    """And fit, whatever was drawn before."""
    levels = (
        StorageLevel("RF", 6, 2, 2, may_bypass=frozenset({"Weights", "Inputs"})),
        StorageLevel("DRAM", None, technology="DRAM"),
    )
    hardware = Hardware("pair", Arithmetic("MACs", 2, 2), levels)
    layer = Layer.conv("layer", K=8, C=8, P=8)
    space, rng = MapSpace(layer, hardware), np.random.default_rng(0)
    for _ in range(20):
        space.draw(rng, 3)
        batch, _ = space.draw_pruned(rng, 5, 10**6)
        assert (batch.keep == space.slots.keep).all()
        assert Evaluator(layer, hardware).price(batch).valid.all()


def test_proofs_equal_enumeration_and_pass_the_check() -> None:
    bypassed = 0
    for seed in range(count(16, 40)):
        task, objective = small_task(seed)
        if (
            task.problem is not None
            or not build_slots(task.layer, task.hardware, task.dataflow).optional.any()
        ):
            continue
        least = exhaust(task, objective).certificate.lower_bound
        found = solve(task, objective)

        value = found.certificate.lower_bound
        assert value <= least * (1 + 1e-12), (seed, task, objective)
        if found.certificate.verdict != "optimal":
            continue
        assert value == pytest.approx(least, rel=1e-12), (seed, task, objective)
        check_layer(task, claim_of(task, objective))
        keep = build_slots(task.layer, task.hardware, task.dataflow).keep
        bypassed += bool((found.best.keep[0] != keep).any())
    assert bypassed > count(1, 3)


def test_freedom_never_costs() -> None:
    """The least EDP with bypasses is at most that without; on simba it is less."""
    chip = load_chip("simba")
    layer = Layer.conv("product", P=64, C=64, K=64)
    rigid = MappingTask(layer, chip.hardware, chip.technology)
    loose = replace(rigid, hardware=free_to_bypass(chip.hardware))

    assert len(list(bypasses(build_slots(layer, loose.hardware, FREE)))) == 64
    assert solve(loose).certificate.lower_bound < solve(rigid).certificate.lower_bound


def test_the_commands_know_bypasses(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """From a chip in YAML to a certificate that is checked."""
    chip = tmp_path / "chip.yaml"
    chip.write_text(
        "name: loose\n"
        "arithmetic: {instances: 4, meshX: 4}\n"
        "storage:\n"
        "- {name: RF, entries: 8, instances: 4, meshX: 4, may_bypass: [Weights, Inputs]}\n"
        "- {name: Buffer, entries: 256, may_bypass: [Weights]}\n"
        "- {name: DRAM, technology: DRAM}\n"
    )
    network = tmp_path / "net.yaml"
    network.write_text("name: net\nlayers: [{name: one, P: 8, C: 6, K: 4}]\n")
    folder = tmp_path / "found"
    search = ["map", "--workload", str(network), "--hardware", str(chip), "--method", "exact"]

    assert main([*search, "--output", str(folder)]) == 0
    assert main(["check", str(folder / "certificate.json")]) == 0
    assert main(["evaluate", str(folder)]) == 0
    assert main(["show", str(folder)]) == 0
    assert "may bypass Inputs, Weights" in capsys.readouterr().out

    for wrong, told in (
        ("may_bypass: [Weight]", "'Weight', expected dataspaces"),
        ("may_bypass: Weights", "may_bypass is 'Weights', expected a list"),
        ("may_bypass: [Weights], keeps: [Inputs]", "may_bypass has Weights, expected"),
    ):
        chip.write_text(chip.read_text().replace("may_bypass: [Weights]}", wrong + "}"))
        assert main([*search, "--output", str(tmp_path / "no")]) == 2
        assert told in capsys.readouterr().err
        chip.write_text(chip.read_text().replace(wrong + "}", "may_bypass: [Weights]}"))
    with pytest.raises(InputError, match="may_bypass of the outermost level DRAM is Weights"):
        Hardware(
            "x",
            Arithmetic(),
            (StorageLevel("DRAM", None, technology="DRAM", may_bypass=frozenset({"Weights"})),),
        )
