"""Eyeriss's hardware space: points within the budget, as numbers and as accelerators."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codesign.errors import InputError
from codesign.hardware import Arithmetic, Hardware, StorageLevel
from codesign.hardware.dataflow import ALL, FREE, SlotRule
from codesign.hardware.files import Chip, load_chip
from codesign.hardware.point import Point
from codesign.hardware.technology import PAT
from codesign.hardware.template_file import plain
from codesign.space.chip_space import ChipSpace, PointBatch
from codesign.workload import load_workload
from tests.budgets import count
from tests.eyeriss import NAMES, budget_of, chip_of, dataflow_of, point_of
from tests.space.strategies import seeds

CLUSTERS = (1, 2, 4, 8, 16)

PINS = {
    "H11": SlotRule("WeightRegFile", "temporal", (("R", ALL),)),
    "H12": SlotRule("DummyBuffer", "spatial-y", (("S", ALL),)),
}
"""Where row-stationary has the filter."""


def clustered(budget: dict[str, float]) -> Chip:
    """A chip of the template with a budget of its own, and clusters to choose from."""
    return chip_of(budget, space={"H10": list(CLUSTERS)})


def rule_of(point: Point, budget: dict[str, float]) -> str | None:
    """The first rule of `docs/paper.md` that a point breaks, as tables call it, or None."""
    h = {number: int(point[f"H{number}"]) for number in range(1, 13)}
    words = int(budget["global_kb"] * 8192) // int(budget["word_bits"])
    checks = (
        (h[1] * h[2] == budget["pes"], "H1·H2"),
        (h[3] + h[4] + h[5] <= budget["local_words"], "H3+H4+H5"),
        (h[7] * h[8] == h[6], "H7·H8"),
        (h[1] % h[7] == 0, "H7"),
        (h[2] % h[8] == 0, "H8"),
        (h[6] % h[10] == 0, "H10"),
        (h[6] <= words, "H6"),
    )
    return next((rule for holds, rule in checks if not holds), None)


def file_words(budget: dict[str, float]) -> tuple[float, ...]:
    """The sizes of a register file."""
    return chip_of(budget).template.domains["H3"]


budgets = st.builds(
    budget_of,
    pes=st.sampled_from([168, 256, 1, 2, 7, 12, 97, 360]),
    local_words=st.sampled_from([220, 3, 4, 7, 10, 64]),
    global_words=st.sampled_from([65536, 1, 24]),
)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def decode(space: ChipSpace, points: PointBatch) -> dict[str, np.ndarray]:
    """The values that `encode` stands for, by parameter."""
    codes = space.encode(points)
    return {
        parameter.name: np.array(parameter.values)[codes[:, column]]
        for column, parameter in enumerate(space.parameters)
    }


def assert_within(space: ChipSpace, points: PointBatch) -> None:
    """Every point meets every known constraint, and its values come from the domains."""
    assert not space.violations(points).any()
    template = space.template
    budget = dict(template.recorded_budget)
    sizes = {1, 2, *range(4, int(template.budget["local_words"]) + 1, 4)}
    for row in range(len(points)):
        point = points.point(row)
        assert rule_of(point, budget) is None
        assert {point["H3"], point["H4"], point["H5"]} <= sizes
        assert all(point[f"H{n}"] in template.domains[f"H{n}"] for n in range(9, 13))
        hardware = space.hardware(point)
        assert hardware.pes == template.budget["pes"]
        buffers = hardware.levels[4]
        assert (buffers.entries or 0) >= 1
        assert (buffers.entries or 0) * buffers.instances <= template.budget["global_words"]
        assert buffers.instances % buffers.cluster_size == 0


@settings(max_examples=count(15, 40), deadline=None)
@given(budgets, seeds)
def test_draws_and_neighbours_meet_the_constraints(budget: dict[str, float], seed: int) -> None:
    """Whatever the budget: primes, a single PE, three words, a buffer of one word."""
    space = ChipSpace(clustered(budget))
    source = rng(seed)

    drawn = space.draw(source, 30)
    moved = space.mutate(source, drawn, 45)

    assert_within(space, drawn)
    assert_within(space, moved)
    assert_within(space, space.mutate(source, moved, 45))


@settings(max_examples=count(15, 40), deadline=None)
@given(budgets, seeds)
def test_encoding_is_faithful(budget: dict[str, float], seed: int) -> None:
    """Indices lead back to the values; what is not a parameter follows from those that are."""
    space = ChipSpace(clustered(budget))
    points = space.draw(rng(seed), 40)

    found = decode(space, points)

    for name, values in found.items():
        assert (values == points.column(name)).all()
    h1, _, _, _, _, h6, h7, h8, *_ = points.values.T
    assert set(NAMES) - set(found) == {"H2", "H6"}
    assert (points.column("H2") == budget["pes"] // h1).all()
    assert (h6 == h7 * h8).all()


def test_eyeriss_lies_in_its_own_space() -> None:
    """The baseline can be encoded, and meets its budget."""
    for name in ("eyeriss-168", "eyeriss-256"):
        chip = load_chip(name)
        space = ChipSpace(chip)
        baseline = space.batch([chip.template.point])

        assert_within(space, baseline)
        assert {key: v[0] for key, v in decode(space, baseline).items()} == {
            name: chip.template.point[name] for name in NAMES if name not in ("H2", "H6")
        }
        assert space.hardware(chip.template.point, name) == chip.hardware


def test_parameters_have_the_papers_names() -> None:
    """The dataflow options are labels, the rest is ordered."""
    space = ChipSpace(load_chip("eyeriss-168"))

    names = [parameter.name for parameter in space.parameters]
    labels = {parameter.name for parameter in space.parameters if not parameter.is_ordered}

    assert sorted(names, key=lambda name: int(name[1:])) == [
        "H1", "H3", "H4", "H5", "H7", "H8", "H9", "H10", "H11", "H12",
    ]  # fmt: skip
    assert labels == {"H11", "H12"}


def test_draws_reach_every_value() -> None:
    """No mesh, buffer size, block or option is left out."""
    space = ChipSpace(load_chip("eyeriss-168"))

    found = decode(space, space.draw(rng(), 20_000))

    for parameter in space.parameters:
        values = set(found[parameter.name].tolist())
        # The largest files leave the others less than a word each: 220 - 2 = 218.
        reachable = {v for v in parameter.values if parameter.name[1:] not in "345" or v <= 218}
        assert values == reachable, parameter.name


def test_draws_use_the_budget() -> None:
    """What the three register files leave is less than the steps of their sizes."""
    space = ChipSpace(load_chip("eyeriss-168"))

    words = space.draw(rng(), 2000).values[:, 2:5]

    assert (220 - words.sum(axis=1)).max() < 4


def test_neighbours_change_one_group() -> None:
    """The mesh with the buffers on it, two register files, the buffers, or one of the others."""
    space = ChipSpace(load_chip("eyeriss-168"))
    parents = space.draw(rng(), 300)
    groups = ({0, 1, 5, 6, 7, 9}, {2, 3, 4}, {8}, {10}, {11})

    children = space.mutate(rng(1), parents, 600)

    differs = children.values != parents.values[np.tile(np.arange(300), 2)]
    for row in differs:
        assert any(set(np.flatnonzero(row).tolist()) <= group for group in groups)
    assert differs.any(axis=1).mean() > 0.5


def test_same_seed_same_points() -> None:
    """Draws are a function of the generator, and of nothing drawn before."""
    first, again = (ChipSpace(load_chip("eyeriss-256")) for _ in range(2))
    again.draw(rng(8), 5)

    assert (first.draw(rng(3), 50).values == again.draw(rng(3), 50).values).all()
    assert (first.draw_raw(rng(3), 50).values == again.draw_raw(rng(3), 50).values).all()
    parents = first.draw(rng(3), 5)
    moved = [space.mutate(rng(4), parents, 20).values for space in (first, again)]
    assert (moved[0] == moved[1]).all()
    assert (first.draw(rng(3), 50).values != first.draw(rng(4), 50).values).any()


@settings(max_examples=count(15, 30), deadline=None)
@given(budgets, seeds)
def test_violations_are_the_rules(budget: dict[str, float], seed: int) -> None:
    """On raw draws the array check says what the point itself says, clusters included."""
    space = ChipSpace(clustered(budget))
    raw = space.draw_raw(rng(seed), 300)

    found = space.violations(raw)

    assert space.broken(raw) == [rule_of(raw.point(row), budget) for row in range(len(raw))]
    assert ((found == 0) == [rule is None for rule in space.broken(raw)]).all()


@settings(max_examples=count(15, 30), deadline=None)
@given(budgets, seeds)
def test_any_combination_is_decoded(budget: dict[str, float], seed: int) -> None:
    """Points have the given parameters, and are valid as in `violations`; draws come back."""
    space = ChipSpace(clustered(budget))
    sizes = [len(coordinate.values) for coordinate in space.coordinates]
    asked = rng(seed).integers(sizes, size=(200, len(sizes)))

    points, is_valid = space.decode(asked)

    assert (space.locate(points) == asked).all()
    assert (is_valid == (space.violations(points) == 0)).all()
    assert all(
        rule_of(point, budget) is None for point in map(points.point, np.flatnonzero(is_valid))
    )
    drawn = space.draw(rng(seed), 50)
    again, is_valid = space.decode(space.locate(drawn))
    assert is_valid.all()
    assert (again.values == drawn.values).all()


def test_the_valid_share_of_raw_draws_is_reproducible() -> None:
    """The same for a seed; about the product of what each rule leaves, far below one percent."""
    space = ChipSpace(load_chip("eyeriss-168"))
    shares = [(space.violations(space.draw_raw(rng(11), 400_000)) == 0).mean() for _ in range(2)]

    assert shares[0] == shares[1]
    assert 2e-5 < shares[0] < 1.2e-4


def test_raw_draws_are_uniform() -> None:
    """Every parameter is drawn from its domain by itself."""
    space = ChipSpace(load_chip("eyeriss-168"))

    raw = space.draw_raw(rng(), 32_000)

    meshes, counts = np.unique(raw.values[:, 0], return_counts=True)
    assert meshes.tolist() == [1, 2, 3, 4, 6, 7, 8, 12, 14, 21, 24, 28, 42, 56, 84, 168]
    assert np.abs(counts - 2000).max() < 200
    assert np.abs(np.corrcoef(raw.values[:, :9].T) - np.eye(9)).max() < 0.03


@pytest.mark.parametrize("workloads", [(), ("dqn",), ("dqn", "resnet")])
def test_features_are_finite(workloads: tuple[str, ...]) -> None:
    """A column a quantity and layer; how much of the array a layer could fill is at most all."""
    networks = [load_workload(name) for name in workloads]
    space = ChipSpace(load_chip("eyeriss-168"), networks)
    points = space.draw(rng(), 200)

    features = space.features(points)

    layers = sum(len(network.layers) for network in networks)
    assert features.shape == (200, 11 + layers)
    assert np.isfinite(features).all()
    assert (features[:, 11:] <= 0).all()


def test_features_tell_what_a_layer_can_fill() -> None:
    """By hand: DQN-K1's factors are twos and fives, and 21×8 suits them better than 14×12."""
    space = ChipSpace(load_chip("eyeriss-168"), [load_workload("dqn")])
    points = space.batch([point_of(14, 12), point_of(21, 8)])

    fill = 168 * 2 ** space.features(points)[:, 11]

    # At most 10 of 14 columns and 10 of 12 rows; 20 of 21 columns and all 8 rows.
    assert fill.round().tolist() == [100, 160]


