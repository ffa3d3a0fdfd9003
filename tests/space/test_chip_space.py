"""The hardware space of any template: all shipped ones, and some that only tests have."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codesign.columns import RESERVED
from codesign.errors import InputError
from codesign.hardware.files import load_chip
from codesign.hardware.point import Point
from codesign.space import sampling
from codesign.space.chip_space import ChipSpace
from codesign.space.limits import Limits
from codesign.space.mapping_space import MapSpace
from codesign.space.sampling import AnySampler
from codesign.workload import Layer, load_workload
from tests.budgets import count
from tests.space.strategies import seeds

TEMPLATES = ("gemmini", "nvdla", "simba")

TEXT = """\
name: odd
parameters: {rows: 2, columns: 3, words: 10, rate: 1.5}
budget: {pes: 12, total: 64}
space:
  rows: {divisors: pes}
  columns: {from: 1, to: 6, step: 1}
  words: {from: 5, to: 80, times: 2}
  rate: [0.5, 1.5]
constraints: [rows * columns <= pes, rows * columns * words <= total]
arithmetic: {instances: rows * columns, meshX: columns}
storage:
- {name: Local, entries: words, instances: rows * columns, meshX: columns, read_bandwidth: rate}
- {name: Row, entries: total // rows, instances: rows, meshX: 1}
- {name: DRAM, technology: DRAM}
"""


def space_of(folder: Path, text: str = TEXT) -> ChipSpace:
    """The space of a file."""
    path = folder / "odd.yaml"
    path.write_text(text, encoding="utf-8")
    return ChipSpace(load_chip(path))


@pytest.fixture
def space(tmp_path: Path) -> ChipSpace:
    """A space with a fraction, divisors and powers."""
    return space_of(tmp_path)


def test_the_chip_itself_is_in_its_space(space: ChipSpace) -> None:
    """The parameters of the file give the accelerator of the file."""
    point = space.template.point

    batch = space.batch([point])
    assert batch.point(0) == point
    assert space.broken(batch) == [None]
    hardware = space.chip.hardware
    assert space.hardware(point, "odd") == hardware
    assert (hardware.pes, hardware.levels[0].mesh_x, hardware.levels[1].entries) == (6, 3, 32)
    assert hardware.levels[0].read_bandwidth == 1.5


def test_domains(space: ChipSpace) -> None:
    """Divisors, steps and powers, lists, and in each the chip's own value."""
    values = {parameter.name: parameter.values for parameter in space.parameters}

    assert values == {
        "rows": (1, 2, 3, 4, 6, 12),
        "columns": (1, 2, 3, 4, 5, 6),
        "words": (5, 10, 20, 40, 80),
        "rate": (0.5, 1.5),
    }


def test_exactly_the_feasible_points_are_drawn(space: ChipSpace) -> None:
    """All of them, each about as often as any other, and no others."""
    points = space.draw(np.random.default_rng(1), 4000)

    expected = {
        (rows, columns, words, rate)
        for rows in (1, 2, 3, 4, 6, 12)
        for columns in range(1, 7)
        for words in (5, 10, 20, 40, 80)
        for rate in (0.5, 1.5)
        # `total // rows` is whole whatever the rows are.
        if rows * columns <= 12 and rows * columns * words <= 64
    }
    found = [tuple(v for _, v in points.point(row).values) for row in range(len(points))]
    counts = np.unique(found, axis=0, return_counts=True)[1]
    assert set(found) == expected
    assert counts.max() < 3 * counts.min()


def test_rejection_finds_the_same_points(space: ChipSpace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there are too many points to list."""
    listed = space.draw(np.random.default_rng(1), 3000)
    monkeypatch.setattr(sampling, "MOST_LISTED", 10)
    other = ChipSpace(space.chip)

    drawn = other.draw(np.random.default_rng(1), 3000)

    assert AnySampler(other).listed is None
    assert np.array_equal(np.unique(drawn.values, axis=0), np.unique(listed.values, axis=0))


def test_a_draw_gives_up_in_the_end(space: ChipSpace, monkeypatch: pytest.MonkeyPatch) -> None:
    """It does not draw without end."""
    monkeypatch.setattr(sampling, "MOST_LISTED", 10)
    monkeypatch.setattr(AnySampler, "patience", 100)
    other = ChipSpace(space.chip, limits=Limits(max_area_mm2=1e-6))

    with pytest.raises(InputError, match=r"none of \d+ accelerators that were tried meets all"):
        other.draw(np.random.default_rng(1), 3)


def test_rules_are_named(tmp_path: Path) -> None:
    """Those of the file, and those that every accelerator obeys."""
    text = TEXT.replace("meshX: 1}", "meshX: words / 10}")
    space = space_of(tmp_path, text)
    raw = space.draw_raw(np.random.default_rng(0), 3000)

    found = space.broken(raw)

    rules = {
        "rows * columns <= pes",
        "rows * columns * words <= total",
        "Row: meshX is a whole number from 1 to 2147483647",
        "Row: meshX divides instances",
        "Local: mesh is a multiple of that of Row",
        None,
    }
    assert set(found) == rules
    for row, rule in enumerate(found):
        if rule is None:
            space.hardware(raw.point(row))
        else:
            with pytest.raises(InputError):
                space.hardware(raw.point(row))


@pytest.mark.parametrize("name", TEMPLATES)
@settings(max_examples=count(6, 15), deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=seeds, count=st.integers(1, 6))
def test_shipped_templates(name: str, seed: int, count: int) -> None:
    """Drawn and moved points are accelerators within the budget; codes and features tell them."""
    space = ChipSpace(load_chip(name), [load_workload("dqn")])
    rng = np.random.default_rng(seed)
    points = space.draw(rng, count)
    moved = space.mutate(rng, points, 2 * count)

    everything = space.join([points, moved])
    assert len(everything) == 3 * count
    assert space.broken(everything) == [None] * len(everything)
    assert (moved.values != points.values[np.arange(2 * count) % count]).any(axis=1).all()
    budget = space.template.budget
    for row in range(len(everything)):
        hardware = space.hardware(everything.point(row))
        assert hardware.pes == budget.get("pes", budget.get("macs"))
        on_chip = sum(
            (level.entries or 0) * level.instances * level.word_bits
            for level in hardware.levels[1:-1]
        )
        assert on_chip <= budget["sram_kb"] * 8192
    codes = space.encode(everything)
    again, fits = space.decode(codes)
    assert fits.all()
    assert [again.point(i) for i in range(len(again))] == [
        everything.point(i) for i in range(len(everything))
    ]
    features = space.features(everything)
    assert np.isfinite(features).all()
    assert np.array_equal(features[:count], space.features(points))


@pytest.mark.parametrize("name", TEMPLATES)
def test_dataflows_of_shipped_templates_map_layers(name: str) -> None:
    """Each has mappings of convolutions and of matrix products, free ones and its own."""
    chip = load_chip(name)
    for layer in (
        Layer.conv("conv", R=3, S=3, P=14, Q=14, C=32, K=64),
        Layer.conv("gemm", P=64, C=128, K=96),
    ):
        for flow in chip.dataflows.values():
            space = MapSpace(layer, chip.hardware, flow)
            assert space.problem is None
            batch = space.draw(np.random.default_rng(0), 50)
            assert not space.violations(batch).any()


def test_features_say_how_well_layers_could_fill_the_array(tmp_path: Path) -> None:
    """A layer of 12 channels fills 3 × 4 PEs; one of 5 channels does not."""
    path = tmp_path / "net.yaml"
    path.write_text(
        "name: net\nlayers:\n- {name: a, C: 12, K: 12}\n- {name: b, C: 5}\n", encoding="utf-8"
    )
    plain = space_of(tmp_path)
    space = ChipSpace(plain.chip, [load_workload(path)])
    values = dict(space.template.baseline) | {"rows": 3, "columns": 4, "words": 5}
    points = space.batch([Point("odd", tuple(values.items()))])

    added = space.features(points)[:, plain.features(points).shape[1] :]

    assert added.tolist() == [[0.0, pytest.approx(np.log2(1 / 12))]]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        *(
            ("rows: 2", f"{name}: 2", f"parameters: '{name}', expected a name .* no column")
            for name in sorted(RESERVED)
        ),
        ("rows: 2", "lambda: 2", "parameters: 'lambda', expected a name"),
        ("total: 64}", "total: 64, area_mm2: 2}", "budget: 'area_mm2', expected a name"),
        ("rows: 2", "'a b': 2", "'a b', expected a name"),
        ("words: 10", "words: 30", r"parameters break the constraint 'rows \* columns \* words"),
        ("total: 64}", "total: 64, rows: 2}", "rows is both a parameter and in the budget"),
        ("{divisors: pes}", "{divisors: macs}", "divisors is 'macs', expected a whole number"),
        ("{divisors: pes}", "{divisors: total, x: 1}", "unknown field 'x'"),
        (
            "to: 6, step: 1}",
            "to: 100000, step: 1}",
            r"columns.0. is .*, expected at most 4096 values",
        ),
        (
            "to: 80, times: 2}",
            "to: 80, times: 1.0001}",
            r"words.0. is .* at most 4096 values",
        ),
        ("step: 1}", "step: 0}", "expected from and to with either a step above 0 or times"),
        ("[0.5, 1.5]", "[]", "rate is .., expected 1 to 4096 values"),
        ("[0.5, 1.5]", "[a]", "is 'a', expected a number"),
        ("rate: [", "tare: [", "unknown field 'tare'"),
        ("rows * columns <= pes", "rows * columns", "expected a comparison such as"),
        ("rows * columns <= pes", "rows * colums <= pes", "expected arithmetic over rows, columns"),
        ("entries: words", "entries: []", r"entries is \[\], expected a whole .*, or a formula"),
        ("entries: words", "entries: true", "entries is True, expected a whole .*, or a formula"),
        ("entries: words", "entries: wrods", "Local, entries is 'wrods', expected arithmetic"),
        (
            "entries: words",
            "entries: words / 4",
            r"Local, entries is 2.5 \(words / 4\) with these parameters, expected a whole number",
        ),
        ("meshX: 1}", "meshX: 2}", "break the constraint 'Local: mesh is a multiple of that of R"),
        ("read_bandwidth: rate", "read_bandwith: rate", "unknown field 'read_bandwith'"),
    ],
)
def test_what_is_wrong_with_a_template_is_told(
    tmp_path: Path, old: str, new: str, expected: str
) -> None:
    """By file, field and what was expected."""
    assert old in TEXT

    with pytest.raises(InputError, match=expected) as error:
        space_of(tmp_path, TEXT.replace(old, new, 1))
    assert "odd.yaml" in str(error.value)


def test_nothing_to_search_is_told(tmp_path: Path) -> None:
    """Neither a template, nor one without choice."""
    text = TEXT[: TEXT.index("space:")] + TEXT[TEXT.index("constraints:") :]

    plain = "name: x\narithmetic: {instances: 1}\nstorage: [{name: DRAM, technology: DRAM}]\n"
    with pytest.raises(InputError, match="hardware odd: there is nothing to search, expected"):
        space_of(tmp_path, text)
    with pytest.raises(InputError, match="hardware x: there is nothing to search, expected"):
        space_of(tmp_path, plain)
