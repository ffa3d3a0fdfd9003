"""A short form of `make fuzz`: whatever a file says, it is accepted for good or refused."""

from __future__ import annotations

import pytest

from tests.fuzz.damage import damaged, seeds
from tests.fuzz.dice import Dice
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


def test_files_are_the_same_everywhere() -> None:
    """Choices follow from the numbers alone; a changed file of a seed is still JSON."""
    dice = Dice("hardware", 1, 2)
    assert [dice.number(0, 999) for _ in range(6)] == [451, 349, 603, 803, 442, 683]
    assert len(dice.letters(200)) < 200
    assert dice.letters(200)[:8].hex() == "337ad20280bb8bf5"
    assert damaged("onnx", 3) == damaged("onnx", 3) != damaged("onnx", 4)
    kinds = [damaged("certificate", number)[:1] for number in range(FEW)]
    assert kinds.count(b"{") > FEW / 2