def test_local_words_are_what_register_files_come_in() -> None:
    """One, two, and multiples of four."""
    assert file_words(budget_of(1, local_words=3)) == (1, 2)
    assert file_words(budget_of(1, local_words=13)) == (1, 2, 4, 8, 12)


def test_options_become_pins() -> None:
    """1 pins, 2 leaves the filter to the mapping."""
    point = point_of(14, 12)

    assert dataflow_of(point) == FREE
    assert dataflow_of(point.having(H11=1)).rules == (PINS["H11"],)
    assert dataflow_of(point.having(H11=1, H12=1)).rules == (PINS["H11"], PINS["H12"])


def test_join_and_rows() -> None:
    """Batches one after the other; rows by index, slice and mask."""
    space = ChipSpace(load_chip("eyeriss-168"))
    parts = [space.draw(rng(seed), 2) for seed in range(3)]

    joined = space.join(parts)

    assert len(joined) == 6
    assert (joined[2:4].values == parts[1].values).all()
    assert (joined[np.array([5])].values == parts[2].values[1:]).all()
    assert space.batch([joined.point(4)]).values.tolist() == [parts[2].values[0].tolist()]


def test_a_chip_with_nothing_to_choose_is_refused() -> None:
    """With what it takes to be searched."""
    hardware = Hardware("mine", Arithmetic(), (StorageLevel("DRAM", None, technology="DRAM"),))

    with pytest.raises(InputError, match=r"hardware mine: there is nothing .*template: eyeriss"):
        ChipSpace(Chip(plain(hardware), PAT, {"free": FREE}))
