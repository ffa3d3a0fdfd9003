"""The package reads from the top down: no module is reached by what it imports."""

from __future__ import annotations

import pytest

from codesign.dependencies import SOURCE_FOLDER
from codesign.study.running.sources import closure

FOLDER = SOURCE_FOLDER / "codesign" / "search"
MODULES = sorted(
    ".".join(("codesign", "search", *path.relative_to(FOLDER).with_suffix("").parts))
    for path in FOLDER.rglob("*.py")
    if path.stem != "__init__"
)


@pytest.mark.parametrize("module", MODULES)
def test_no_circle_goes_through_a_module(module: str) -> None:
    """Imports inside functions count as well."""
    below = [name for name in closure(module) if name != module]

    assert not [name for name in below if module in closure(name)]


def test_nothing_that_a_method_needs_knows_the_registry() -> None:
    """It is looked up by what stands above."""
    below = [n for n in closure("codesign.search.registry") if n.startswith("codesign.search.")]

    assert {"codesign.search.bo.optimizer", "codesign.search.exact.branch_and_bound"} <= set(below)
    assert [n for n in below if "codesign.search.registry" in closure(n)] == [
        "codesign.search.registry"
    ]
