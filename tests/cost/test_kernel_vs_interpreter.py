"""The batch kernel against the reference interpreter, in every accounting.

Two implementations of `docs/cost-model.md` share only the data models: one uses closed forms, the
other walks through the loop nest. Counts and cycles must be equal, and energies equal except for
the order of additions.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codesign.accounting import ACCOUNTINGS, DIRECTION, POSITION, TRANSLATION, Rules
from codesign.cost import CostDetail, Costs, Evaluator
from codesign.cost.interpreter import Interpretation, interpret
from codesign.errors import InputError
from codesign.hardware import PAT, Arithmetic, Hardware, StorageLevel, Technology
from codesign.mapping import LevelMapping, Mapping, MappingBatch
from codesign.workload import Layer
from tests.budgets import count
from tests.cost.strategies import IMAGE_FILTER, WINDOWED, Case, cases, technologies

REASONS = (None, "fanout", "capacity")
TOLERANCE = 1e-12
PER_INSTANCE = ("tile_words", "reads", "fills", "updates", "instances", "level_cycles")

thoroughly = settings(
    max_examples=count(50, 200),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def _price(
    case: Case, technology: Technology, rules: Rules
) -> tuple[Interpretation, Costs, CostDetail]:
    layer, hardware, mapping = case
    expected = interpret(layer, hardware, mapping, technology, rules)
    evaluator = Evaluator(layer, hardware, technology, rules)
    return expected, *evaluator.detail(MappingBatch.of(layer.shape, [mapping]))


NAMED = pytest.mark.parametrize("accounting", ACCOUNTINGS)


@NAMED
@thoroughly
@given(case=cases(), technology=technologies())
def test_the_kernel_counts_what_the_interpreter_counts(
    accounting: str, case: Case, technology: Technology
) -> None:
    """Both agree on validity, on every count, on cycles and on energy."""
    _assert_same(case, technology, ACCOUNTINGS[accounting])


@NAMED
@settings(thoroughly, max_examples=60)
@given(case=cases(), technology=technologies(), data=st.data())
def test_padded_factors_run_a_larger_layer(
    accounting: str, case: Case, technology: Technology, data: st.DataObject
) -> None:
    """A mapping with padded factors costs what it costs as a mapping of the padded layer."""
    padded, hardware, mapping = case
    sizes = tuple(data.draw(st.integers((size + 1) // 2, size)) for size in padded.sizes)
    layer = replace(padded, sizes=sizes)
    batch = MappingBatch.of(layer.shape, [mapping])
    rules = ACCOUNTINGS[accounting]
    own = Evaluator(layer, hardware, technology, rules).price(batch)
    whole = Evaluator(padded, hardware, technology, rules).price(batch)
    walked = interpret(layer, hardware, mapping, technology, rules, factors="padded")

    assert mapping.padded(layer) == padded
    assert own.reason.tolist() == whole.reason.tolist() == [REASONS.index(walked.reason)]
    if walked.valid:
        assert own.cycles[0] == whole.cycles[0] == walked.cycles
        assert own.energy_pj[0] == whole.energy_pj[0] == pytest.approx(walked.energy_pj)
        busy = layer.macs / hardware.pes / walked.cycles
        assert own.utilization[0] == pytest.approx(walked.utilization) == pytest.approx(busy)
    if sizes != padded.sizes:
        with pytest.raises(InputError, match=r"multiply to \d+, expected \d+, unless factors are"):
            mapping.check(layer, hardware)


@NAMED
@thoroughly
@given(case=cases(WINDOWED), technology=technologies())
def test_they_agree_on_windows(accounting: str, case: Case, technology: Technology) -> None:
    """The same where boxes overlap in time and coincide on diagonals in space."""
    _assert_same(case, technology, ACCOUNTINGS[accounting])


SWITCHES = st.builds(
    Rules,
    st.sampled_from([DIRECTION, TRANSLATION, POSITION]),
    *(st.booleans() for _ in Rules._fields[1:]),
)


@thoroughly
@given(cases(WINDOWED), technologies(), SWITCHES)
def test_they_agree_under_any_switches(case: Case, technology: Technology, rules: Rules) -> None:
    """Each switch means the same to both, whatever the others say."""
    _assert_same(case, technology, rules)


IMAGE = Layer.of(IMAGE_FILTER, "image", R=3, S=2, P=4, Q=4)
ARRAY = Hardware(
    "array",
    Arithmetic("MACs", 16, 4),
    (
        StorageLevel("Register", 64, instances=16, mesh_x=4, cluster_size=2),
        StorageLevel("Buffer", 4096, block_size=4, hop_pj=0.3, router_pj=0.2),
        StorageLevel("DRAM", None, technology="DRAM", router_pj=0.1),
    ),
)


@pytest.mark.parametrize("bypass", [set(), {"Inputs"}, {"Outputs"}])
@pytest.mark.parametrize(
    ("register", "across", "buffer", "dram"),
    [
        pytest.param("R3 S2", "", "P4", "Q4", id="moves-along-both-axes"),
        pytest.param("R3 S2", "", "Q2 P4", "Q2", id="returns"),
        pytest.param("", "PX4 RY3", "S2", "Q4", id="diagonal"),
        pytest.param("P4 R3", "QX4 SY2", "", "", id="diagonal-of-strips"),
        pytest.param("", "PX2 SX2 QY4", "P2", "R3", id="diagonal-along-one-axis"),
        pytest.param("S2", "PX2 RY3", "Q4", "P2", id="diagonal-that-moves"),
    ],
)
def test_they_agree_on_what_chance_seldom_draws(
    register: str, across: str, buffer: str, dram: str, bypass: set[str]
) -> None:
    """Windows that move along two axes, return, and meet on diagonals; kept in between or not."""
    spatial = tuple((loop[0], loop[1], int(loop[2:])) for loop in across.split())
    levels = (
        LevelMapping(_loops(register)),
        LevelMapping(_loops(buffer), spatial, frozenset(bypass)),
        LevelMapping(_loops(dram)),
    )

    for rules in ACCOUNTINGS.values():
        _assert_same((IMAGE, ARRAY, Mapping(levels)), PAT, rules)


def _loops(text: str) -> tuple[tuple[str, int], ...]:
    return tuple((loop[0], int(loop[1:])) for loop in text.split())


def _assert_same(case: Case, technology: Technology, rules: Rules) -> None:
    layer, hardware, _ = case
    expected, costs, detail = _price(case, technology, rules)
    assert bool(costs.valid[0]) == expected.valid
    assert REASONS[costs.reason[0]] == expected.reason
    index = -1 if expected.level is None else hardware.index(expected.level)
    assert costs.level[0] == index
    if expected.valid:
        _assert_same_counts(layer, expected, detail)
        _assert_same_energy(expected, detail)
        assert costs.cycles[0] == expected.cycles
        assert costs.utilization[0] == expected.utilization
        np.testing.assert_allclose(costs.energy_pj[0], expected.energy_pj, TOLERANCE)
        static_pj = technology.leak.pj_per_cycle(hardware) * expected.cycles
        np.testing.assert_allclose(expected.static_pj, static_pj, TOLERANCE)
        np.testing.assert_allclose(costs.edp[0], expected.edp, TOLERANCE)


def _assert_same_counts(layer: Layer, expected: Interpretation, found: CostDetail) -> None:
    for field in PER_INSTANCE:
        np.testing.assert_array_equal(getattr(found, field)[0], getattr(expected, field), field)
    # What inputs ever occupy is defined differently: only outputs need it.
    written = [space.read_write for space in layer.shape.dataspaces]
    np.testing.assert_array_equal(
        found.partition_words[0][:, written], expected.partition_words[:, written], "partition"
    )


def _assert_same_energy(expected: Interpretation, found: CostDetail) -> None:
    for field, table in (
        ("energy_pj", expected.energy_pj_by + expected.accumulation_pj),
        ("address_pj", expected.address_pj),
        ("network_pj", expected.network_pj),
    ):
        np.testing.assert_allclose(getattr(found, field)[0], table, TOLERANCE, 0, err_msg=field)
