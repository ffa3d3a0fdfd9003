"""Loops whose last iteration is partial: kernel, interpreter and NumPy form count the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from benchmarks import numpy_partial
from codesign.cost import Evaluator
from codesign.cost.interpreter import interpret
from codesign.factors import ANY
from codesign.hardware import PAT, Hardware, Technology
from codesign.hardware.leak import Leak
from codesign.mapping import LevelMapping, Mapping, MappingBatch
from codesign.workload import Layer, ProblemShape
from tests.budgets import count
from tests.cost.strategies import SHAPES, WINDOWED, Case, cases, hardwares, layers, technologies

REASONS = (None, "fanout", "capacity")
TOLERANCE = 1e-12
COUNTS = ("tile_words", "reads", "fills", "updates", "instances", "level_cycles")
TOTALS = ("all_reads", "all_fills", "all_updates")

thoroughly = settings(
    max_examples=count(25, 2000),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@st.composite
def partial_cases(draw: st.DrawFn, shapes: tuple[ProblemShape, ...] = SHAPES) -> Case:
    """A layer, an accelerator, and a mapping whose factors need not divide the layer's sizes."""
    layer, hardware = draw(layers(shapes)), draw(hardwares())
    primes = {4: 5, 6: 7, 8: 7, 12: 11}
    sizes = tuple(draw(st.sampled_from([size, primes.get(size, size)])) for size in layer.sizes)
    layer = replace(layer, sizes=sizes)
    left = dict(zip(layer.shape.dimensions, layer.sizes, strict=True))
    eager = draw(st.sampled_from([None, *layer.shape.dimensions]))
    levels = []
    for s, (storage, fanout) in enumerate(zip(hardware.levels, hardware.fanouts, strict=True)):
        is_outermost = s == len(hardware.levels) - 1
        across = tuple(
            (dimension, axis, factor)
            for axis, children in zip("XY", fanout, strict=True)
            for dimension, factor in _loops(draw, left, children, eager)
        )
        along = tuple(_loops(draw, left, None if is_outermost else max(left.values()), None))
        names = layer.shape.dataspace_names
        bypass = frozenset[str]()
        if not is_outermost:
            bypass = frozenset(names)
            if storage.entries != 0:
                bypass = draw(st.frozensets(st.sampled_from(names), max_size=len(names) - 1))
        levels.append(LevelMapping(along, across, bypass))
    return layer, hardware, Mapping(tuple(levels))


