"""The hardware space: points within the budget, as numbers and as accelerators."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codesign.errors import InputError
from codesign.hardware import Arithmetic, Budget, EyerissPoint, Hardware, StorageLevel, eyeriss
from codesign.hardware.dataflow import FREE
from codesign.hardware.files import Chip, load_chip
from codesign.hardware.technology import PAT
from codesign.space.hardware_points import NAMES, PINS, HardwareBatch, dataflow_of
from codesign.space.hardware_space import VIOLATIONS, HardwareSpace, local_words
from codesign.workload import load_workload
from tests.space.strategies import seeds

CLUSTERS = (1, 2, 4, 8, 16)


def chip_of(budget: Budget, clusters: tuple[int, ...] = CLUSTERS) -> Chip:
    """A chip of the template with a budget of its own."""
    point = EyerissPoint(budget.pes, 1, 1, 1, 1)
    domains = {"h9": (1, 2, 4, 8, 16), "h10": clusters, "h11": (1, 2), "h12": (1, 2)}
    hardware = eyeriss("chip", point, budget)
    return Chip(hardware, PAT, {"free": FREE}, budget, point, tuple(domains.items()))


budgets = st.builds(
    Budget,
    pes=st.sampled_from([168, 256, 1, 2, 7, 12, 97, 360]),
    local_words=st.sampled_from([220, 3, 4, 7, 10, 64]),
    global_words=st.sampled_from([65536, 1, 24]),
)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def decode(space: HardwareSpace, points: HardwareBatch) -> dict[str, np.ndarray]:
    """The values that `encode` stands for, by parameter."""
    codes = space.encode(points)
    return {
        parameter.name: np.array(parameter.values)[codes[:, column]]
        for column, parameter in enumerate(space.parameters)
    }


def assert_within(space: HardwareSpace, points: HardwareBatch) -> None:
    """Every point meets every known constraint, and its values come from the domains."""
    assert not space.violations(points).any()
    domains = dict(space.chip.domains)
    for row in range(len(points)):
        point = points.point(row)
        assert point.violation(space.budget) is None
        assert {point.h3, point.h4, point.h5} <= set(local_words(space.budget))
        assert all(getattr(point, name) in values for name, values in domains.items())
        hardware = space.hardware(point)
        assert hardware.pes == space.budget.pes
        buffers = hardware.levels[4]
        assert (buffers.entries or 0) >= 1
        assert (buffers.entries or 0) * buffers.instances <= space.budget.global_words
        assert buffers.instances % buffers.cluster_size == 0


@settings(max_examples=40, deadline=None)
@given(budgets, seeds)
def test_draws_and_neighbours_meet_the_constraints(budget: Budget, seed: int) -> None:
    """Whatever the budget: primes, a single PE, three words, a buffer of one word."""
    space = HardwareSpace(chip_of(budget))
    source = rng(seed)

    drawn = space.draw(source, 30)
    moved = space.mutate(source, drawn, 45)

    assert_within(space, drawn)
    assert_within(space, moved)
    assert_within(space, space.mutate(source, moved, 45))


@settings(max_examples=40, deadline=None)
@given(budgets, seeds)
def test_encoding_is_faithful(budget: Budget, seed: int) -> None:
    """Indices lead back to the values; what is not a parameter follows from those that are."""
    space = HardwareSpace(chip_of(budget))
    points = space.draw(rng(seed), 40)

    found = decode(space, points)

    for name, values in found.items():
        assert (values == points.values[:, NAMES.index(name.lower())]).all()
    h1, _, _, _, _, h6, h7, h8, *_ = points.values.T
    assert set(NAMES) - {name.lower() for name in found} == {"h2", "h6"}
    assert (points.values[:, 1] == budget.pes // h1).all()
    assert (h6 == h7 * h8).all()


def test_eyeriss_lies_in_its_own_space() -> None:
    """The baseline can be encoded, and meets its budget."""
    for name in ("eyeriss-168", "eyeriss-256"):
        chip = load_chip(name)
        assert chip.point is not None
        space = HardwareSpace(chip)
        baseline = HardwareBatch.of([chip.point])

        assert_within(space, baseline)
        assert {key: v[0] for key, v in decode(space, baseline).items()} == {
            name.upper(): getattr(chip.point, name) for name in NAMES if name not in ("h2", "h6")
        }
        assert space.hardware(chip.point, name) == chip.hardware


def test_parameters_have_the_papers_names() -> None:
    """The dataflow options are labels, the rest is ordered."""
    space = HardwareSpace(load_chip("eyeriss-168"))

    names = [parameter.name for parameter in space.parameters]
    labels = {parameter.name for parameter in space.parameters if not parameter.is_ordered}

    assert sorted(names, key=lambda name: int(name[1:])) == [
        "H1", "H3", "H4", "H5", "H7", "H8", "H9", "H10", "H11", "H12",
    ]  # fmt: skip
    assert labels == {"H11", "H12"}


def test_draws_reach_every_value() -> None:
    """No mesh, buffer size, block or option is left out."""
    space = HardwareSpace(load_chip("eyeriss-168"))

    found = decode(space, space.draw(rng(), 20_000))

    for parameter in space.parameters:
        values = set(found[parameter.name].tolist())
        # The largest files leave the others less than a word each: 220 - 2 = 218.
        reachable = {v for v in parameter.values if parameter.name[1:] not in "345" or v <= 218}
        assert values == reachable, parameter.name


def test_draws_use_the_budget() -> None:
    """What the three register files leave is less than the steps of their sizes."""
    space = HardwareSpace(load_chip("eyeriss-168"))

    words = space.draw(rng(), 2000).values[:, 2:5]

    assert (220 - words.sum(axis=1)).max() < 4


def test_neighbours_change_one_group() -> None:
    """The mesh with the buffers on it, two register files, the buffers, or one of the others."""
    space = HardwareSpace(load_chip("eyeriss-168"))
    parents = space.draw(rng(), 300)
    groups = ({0, 1, 5, 6, 7, 9}, {2, 3, 4}, {8}, {10}, {11})

    children = space.mutate(rng(1), parents, 600)

    differs = children.values != parents.values[np.tile(np.arange(300), 2)]
    for row in differs:
        assert any(set(np.flatnonzero(row).tolist()) <= group for group in groups)
    assert differs.any(axis=1).mean() > 0.5


def test_same_seed_same_points() -> None:
    """Draws are a function of the generator, and of nothing drawn before."""
    first, again = (HardwareSpace(load_chip("eyeriss-256")) for _ in range(2))
    again.draw(rng(8), 5)

    assert (first.draw(rng(3), 50).values == again.draw(rng(3), 50).values).all()
    assert (first.draw_raw(rng(3), 50).values == again.draw_raw(rng(3), 50).values).all()
    parents = first.draw(rng(3), 5)
    moved = [space.mutate(rng(4), parents, 20).values for space in (first, again)]
    assert (moved[0] == moved[1]).all()
    assert (first.draw(rng(3), 50).values != first.draw(rng(4), 50).values).any()


@settings(max_examples=30, deadline=None)
@given(budgets, seeds)
def test_violations_are_the_rules(budget: Budget, seed: int) -> None:
    """On raw draws the array check says what the point itself says, clusters included."""
    space = HardwareSpace(chip_of(budget))
    raw = space.draw_raw(rng(seed), 300)

    found = space.violations(raw)

    for row, code in enumerate(found):
        point = raw.point(row)
        rule = point.violation(budget)
        is_clustered = point.h6 % point.h10 == 0
        is_split = point.h6 <= budget.global_words
        assert (code == 0) == (rule is None and is_clustered and is_split)
        if rule is not None:
            assert rule.startswith((VIOLATIONS[code] or "") if code < 4 else f"H{code + 3} divides")


@settings(max_examples=30, deadline=None)
@given(budgets, seeds)
def test_any_combination_is_decoded(budget: Budget, seed: int) -> None:
    """To points whose parameters are as asked for, and which are valid as `violations` says;
    what was drawn comes back."""
    space = HardwareSpace(chip_of(budget))
    sizes = [len(coordinate.values) for coordinate in space.coordinates]
    asked = rng(seed).integers(sizes, size=(200, len(sizes)))

    points, is_valid = space.decode(asked)

    assert (space.locate(points) == asked).all()
    assert (is_valid == (space.violations(points) == 0)).all()
    assert all(
        point.violation(budget) is None for point in map(points.point, np.flatnonzero(is_valid))
    )
    drawn = space.draw(rng(seed), 50)
    again, is_valid = space.decode(space.locate(drawn))
    assert is_valid.all()
    assert (again.values == drawn.values).all()


def test_the_valid_share_of_raw_draws_is_reproducible() -> None:
    """The same for a seed; about the product of what each rule leaves, far below one percent."""
    space = HardwareSpace(load_chip("eyeriss-168"))
    shares = [(space.violations(space.draw_raw(rng(11), 400_000)) == 0).mean() for _ in range(2)]

    assert shares[0] == shares[1]
    assert 2e-5 < shares[0] < 1.2e-4


def test_raw_draws_are_uniform() -> None:
    """Every parameter is drawn from its domain by itself."""
    space = HardwareSpace(load_chip("eyeriss-168"))

    raw = space.draw_raw(rng(), 32_000)

    meshes, counts = np.unique(raw.values[:, 0], return_counts=True)
    assert meshes.tolist() == [1, 2, 3, 4, 6, 7, 8, 12, 14, 21, 24, 28, 42, 56, 84, 168]
    assert np.abs(counts - 2000).max() < 200
    assert np.abs(np.corrcoef(raw.values[:, :9].T) - np.eye(9)).max() < 0.03


@pytest.mark.parametrize("workloads", [(), ("dqn",), ("dqn", "resnet")])
def test_features_are_finite(workloads: tuple[str, ...]) -> None:
    """A column a quantity and layer; how much of the array a layer could fill is at most all."""
    networks = [load_workload(name) for name in workloads]
    space = HardwareSpace(load_chip("eyeriss-168"), networks)
    points = space.draw(rng(), 200)

    features = space.features(points)

    layers = sum(len(network.layers) for network in networks)
    assert features.shape == (200, 11 + layers)
    assert np.isfinite(features).all()
    assert (features[:, 11:] <= 0).all()


def test_features_tell_what_a_layer_can_fill() -> None:
    """By hand: DQN-K1's factors are twos and fives, and 21×8 suits them better than 14×12."""
    space = HardwareSpace(load_chip("eyeriss-168"), [load_workload("dqn")])
    points = HardwareBatch.of([EyerissPoint(14, 12), EyerissPoint(21, 8)])

    fill = 168 * 2 ** space.features(points)[:, 11]

    # At most 10 of 14 columns and 10 of 12 rows; 20 of 21 columns and all 8 rows.
    assert fill.round().tolist() == [100, 160]


