"""What a design uses, and that less than that would not do."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import HealthCheck, given, reject, settings

from codesign.cost import Evaluator
from codesign.errors import InputError
from codesign.hardware import PAT, Hardware
from codesign.hardware.point import PLAIN
from codesign.mapping import MappingBatch
from codesign.store.design import Design, LayerDesign, NetworkDesign
from codesign.store.usage import minimal_hardware, on_minimal_hardware, usage
from tests.budgets import count
from tests.cost.strategies import Case, cases


def designs(case: Case) -> Design:
    """A design of one layer; the test is given up where the mapping does not fit."""
    layer, hardware, mapping = case
    costs = Evaluator(layer, hardware).price(MappingBatch.of(layer.shape, [mapping]))
    if not costs.valid[0]:
        reject()
    entry = LayerDesign(layer, 2, mapping, float(costs.energy_pj[0]), int(costs.cycles[0]))
    return Design("any", hardware, (NetworkDesign("net", (entry,)),), PAT)


def cycles_on(hardware: Hardware, design: Design) -> int | None:
    """Of the design's layer; None if its mapping does not fit."""
    entry = design.networks[0].layers[0]
    batch = MappingBatch.of(entry.layer.shape, [entry.mapping])
    costs = Evaluator(entry.layer, hardware).price(batch)
    return int(costs.cycles[0]) if costs.valid[0] else None


@settings(max_examples=count(30, 150), suppress_health_check=list(HealthCheck), deadline=None)
@given(cases())
def test_the_minimal_accelerator_is_just_enough(case: Case) -> None:
    """Nothing takes longer on it, and with a word or a child less nothing fits any more."""
    design = designs(case)
    cycles = design.networks[0].layers[0].cycles

    smallest = minimal_hardware(design)

    assert cycles_on(smallest, design) == cycles
    for s, (before, after) in enumerate(zip(design.hardware.levels, smallest.levels, strict=True)):
        assert after.instances <= before.instances
        if after.entries is None:
            assert before.entries is None
        else:
            assert before.entries is not None
            assert after.entries <= before.entries
            if after.entries > 0:
                levels = list(smallest.levels)
                levels[s] = dataclasses.replace(after, entries=after.entries - 1)
                assert (
                    cycles_on(dataclasses.replace(smallest, levels=tuple(levels)), design) is None
                )
        for rate in "read_bandwidth", "write_bandwidth", "shared_bandwidth":
            has, needed = getattr(before, rate), getattr(after, rate)
            assert (has is None) == (needed is None)
            assert has is None or needed <= has
            if needed is not None and needed > 0.01:
                levels = list(smallest.levels)
                levels[s] = dataclasses.replace(after, **{rate: 0.9 * needed - 0.002})
                slower = cycles_on(dataclasses.replace(smallest, levels=tuple(levels)), design)
                assert slower is not None
                assert slower >= cycles


@settings(max_examples=count(12, 50), suppress_health_check=list(HealthCheck), deadline=None)
@given(cases())
def test_usage_is_that_of_the_most_demanding_layer(case: Case) -> None:
    """Two layers on one accelerator need exactly the larger of their needs."""
    design = designs(case)
    (entry,) = design.networks[0].layers
    twice = dataclasses.replace(
        entry, layer=dataclasses.replace(entry.layer, name="again"), count=1
    )
    both = dataclasses.replace(
        design, networks=(*design.networks, NetworkDesign("second", (twice,)))
    )

    assert usage(both) == usage(design)
    assert all(level.by_layer == entry.layer.name for level in usage(both))


@settings(max_examples=count(12, 50), suppress_health_check=list(HealthCheck), deadline=None)
@given(cases())
def test_the_minimal_design_is_priced_anew(case: Case) -> None:
    """It is a design of its own, and its minimal accelerator is itself."""
    small = on_minimal_hardware(designs(case))

    assert small.point == PLAIN
    assert small.hardware.name.endswith("-minimal")
    again = minimal_hardware(small)
    assert again.levels == small.hardware.levels


def test_a_mapping_that_does_not_fit_is_told() -> None:
    """By layer and level."""
    from tests.timeloop.test_exchange import BOTH_AXES, HARDWARE, LAYER

    small = dataclasses.replace(HARDWARE.levels[0], entries=1)
    hardware = dataclasses.replace(HARDWARE, levels=(small, HARDWARE.levels[1]))
    entry = LayerDesign(LAYER, 1, BOTH_AXES, 1.0, 1)
    design = Design("d", hardware, (NetworkDesign("n", (entry,)),))

    with pytest.raises(InputError, match="d, layer head/1: its mapping overflows RegFile"):
        usage(design)
