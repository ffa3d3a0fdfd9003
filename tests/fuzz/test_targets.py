"""A short form of `make fuzz`: whatever a file says, it is accepted for good or refused."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.limits import accepts
from tests.fuzz.strategies import files, seeds
from tests.fuzz.targets import TARGETS

FEW = 60


@pytest.mark.parametrize("name", TARGETS)
def test_good_files_are_accepted(name: str) -> None:
    """Every file that fuzzing begins from."""
    assert all(accepts(TARGETS[name], seed) for seed in seeds(name))


@pytest.mark.parametrize("name", TARGETS)
def test_other_files_are_refused_or_consistent(name: str) -> None:
    """No traceback, no hang, and nothing that reads otherwise once it was written."""

    @settings(
        max_examples=FEW,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def fuzz(data: st.DataObject) -> None:
        accepts(TARGETS[name], data.draw(files(name)))

    fuzz()
