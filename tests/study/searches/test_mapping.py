"""Mapping searches of the study: what is kept of long ones."""

from __future__ import annotations

import pandas as pd
import pytest

from codesign.hardware.files import load_chip
from codesign.search.settings import Search
from codesign.study.running.stage import Setting
from codesign.study.searches.mapping import map_layers
from codesign.workload import load_workload


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
