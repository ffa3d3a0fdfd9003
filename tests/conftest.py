"""What every test may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests import budgets

# Figures are drawn in worker processes, which have no display.
os.environ.setdefault("MPLBACKEND", "Agg")


def pytest_configure(config: pytest.Config) -> None:
    budgets.note(config)


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the checkout."""
    return Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def reference_dir(repository: Path) -> Path:
    """The folder of Timeloop's answers; its README says what is in them."""
    return repository / "tests" / "reference"