def test_local_words_are_what_register_files_come_in() -> None:
    """One, two, and multiples of four."""
    assert local_words(Budget(1, local_words=3)) == (1, 2)
    assert local_words(Budget(1, local_words=13)) == (1, 2, 4, 8, 12)


def test_options_become_pins() -> None:
    """1 pins, 2 leaves the filter to the mapping."""
    point = EyerissPoint(14, 12)

    assert dataflow_of(point) == FREE
    assert dataflow_of(replace(point, h11=1)).rules == (PINS["h11"],)
    assert dataflow_of(replace(point, h11=1, h12=1)).rules == (PINS["h11"], PINS["h12"])


def test_join_and_rows() -> None:
    """Batches one after the other; rows by index, slice and mask."""
    space = HardwareSpace(load_chip("eyeriss-168"))
    parts = [space.draw(rng(seed), 2) for seed in range(3)]

    joined = space.join(parts)

    assert len(joined) == 6
    assert (joined[2:4].values == parts[1].values).all()
    assert (joined[np.array([5])].values == parts[2].values[1:]).all()
    assert HardwareBatch.of([joined.point(4)]).values.tolist() == [parts[2].values[0].tolist()]


def test_a_chip_without_a_budget_is_refused() -> None:
    """With what it takes to be searched."""
    hardware = Hardware("mine", Arithmetic(), (StorageLevel("DRAM", None, technology="DRAM"),))

    with pytest.raises(InputError, match=r"hardware mine: it has no budget .*template: eyeriss"):
        HardwareSpace(Chip(hardware, PAT, {"free": FREE}))
