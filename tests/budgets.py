"""How much tests try: less in `make test`, which leaves the slow tests out, than otherwise."""

from __future__ import annotations

import pytest

_is_fast = False


def note(config: pytest.Config) -> None:
    """Looks up whether this run leaves the slow tests out. It comes before tests are imported."""
    global _is_fast
    _is_fast = "not slow" in config.getoption("markexpr")


def count(few: int, many: int) -> int:
    """`few` in a run without the slow tests, otherwise `many`."""
    return few if _is_fast else many