def _loops(
    draw: st.DrawFn, left: dict[str, int], most: int | None, eager: str | None
) -> Iterator[tuple[str, int]]:
    """Loops over any part of what is left, of at most `most` iterations together; None is all."""
    for dimension in draw(st.permutations(list(left))):
        factor = left[dimension]
        if most is not None:
            factor = min(factor, most)
            if dimension != eager:
                factor = draw(st.integers(1, factor))
            most //= factor
        left[dimension] = -(-left[dimension] // factor)
        if factor > 1:
            yield dimension, factor


def assert_same(case: Case, technology: Technology) -> None:
    """Kernel and interpreter agree on validity, counts, cycles and energies."""
    layer, hardware, mapping = case
    expected = interpret(layer, hardware, mapping, technology, factors=ANY)
    evaluator = Evaluator(layer, hardware, technology, "exact", factors=ANY)
    costs, found = evaluator.detail(MappingBatch.of(layer.shape, [mapping]))
    assert REASONS[costs.reason[0]] == expected.reason
    assert costs.level[0] == (-1 if expected.level is None else hardware.index(expected.level))
    if not expected.valid:
        return
    for field in (*COUNTS, *TOTALS):
        np.testing.assert_array_equal(getattr(found, field)[0], getattr(expected, field), field)
    written = [space.read_write for space in layer.shape.dataspaces]
    np.testing.assert_array_equal(
        found.partition_words[0][:, written], expected.partition_words[:, written], "partition"
    )
    for field, table in (
        ("energy_pj", expected.energy_pj_by + expected.accumulation_pj),
        ("address_pj", expected.address_pj),
        ("network_pj", expected.network_pj),
    ):
        np.testing.assert_allclose(getattr(found, field)[0], table, TOLERANCE, 0, err_msg=field)
    assert costs.cycles[0] == expected.cycles
    assert costs.utilization[0] == expected.utilization
    np.testing.assert_allclose(costs.energy_pj[0], expected.energy_pj, TOLERANCE)
    assert evaluator.price(MappingBatch.of(layer.shape, [mapping])).edp[0] == costs.edp[0]


@thoroughly
@given(case=partial_cases(), technology=technologies())
def test_the_kernel_counts_what_the_interpreter_walks(case: Case, technology: Technology) -> None:
    """All counts are equal, whatever the sizes, factors, windows, bypasses and widths."""
    assert_same(case, technology)


@thoroughly
@given(case=partial_cases(WINDOWED), technology=technologies())
def test_they_agree_on_windows(case: Case, technology: Technology) -> None:
    """The same where boxes overlap, and are cut at an edge."""
    assert_same(case, technology)


@settings(thoroughly, max_examples=count(25, 1000))
@given(case=cases(), technology=technologies())
def test_factors_that_divide_cost_what_they_always_cost(case: Case, technology: Technology) -> None:
    """Without remainders, every count and every energy is that of the accounting `exact`."""
    layer, hardware, mapping = case
    batch = MappingBatch.of(layer.shape, [mapping])
    costs, found = Evaluator(layer, hardware, technology, "exact", factors=ANY).detail(batch)
    whole, expected = Evaluator(layer, hardware, technology, "exact").detail(batch)
    for field in costs.__dataclass_fields__:
        np.testing.assert_array_equal(getattr(costs, field), getattr(whole, field), field)
    for field in found._fields:
        if field != "partition_words":
            np.testing.assert_array_equal(getattr(found, field), getattr(expected, field), field)


def _plain(layer: Layer, hardware: Hardware, mapping: Mapping) -> bool:
    """Whether the NumPy form covers a case: no clusters, and no windows that meet in a level."""
    windows = [set(dict(a.terms)) for s in layer.shape.dataspaces for a in s.sliding_axes]
    split = [{d for d, _, factor in level.spatial if factor > 1} for level in mapping.levels]
    return not any(len(window & across) > 1 for window in windows for across in split) and all(
        level.cluster_size == 1 and not level.address_pj for level in hardware.levels
    )


def without_networks(hardware: Hardware) -> Hardware:
    """The accelerator with networks and addresses that cost nothing, and no clusters."""
    free = {"hop_pj": None, "router_pj": 0.0, "wire_pj_per_bit_mm": None, "address_pj": 0.0}
    levels = [replace(level, cluster_size=1, **free) for level in hardware.levels]
    return replace(hardware, levels=tuple(levels))


COSTLY_WRITES = Technology(
    "writes",
    regfile_pj_per_vector="0.3 * word_bits * block_size / 16",
    sram_pj_per_vector="0.4 * block_size + 0.01 * kb",
    sram_write_pj_per_vector="1.3 * block_size",
    leak=Leak("0.1", "kb"),
)


@thoroughly
@given(case=partial_cases((*WINDOWED, *SHAPES)), technology=st.sampled_from([PAT, COSTLY_WRITES]))
def test_numpy_counts_what_the_kernel_counts(case: Case, technology: Technology) -> None:
    """A third form, which lists the indices of every dimension, has the same cycles and energy."""
    layer, hardware, mapping = case
    hardware = without_networks(hardware)
    assume(_plain(layer, hardware, mapping))
    batch = MappingBatch.of(layer.shape, [mapping])
    kernel = Evaluator(layer, hardware, technology, "exact", factors=ANY)
    cycles, energy = numpy_partial.price(kernel.tables, layer.sizes, batch)
    expected = kernel.price(batch)
    np.testing.assert_array_equal(cycles, expected.cycles)
    np.testing.assert_allclose(energy, expected.energy_pj, TOLERANCE)
