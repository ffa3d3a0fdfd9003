"""The batch kernel against the reference interpreter, in the `exact` accounting.

Two implementations of `docs/cost-model.md` that share nothing but the data models: one is made of
closed forms, the other walks every iteration. Counts and cycles must be equal, energies equal but
for the order of the additions.
"""

from __future__ import annotations

import numpy as np
from hypothesis import HealthCheck, given, note, settings

from codesign.cost import CostDetail, Evaluator
from codesign.cost.interpreter import Interpretation, interpret
from codesign.hardware import Hardware, Technology
from codesign.mapping import Mapping, MappingBatch
from codesign.workload import Layer
from tests.cost.strategies import WINDOWED, Case, cases, technologies

REASONS = (None, "fanout", "capacity")
TOLERANCE = 1e-12
PER_INSTANCE = ("tile_words", "reads", "fills", "updates", "instances", "level_cycles")

thoroughly = settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def _price(
    layer: Layer, hardware: Hardware, mapping: Mapping, technology: Technology
) -> tuple[Interpretation, CostDetail]:
    expected = interpret(layer, hardware, mapping, technology)
    evaluator = Evaluator(layer, hardware, technology=technology, accounting="exact")
    return expected, evaluator.detail(MappingBatch.of(layer.shape, [mapping]))


@thoroughly
@given(cases(), technologies())
def test_the_kernel_counts_what_the_interpreter_counts(case: Case, technology: Technology) -> None:
    """Both agree on validity, on every count, on cycles and on energy."""
    _assert_same(case, technology)


@thoroughly
@given(cases(WINDOWED), technologies())
def test_they_agree_on_windows(case: Case, technology: Technology) -> None:
    """The same where boxes overlap in time and coincide on diagonals in space."""
    _assert_same(case, technology)


def _assert_same(case: Case, technology: Technology) -> None:
    layer, hardware, mapping = case
    expected, found = _price(layer, hardware, mapping, technology)
    note(f"interpreter: {expected}")
    note(f"kernel: {found}")
    assert bool(found.costs.valid[0]) == expected.valid
    assert REASONS[found.costs.reason[0]] == expected.reason
    index = -1 if expected.level is None else hardware.index(expected.level)
    assert found.costs.level[0] == index
    if expected.valid:
        _assert_same_counts(layer, expected, found)
        _assert_same_energy(expected, found)


def _assert_same_counts(layer: Layer, expected: Interpretation, found: CostDetail) -> None:
    for field in PER_INSTANCE:
        np.testing.assert_array_equal(getattr(found, field)[0], getattr(expected, field), field)
    # What inputs ever occupy is defined differently: only outputs need it.
    written = [space.read_write for space in layer.shape.dataspaces]
    np.testing.assert_array_equal(
        found.partition_words[0][:, written], expected.partition_words[:, written], "partition"
    )
    assert found.costs.cycles[0] == expected.cycles
    assert found.costs.utilization[0] == expected.utilization


def _assert_same_energy(expected: Interpretation, found: CostDetail) -> None:
    for field, table in (
        ("energy_pj", expected.energy_pj_by + expected.accumulation_pj),
        ("address_pj", expected.address_pj),
        ("network_pj", expected.network_pj),
    ):
        np.testing.assert_allclose(getattr(found, field)[0], table, TOLERANCE, 0, err_msg=field)
    np.testing.assert_allclose(found.costs.energy_pj[0], expected.energy_pj, TOLERANCE)
    np.testing.assert_allclose(found.costs.edp[0], expected.edp, TOLERANCE)
