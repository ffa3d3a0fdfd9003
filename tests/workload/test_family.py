"""Families of networks: what they share, which of them may matter, and those made of cells."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from codesign.errors import InputError
from codesign.workload import Layer, Workload
from codesign.workload.cells import EDGES, OPERATIONS, Skeleton, cell_family, costly, parse_cell
from codesign.workload.family import Family

CELL = "|nor_conv_3x3~0|+|none~0|nor_conv_1x1~1|+|avg_pool_3x3~0|none~1|skip_connect~2|"


def _text(operations: tuple[str, ...]) -> str:
    named = [f"{op}~{source}" for op, (source, _) in zip(operations, EDGES, strict=True)]
    return "+".join("|" + "|".join(part) + "|" for part in (named[:1], named[1:3], named[3:]))


def _network(name: str, **counts: int) -> Workload:
    layers = tuple(Layer.conv(key, K=int(key[1:])) for key in counts)
    return Workload(name, layers, tuple(counts.values()))


def test_equal_layers_of_different_networks_are_one_layer() -> None:
    other = Workload("b", (Layer.conv("other name", K=2), Layer.conv("k3", K=4)), (5, 1))
    family = Family.of("f", [_network("a", k2=1, k3=2), other], [1.0, 2.0])
    assert [layer.name for layer in family.layers] == ["k2", "k3", "k3-2"]
    assert family.counts.tolist() == [[1, 2, 0], [5, 0, 1]]
    assert family.network(1).layers[1].sizes == Layer.conv("k3", K=4).sizes
    assert family.network(1).counts == (5, 1)


def test_a_network_with_fewer_layers_and_more_quality_leaves_no_reason_for_another() -> None:
    networks = [_network("small", k2=1), _network("more", k2=2), _network("other", k3=1)]
    networks.append(_network("twin", k2=1))
    assert Family.of("f", networks, [3, 2, 1, 3]).leading().tolist() == [0, 2]
    assert Family.of("f", networks, [1, 2, 1, 3]).leading().tolist() == [2, 3]


def test_networks_below_the_floor_are_left_out() -> None:
    family = Family.of("f", [_network("a", k2=1), _network("b", k3=1)], [1.0, 2.0])
    kept = family.at_least(1.5)
    assert kept.names == ("b",)
    assert [layer.name for layer in kept.layers] == ["k3"]
    with pytest.raises(InputError, match="quality of at least 3; the best has 2"):
        family.at_least(3)


def test_bad_families_are_refused() -> None:
    with pytest.raises(InputError, match="two networks are called 'a'"):
        Family.of("f", [_network("a", k2=1), _network("a", k3=1)], [1.0, 2.0])
    with pytest.raises(InputError, match="no networks"):
        Family.of("f", [], [])
    with pytest.raises(InputError, match="quality of 'a' is nan"):
        Family.of("f", [_network("a", k2=1)], [float("nan")])


def test_a_cell_is_read_edge_by_edge() -> None:
    operations = ("nor_conv_3x3", "none", "nor_conv_1x1", "avg_pool_3x3", "none", "skip_connect")
    assert parse_cell(CELL) == operations
    assert _text(operations) == CELL


@pytest.mark.parametrize(
    "text", ["", "|none~0|", CELL + "+|none~0|", CELL.replace("~2", "~1"), "a+b+c", "|~0|" * 3]
)
def test_what_is_no_cell_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="cell is"):
        parse_cell(text)


def test_an_unknown_operation_is_refused() -> None:
    with pytest.raises(InputError, match="operation 'conv_5x5', expected one of none"):
        parse_cell(CELL.replace("nor_conv_3x3", "conv_5x5"))


def test_only_operations_between_input_and_output_count() -> None:
    """The operations that change the output are those that a walk over all paths goes over."""
    paths = [[(0, 3)], [(0, 1), (1, 3)], [(0, 2), (2, 3)], [(0, 1), (1, 2), (2, 3)]]
    rng = np.random.default_rng(0)
    every = list(itertools.product(OPERATIONS, repeat=6))
    for pick in rng.integers(0, len(every), 400):
        operation = dict(zip(EDGES, every[pick], strict=True))
        used = {
            edge
            for path in paths
            if all(operation[step] != "none" for step in path)
            for edge in path
        }
        kinds = [operation[edge] for edge in used]
        expected = ("nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3")
        assert costly(_text(every[pick])) == tuple(kinds.count(op) for op in expected)


def test_the_network_of_a_cell_has_the_layers_of_the_benchmark() -> None:
    family = cell_family("f", [CELL], [90.0])
    network = family.network(0)
    counts = dict(zip((layer.name for layer in network.layers), network.counts, strict=True))
    # One 3 × 3 convolution per cell; the residual blocks have one more of the same sizes.
    assert counts["conv3x3-16"] == 5
    assert counts["conv3x3-32"] == 6
    assert counts["conv3x3-64"] == 6
    assert counts["conv1x1-16"] == counts["pool3x3-64"] == 5
    assert counts["stem"] == counts["down-32"] == counts["widen-64"] == counts["classifier"] == 1
    assert network.layer("down-64").sizes == Layer.conv("", R=3, S=3, P=8, Q=8, C=32, K=64).sizes


def test_images_have_to_be_halved() -> None:
    with pytest.raises(InputError, match="inputs is 30, expected a multiple of 4"):
        Skeleton(inputs=30)
