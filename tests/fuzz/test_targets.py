"""A short form of `make fuzz`: whatever a file says, it is accepted for good or refused."""

from __future__ import annotations

import pytest

from tests.fuzz.damage import damaged, seeds
from tests.fuzz.limits import accepts
from tests.fuzz.targets import TARGETS

FEW = 40


@pytest.mark.parametrize("name", TARGETS)
def test_good_files_are_accepted(name: str) -> None:
    """Every file that fuzzing begins from."""
    assert all(accepts(TARGETS[name], seed) for seed in seeds(name))


@pytest.mark.parametrize("name", TARGETS)
def test_other_files_are_refused_or_consistent(name: str) -> None:
    """No traceback, no hang, and nothing that reads otherwise once it was written."""
    for number in range(FEW):
        accepts(TARGETS[name], damaged(name, number))
