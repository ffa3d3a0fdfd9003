"""Mapping searches of the study: what is kept of long ones."""

from __future__ import annotations

import pandas as pd
import pytest

from codesign.hardware.files import load_chip
from codesign.search.mapper import map_layer
from codesign.search.settings import Search
from codesign.search.task import MappingTask
from codesign.study.running.stage import MapSpaceName, Setting
from codesign.study.searches.mapping import map_layers
from codesign.workload import load_workload

DQN_ON_GEMMINI = Setting(load_workload("dqn"), load_chip("gemmini"))


@pytest.fixture(scope="module")
def setting() -> Setting:
    """DQN on Eyeriss."""
    return Setting(load_workload("dqn"), load_chip("eyeriss-168"))


def test_improving_trials_tell_the_best_so_far_of_any_trial(setting: Setting) -> None:
    """They are a part of the whole search, which they sum up without loss, to its last trial."""
    whole = map_layers(setting, Search("random", 60), [0, 1]).trials
    part = map_layers(setting, Search("random", 60), [0, 1], improving_only=True).trials
    keys = ["layer", "seed", "trial"]

    assert len(part) < len(whole) / 2
    same = whole.merge(part[keys], on=keys)
    pd.testing.assert_frame_equal(part, same[part.columns])
    filled = whole[keys].merge(part[[*keys, "best_edp"]], how="left", on=keys)
    so_far = filled.groupby(["layer", "seed"])["best_edp"].ffill()
    assert so_far.tolist() == whole["best_edp"].tolist()
    assert (part.groupby(["layer", "seed"])["trial"].max() == 59).all()


def test_a_free_map_space_has_no_hints_and_a_name() -> None:
    """The trials carry the name; the dataflow is the chip's, and no draw follows another one."""
    free = MapSpaceName("anywhere", "free")
    found = map_layers(DQN_ON_GEMMINI, Search("random", 20), [0], free).trials

    assert set(found["space"]) == {"anywhere"}
    for layer in DQN_ON_GEMMINI.workload.layers:
        chip = DQN_ON_GEMMINI.chip
        task = MappingTask(layer, chip.hardware, chip.technology, chip.dataflow("free"))
        run = map_layer(task, Search("random", 20, 0))
        assert found[found["layer"] == layer.name]["edp"].tolist() == run.costs.edp.tolist()
