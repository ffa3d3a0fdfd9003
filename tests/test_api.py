"""The names that `import codesign` offers."""

from __future__ import annotations

import codesign


def test_every_name_is_there() -> None:
    """All of `__all__` can be had."""
    assert all(getattr(codesign, name) is not None for name in codesign.__all__)


def test_a_layer_is_mapped_in_a_few_lines() -> None:
    """The example of the module's docstring works."""
    layer = codesign.load_workload("mlp").layer("MLP-K2")
    chip = codesign.load_chip("eyeriss-168")

    run = codesign.map_layer(
        codesign.MappingTask(layer, chip.hardware), codesign.Search("random", 5)
    )

    found = codesign.evaluate(layer, chip.hardware, [run.best_mapping])
    assert found["edp"].item() == run.costs.edp[run.best]
