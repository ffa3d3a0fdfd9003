"""Hardware searches of the study: they begin with the chip, in a named space."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from codesign.errors import InputError
from codesign.hardware.files import load_chip
from codesign.search.settings import Search
from codesign.store.provenance import STAGE
from codesign.store.table import read_table, write_table
from codesign.study.__main__ import main
from codesign.study.running.checks import check_dram
from codesign.study.running.stage import Setting
from codesign.study.searches.hardware import search_accelerator, with_dram_bandwidth
from codesign.study.searches.workloads import layer_table
from codesign.workload import Layer, Workload

OUTER, INNER = Search("random", 3), Search("random", 8)
NETWORK = Workload("M", (Layer.conv("x", P=4, K=3, C=5),), (1,))
SETTING = Setting(NETWORK, load_chip("eyeriss-168"))


def test_the_first_trial_is_the_chip() -> None:
    """Its parameters are those of the file, and its EDP is beside every trial."""
    trials = search_accelerator(SETTING, OUTER, INNER).trials

    own = SETTING.chip.template.point.named
    assert trials.loc[0, list(own)].to_dict() == own
    assert (trials["chip_edp"] == trials.loc[0, "edp"]).all()
    assert set(trials["space"]) == {"hardware"}


def test_a_chip_that_does_not_run_a_layer_is_infinitely_bad() -> None:
    """Any accelerator that runs all layers is better than it."""
    tall = Workload("M", (Layer.conv("x", R=997, S=991),), (1,))
    template = SETTING.chip.template
    pinned = template.values([template.point])[0]
    pinned[[list(template.baseline).index(name) for name in ("H11", "H12")]] = 1
    chip = SETTING.chip.at(template.point_of(pinned))

    trials = search_accelerator(Setting(tall, chip), replace(OUTER, trials=1), INNER).trials

    assert not trials.loc[0, "feasible"]
    assert np.isposinf(trials.loc[0, "chip_edp"])


def test_dram_of_little_bandwidth_takes_longer() -> None:
    """A word in 64 cycles: the same first accelerator needs more cycles."""
    first = replace(OUTER, trials=1)

    free, bound = (
        search_accelerator(setting, first, INNER, keeps_design=False).trials.loc[0]
        for setting in (SETTING, with_dram_bandwidth(SETTING, 1 / 64))
    )

    assert bound["cycles"] > 2 * free["cycles"]


def test_a_chip_without_dram_is_refused() -> None:
    """In a sentence that names it."""
    template = SETTING.chip.template
    storage = (*template.storage[:-1], {**template.storage[-1], "name": "Memory"})
    chip = replace(SETTING.chip, template=replace(template, storage=storage))

    with pytest.raises(InputError, match="here: eyeriss-168 has no level 'DRAM'"):
        check_dram(chip, "here")


def test_the_stage_names_the_space(tmp_path: Path) -> None:
    """Another template, with DRAM of limited bandwidth."""
    names = ("layers", "trials", "timings", "design")
    layers, output, timings, design = (tmp_path / f"{name}.parquet" for name in names)
    write_table(layer_table(NETWORK, "M"), layers, {STAGE: "workloads"})
    options = ["--layers", layers, "--hardware", "simba", "--technology", "timeloop-pat-public"]
    options += ["--method", "random", "--trials", 2, "--mapper", "random", "--mapping-trials", 4]
    options += ["--space", "hardware simba", "--dram-bandwidth", 2, "--seed", 0]
    options += ["--output", output, "--timings", timings, "--design", design]

    assert main(["hardware", *map(str, options)]) == 0

    trials = read_table(output)
    assert set(trials["space"]) == {"hardware simba"}
    assert len(trials) == 2
    assert "not kept" in design.read_text("utf-8")
