"""Searches as options of stages, and back."""

from __future__ import annotations

import argparse
import importlib

import pytest

from codesign.search.settings import OUTER, PAPER, Search
from codesign.study.running.search_options import (
    add_search,
    add_searches,
    read_search,
    read_searches,
    search_options,
)
from codesign.study.stages import STAGES


def test_what_is_written_is_read() -> None:
    """One search, and two."""
    search, inner = Search("bo-ei", 7, 3), Search("tpe-default", 9, 3)
    one, two = argparse.ArgumentParser(), argparse.ArgumentParser()
    add_search(one)
    add_searches(two)

    assert read_search(one.parse_args(search_options(search)), 3) == search
    assert read_searches(two.parse_args(search_options(search, inner)), 3) == (search, inner)


def test_stages_have_the_defaults() -> None:
    """Those of the paper: mappings are searched by its method."""
    one, two = argparse.ArgumentParser(), argparse.ArgumentParser()
    add_search(one)
    add_searches(two)

    assert read_search(one.parse_args([])) == PAPER
    assert read_searches(two.parse_args([])) == (OUTER, PAPER)


@pytest.mark.parametrize("stage", ["mapping", "baselines", "crossed", "hardware", "variants"])
def test_no_stage_has_defaults_of_its_own(stage: str) -> None:
    """Whichever options a search stage has, they are as usual where they are left out."""
    parser = argparse.ArgumentParser()
    importlib.import_module(STAGES[stage]).add_arguments(parser)

    has_inner = parser.get_default("mapper") is not None
    usual = OUTER if has_inner else PAPER
    assert (parser.get_default("method"), parser.get_default("trials")) == usual_of(usual)
    if has_inner:
        found = parser.get_default("mapper"), parser.get_default("mapping_trials")
        assert found == usual_of(PAPER)


def usual_of(search: Search) -> tuple[str, int]:
    return search.method, search.trials
