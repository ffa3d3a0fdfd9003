"""Operators as layers, family by family, and the parts that are left out."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from codesign.errors import InputError
from codesign.hardware.files import load_chip
from codesign.search.mapper import map_layer
from codesign.search.settings import Search
from codesign.search.task import MappingTask
from codesign.store.write import write_any
from codesign.workload import CONV, load_workload
from codesign.workload.onnx import Extract, sentences
from codesign.workload.onnx.operators.transposed import phases
from codesign.workload.shape import CONV_3D, GROUPED_CONV_3D
from tests.workload.onnx.building import model, numbers, only_layer, read, scalar, weights, wide

node = helper.make_node
MS = "com.microsoft"


def parts(found: Extract) -> list[tuple[str, dict[str, int], int]]:
    """Names, sizes and counts of all layers."""
    workload = found.workload
    return [
        (layer.name, wide(layer), count)
        for layer, count in zip(workload.layers, workload.counts, strict=True)
    ]


# Convolutions


def test_convolution_along_three_axes(tmp_path: Path) -> None:
    """The depth is the outermost axis; groups as along two."""
    attributes = {"strides": [1, 2, 2], "pads": [1, 1, 1, 1, 1, 1], "dilations": [2, 1, 1]}
    content = model(
        [node("Conv", ["x", "w"], ["y"], name="c", **attributes)],
        {"x": [2, 4, 8, 12, 16]},
        [weights("w", 6, 4, 3, 3, 3)],
    )

    layer = only_layer(content, tmp_path)

    assert layer.shape == CONV_3D
    assert wide(layer) == {
        **{"N": 2, "C": 4, "K": 6, "R": 3, "S": 3, "T": 3, "P": 8, "Q": 6, "D": 6},
        **{"Wstride": 2, "Hstride": 2, "Ddilation": 2},
    }
    assert layer.macs == 2 * 4 * 6 * 27 * 8 * 6 * 6


def test_groups_along_three_axes(tmp_path: Path) -> None:
    """Depthwise convolutions are an example."""
    content = model(
        [node("Conv", ["x", "w"], ["y"], group=4)],
        {"x": [1, 4, 8, 8, 8]},
        [weights("w", 4, 1, 3, 3, 3)],
    )

    layer = only_layer(content, tmp_path)

    assert layer.shape == GROUPED_CONV_3D
    assert wide(layer) == {"G": 4, "R": 3, "S": 3, "T": 3, "P": 6, "Q": 6, "D": 6}


def test_a_depth_that_nothing_connects_needs_no_third_axis(tmp_path: Path) -> None:
    """Filters of one slice see so many images; of all slices, so many channels."""
    nodes = [
        node("Conv", ["x", "v"], ["a"], name="slices"),
        node("Conv", ["x", "w"], ["y"], name="whole"),
    ]
    constants = [weights("v", 5, 2, 1, 3, 3), weights("w", 5, 2, 4, 3, 3)]
    content = model(nodes, {"x": [1, 2, 4, 8, 8]}, constants, ["a", "y"])

    slices, whole = read(content, tmp_path).workload.layers

    assert slices.shape == whole.shape == CONV
    assert wide(slices) == {"N": 4, "C": 2, "K": 5, "R": 3, "S": 3, "P": 6, "Q": 6}
    assert wide(whole) == {"C": 8, "K": 5, "R": 3, "S": 3, "P": 6, "Q": 6}


def test_a_layer_of_three_axes_is_written_read_and_mapped(tmp_path: Path) -> None:
    """As any other shape is."""
    content = model(
        [node("Conv", ["x", "w"], ["y"])], {"x": [1, 4, 6, 6, 6]}, [weights("w", 4, 4, 3, 3, 3)]
    )
    workload = read(content, tmp_path).workload
    write_any(workload, tmp_path / "network.yaml")
    assert load_workload(tmp_path / "network.yaml") == workload

    (layer,) = workload.layers
    run = map_layer(MappingTask(layer, load_chip("eyeriss-168").hardware), Search("random", 8))
    assert run.best is not None


def test_four_axes_are_left_out_with_their_work(tmp_path: Path) -> None:
    """And the reason stands in the error."""
    content = model(
        [node("Conv", ["x", "w"], ["y"], name="c4")],
        {"x": [1, 2, 4, 4, 4, 4]},
        [weights("w", 3, 2, 2, 2, 2, 2)],
    )

    with pytest.raises(
        InputError, match=r"c4 \(Conv\): a convolution along 4 axes, expected at most 3"
    ):
        read(content, tmp_path)


def transposed(
    shape: Sequence[int], filters: Sequence[int], **attributes: object
) -> onnx.ModelProto:
    return model(
        [node("ConvTranspose", ["x", "w"], ["y"], name="up", **attributes)],
        {"x": shape},
        [weights("w", *filters)],
    )


@pytest.mark.parametrize(
    ("filters", "attributes", "expected"),
    [
        # Twice as large, no overlap: a product with four times the channels.
        ((8, 4, 2, 2), {"strides": [2, 2]}, [({"C": 8, "K": 16, "P": 6, "Q": 5}, 1)]),
        # Twice as large, two taps per phase and axis.
        (
            (8, 4, 4, 4),
            {"strides": [2, 2], "pads": [1, 1, 1, 1]},
            [({"C": 8, "K": 4, "P": 6, "Q": 5, "R": 2, "S": 2}, 4)],
        ),
        # Phases with two taps and with one.
        (
            (8, 4, 3, 3),
            {"strides": [2, 2], "pads": [1, 1, 1, 1]},
            [
                ({"C": 8, "K": 4, "P": 6, "Q": 5, "R": 2, "S": 2}, 1),
                ({"C": 8, "K": 4, "P": 6, "Q": 5, "S": 2}, 1),
                ({"C": 8, "K": 4, "P": 6, "Q": 5, "R": 2}, 1),
                ({"C": 8, "K": 4, "P": 6, "Q": 5}, 1),
            ],
        ),
        # Of stride one: a convolution.
        (
            (8, 4, 3, 3),
            {"pads": [1, 1, 1, 1]},
            [({"C": 8, "K": 4, "P": 6, "Q": 5, "R": 3, "S": 3}, 1)],
        ),
        # Groups, and taps that are spread.
        (
            (8, 2, 1, 3),
            {"group": 4, "dilations": [1, 2], "pads": [0, 2, 0, 2]},
            [({"G": 4, "C": 2, "K": 2, "P": 6, "Q": 5, "R": 3, "Wdilation": 2}, 1)],
        ),
    ],
)
def test_transposed_convolutions(
    tmp_path: Path,
    filters: tuple[int, ...],
    attributes: dict[str, object],
    expected: list[tuple[dict[str, int], int]],
) -> None:
    """Every input meets every tap, once."""
    found = read(transposed((1, 8, 5, 6), filters, **attributes), tmp_path)

    assert [(sizes, count) for _, sizes, count in parts(found)] == expected
    assert found.workload.macs == 8 * 5 * 6 * np.prod(filters[1:])


def test_a_single_word_becomes_an_image(tmp_path: Path) -> None:
    """As generators begin: nothing overlaps, whatever the stride."""
    found = read(transposed((1, 100, 1, 1), (100, 64, 4, 4)), tmp_path)

    assert [sizes for _, sizes, _ in parts(found)] == [{"C": 100, "K": 64 * 16}]


@given(st.integers(1, 9), st.integers(1, 6), st.integers(1, 5), st.integers(1, 4))
def test_phases_compute_what_the_definition_does(
    size: int, taps: int, stride: int, dilation: int
) -> None:
    """As many products; and within the border, each output sums the taps of its phase."""
    found = phases(size, taps, stride, dilation)

    products = sum(
        count * window.taps * window.places * channels
        for (window, channels), count in found.items()
    )
    assert products == size * taps
    meetings: dict[int, list[int]] = {}
    for place, tap in itertools.product(range(size), range(taps)):
        meetings.setdefault(place * stride + tap * dilation, []).append(tap)
    most = max(len(met) for met in meetings.values())
    # No output sums more than the taps of a window; with inputs enough, some sums as many.
    widest = max(window.taps for window, _ in found)
    assert most <= widest
    if size > taps * dilation:
        assert most == widest


# Products


@pytest.mark.parametrize(
    ("equation", "shapes", "expected"),
    [
        ("ij,jk->ik", [[5, 6], [6, 7]], {"P": 5, "C": 6, "K": 7}),
        ("bhqd,bhkd->bhqk", [[2, 3, 5, 6], [2, 3, 7, 6]], {"G": 6, "P": 5, "C": 6, "K": 7}),
        ("bqhd,bkhd->bhqk", [[2, 5, 3, 6], [2, 7, 3, 6]], {"G": 6, "P": 5, "C": 6, "K": 7}),
        ("...ij,...jk", [[4, 5, 6], [4, 6, 7]], {"G": 4, "P": 5, "C": 6, "K": 7}),
        ("...ij,jk->...ik", [[4, 5, 6], [6, 7]], {"P": 20, "C": 6, "K": 7}),
        ("bij,bjk->bik", [[4, 5, 6], [1, 6, 7]], {"P": 20, "C": 6, "K": 7}),
        ("i,j->ij", [[5], [6]], {"P": 5, "K": 6}),
        ("i,i->", [[5], [5]], {"C": 5}),
        ("ij,ij->i", [[5, 6], [5, 6]], {"G": 5, "C": 6}),
        ("bnd,dhe->bhne", [[2, 5, 8], [8, 3, 4]], {"P": 10, "C": 8, "K": 12}),
        # A letter of one operand alone is summed before anything is multiplied.
        ("ijx,jk->ik", [[5, 6, 9], [6, 7]], {"P": 5, "C": 6, "K": 7}),
    ],
)
def test_einsum_of_two_operands(
    tmp_path: Path, equation: str, shapes: list[list[int]], expected: dict[str, int]
) -> None:
    """Letters of both and the result are a batch; of both alone, the depth."""
    inputs = dict(zip("ab", shapes, strict=True))
    content = model([node("Einsum", ["a", "b"], ["y"], equation=equation)], inputs)

    assert wide(only_layer(content, tmp_path)) == expected


def test_einsum_of_three_operands_goes_from_the_left(tmp_path: Path) -> None:
    """As ONNX Runtime does."""
    inputs = {"a": [5, 6], "b": [6, 7], "c": [7, 8]}
    content = model(
        [node("Einsum", ["a", "b", "c"], ["y"], name="e", equation="ij,jk,kl->il")], inputs
    )

    assert parts(read(content, tmp_path)) == [
        ("e", {"P": 5, "C": 6, "K": 7}, 1),
        ("e-2", {"P": 5, "C": 7, "K": 8}, 1),
    ]


@pytest.mark.parametrize("equation", ["ij->ji", "ii->i", "ij->"])
def test_einsum_that_multiplies_nothing(tmp_path: Path, equation: str) -> None:
    """Transposes, diagonals and sums."""
    nodes = [
        node("Einsum", ["x"], ["s"], equation=equation),
        node("MatMul", ["x", "x"], ["y"]),
    ]

    found = read(model(nodes, {"x": [4, 4]}, outputs=["s", "y"]), tmp_path)

    assert found.ignored == {"Einsum": 1}


@pytest.mark.parametrize(
    "equation", ["ij,jk->ik,", "i!", "ijk,jk->i", "ij,kj->ik->", "", "ij,jj->i", ",".join("a" * 99)]
)
def test_bad_equations_are_refused(tmp_path: Path, equation: str) -> None:
    """In one sentence."""
    content = model(
        [node("Einsum", ["a", "b"], ["y"], name="e", equation=equation)], {"a": [5, 6], "b": [6, 7]}
    )

    with pytest.raises(InputError, match=r"node e \(Einsum\)"):
        read(content, tmp_path)


# Recurrent layers


@pytest.mark.parametrize(
    ("kind", "gates", "attributes", "recurrent"),
    [
        ("RNN", 1, {}, [16]),
        ("LSTM", 4, {}, [64]),
        ("GRU", 3, {"linear_before_reset": 1}, [48]),
        ("GRU", 3, {}, [32, 16]),
    ],
)
@pytest.mark.parametrize("directions", [1, 2])
def test_recurrent_layers(
    tmp_path: Path,
    kind: str,
    gates: int,
    attributes: dict[str, int],
    recurrent: list[int],
    directions: int,
) -> None:
    """Inputs of all steps at once; states step by step; each direction by itself."""
    way = "bidirectional" if directions == 2 else "forward"
    content = model(
        [node(kind, ["x", "w", "r"], ["y"], name="r", hidden_size=16, direction=way, **attributes)],
        {"x": [7, 3, 10]},
        [weights("w", directions, gates * 16, 10), weights("r", directions, gates * 16, 16)],
    )

    found = parts(read(content, tmp_path))

    assert found[0] == ("r.input", {"P": 21, "C": 10, "K": gates * 16}, directions)
    assert [(sizes, count) for _, sizes, count in found[1:]] == [
        ({"P": 3, "C": 16, "K": columns}, directions * 7) for columns in recurrent
    ]


def test_batch_first(tmp_path: Path) -> None:
    """`layout` of younger versions."""
    content = model(
        [node("LSTM", ["x", "w", "r"], ["y"], hidden_size=16, layout=1)],
        {"x": [3, 7, 10]},
        [weights("w", 1, 64, 10), weights("r", 1, 64, 16)],
    )

    workload = read(content, tmp_path).workload

    assert workload.counts == (1, 7)
    assert workload.macs == 7 * 3 * (64 * 10 + 64 * 16)


# Attention


def test_attention_of_heads_that_share_keys(tmp_path: Path) -> None:
    """Eight heads over two, with four tokens of before: rows of one product share its keys."""
    inputs = {"q": [2, 5, 8 * 16], "k": [2, 5, 2 * 16], "v": [2, 5, 2 * 12]}
    past = {"pk": [2, 2, 4, 16], "pv": [2, 2, 4, 12]}
    content = model(
        [
            node(
                "Attention", ["q", "k", "v", "", "pk", "pv"], ["y"],
                name="a", q_num_heads=8, kv_num_heads=2,
            )
        ],
        {**inputs, **past},
        opset=23,
    )  # fmt: skip

    assert parts(read(content, tmp_path)) == [
        ("a.scores", {"G": 4, "P": 20, "C": 16, "K": 9}, 1),
        ("a.values", {"G": 4, "P": 20, "C": 9, "K": 12}, 1),
    ]


def test_attention_of_four_axes(tmp_path: Path) -> None:
    """Heads as an axis; more keys than queries."""
    inputs = {"q": [2, 8, 5, 16], "k": [2, 8, 9, 16], "v": [2, 8, 9, 16]}
    content = model([node("Attention", ["q", "k", "v"], ["y"], name="a")], inputs, opset=23)

    assert parts(read(content, tmp_path)) == [
        ("a.scores", {"G": 16, "P": 5, "C": 16, "K": 9}, 1),
        ("a.values", {"G": 16, "P": 5, "C": 9, "K": 16}, 1),
    ]


# Quantized


def test_integers_have_their_widths(tmp_path: Path) -> None:
    """ConvInteger and MatMulInteger: eight bits in, sums of 32."""
    nodes = [
        node("ConvInteger", ["x", "w"], ["a"], name="c"),
        node("Cast", ["a"], ["b"], to=TensorProto.FLOAT),
        node("DynamicQuantizeLinear", ["b"], ["q", "s", "z"]),
        node("MatMulInteger", ["q", "v"], ["y"], name="m"),
    ]
    constants = [
        numpy_helper.from_array(np.zeros((4, 3, 3, 3), np.int8), "w"),
        numpy_helper.from_array(np.zeros((6, 5), np.int8), "v"),
    ]
    content = model(nodes, {"x": [1, 3, 8, 8]}, constants, elements={"x": TensorProto.UINT8})

    found = read(content, tmp_path)

    assert [(bits.weights, bits.inputs, bits.outputs) for bits in found.bits] == [(8, 8, 32)] * 2
    assert [wide(layer) for layer in found.workload.layers] == [
        {"C": 3, "K": 4, "R": 3, "S": 3, "P": 6, "Q": 6},
        {"P": 24, "C": 6, "K": 5},
    ]


def test_quantized_operators_have_their_widths(tmp_path: Path) -> None:
    """QLinearConv and QLinearMatMul, whose operands come with scales and zero points."""
    scales = [scalar("s", 1.0, np.float32), scalar("z", 0, np.uint8), scalar("zi", 0, np.int8)]
    nodes = [
        node("QLinearConv", ["x", "s", "z", "w", "s", "zi", "s", "z"], ["a"], name="c"),
        node("QLinearMatMul", ["a", "s", "z", "v", "s", "zi", "s", "z"], ["y"], name="m"),
    ]
    constants = [
        numpy_helper.from_array(np.zeros((4, 3, 3, 3), np.int8), "w"),
        numpy_helper.from_array(np.zeros((6, 5), np.int8), "v"),
        *scales,
    ]
    content = model(nodes, {"x": [1, 3, 8, 8]}, constants, elements={"x": TensorProto.UINT8})

    found = read(content, tmp_path)

    assert [(bits.weights, bits.inputs, bits.outputs) for bits in found.bits] == [(8, 8, 8)] * 2
    assert [layer.macs for layer in found.workload.layers] == [36 * 27 * 4, 24 * 6 * 5]


def quantized(*names: str) -> list[onnx.NodeProto]:
    """The quantization of a tensor, and the way back."""
    return [
        item
        for name in names
        for item in (
            node("QuantizeLinear", [name, "s", "z"], [f"{name}_q"]),
            node("DequantizeLinear", [f"{name}_q", "s", "z"], [f"{name}_d"]),
        )
    ]


def test_floats_that_are_stored_quantized(tmp_path: Path) -> None:
    """Between QuantizeLinear and DequantizeLinear a float convolution has words of 8 bits."""
    nodes = [
        *quantized("x"),
        node("DequantizeLinear", ["w", "s", "zi"], ["w_d"]),
        node("Conv", ["x_d", "w_d"], ["a"], name="c"),
        node("Relu", ["a"], ["b"]),
        *quantized("b"),
        node("Conv", ["b_d", "v"], ["y"], name="float"),
    ]
    constants = [
        numpy_helper.from_array(np.zeros((4, 3, 3, 3), np.int8), "w"),
        weights("v", 2, 4, 1, 1),
        *(scalar("s", 1.0, np.float32), scalar("z", 0, np.uint8), scalar("zi", 0, np.int8)),
    ]

    found = read(model(nodes, {"x": [1, 3, 8, 8]}, constants), tmp_path)

    assert [(bits.weights, bits.inputs, bits.outputs) for bits in found.bits] == [
        (8, 8, 8),
        (32, 8, 32),
    ]
    told = "\n".join(sentences(found))
    assert "bits of weights × inputs → outputs: 8 × 8 → 8 in 93.1 % of the multiply-acc" in told


def test_equal_layers_of_other_widths_stay_apart(tmp_path: Path) -> None:
    """Their cost will differ."""
    nodes = [
        node("MatMul", ["x", "w"], ["a"], name="wide"),
        node("Cast", ["x"], ["h"], to=TensorProto.FLOAT16),
        node("Cast", ["w"], ["g"], to=TensorProto.FLOAT16),
        node("MatMul", ["h", "g"], ["y"], name="narrow"),
    ]

    found = read(model(nodes, {"x": [4, 4]}, [weights("w", 4, 4)], ["a", "y"]), tmp_path)

    assert [layer.name for layer in found.workload.layers] == ["wide", "narrow"]
    assert [bits.inputs for bits in found.bits] == [32, 16]


# ONNX Runtime's own operators


def bytes_of(name: str, *shape: int) -> onnx.TensorProto:
    return numpy_helper.from_array(np.zeros(shape, np.uint8), name)


@pytest.mark.parametrize(
    ("first", "shape", "constants", "expected"),
    [
        (
            node("FusedConv", ["x", "w"], ["h"], domain=MS, pads=[1, 1, 1, 1], strides=[2, 2]),
            [1, 3, 8, 8],
            [weights("w", 4, 3, 3, 3)],
            [{"C": 3, "K": 4, "R": 3, "S": 3, "P": 4, "Q": 4, "Wstride": 2, "Hstride": 2}],
        ),
        (
            node("NhwcFusedConv", ["x", "w"], ["h"], domain=MS, auto_pad="SAME_UPPER"),
            [1, 8, 8, 3],
            [weights("w", 4, 3, 3, 3)],
            [{"C": 3, "K": 4, "R": 3, "S": 3, "P": 8, "Q": 8}],
        ),
        (
            node("FusedMatMul", ["x", "w"], ["h"], domain=MS, transB=1, alpha=0.5),
            [2, 3, 5, 6],
            [weights("w", 2, 3, 7, 6)],
            [{"G": 6, "P": 5, "C": 6, "K": 7}],
        ),
        (
            node("FusedMatMul", ["x", "w"], ["h"], domain=MS, transBatchA=1),
            [5, 3, 6],
            [weights("w", 3, 6, 7)],
            [{"G": 3, "P": 5, "C": 6, "K": 7}],
        ),
        (
            node("FusedGemm", ["x", "w"], ["h"], domain=MS, transB=1, activation="Relu"),
            [5, 6],
            [weights("w", 7, 6)],
            [{"P": 5, "C": 6, "K": 7}],
        ),
        (
            node("MatMulNBits", ["x", "w", "s"], ["h"], domain=MS, K=64, N=10, bits=4),
            [2, 5, 64],
            [bytes_of("w", 10, 2, 16), weights("s", 20)],
            [{"P": 10, "C": 64, "K": 10}],
        ),
        (
            node("Attention", ["x", "w"], ["h"], domain=MS, num_heads=4),
            [2, 5, 32],
            [weights("w", 32, 96)],
            [
                {"P": 10, "C": 32, "K": 96},
                {"G": 8, "P": 5, "C": 8, "K": 5},
                {"G": 8, "P": 5, "C": 5, "K": 8},
            ],
        ),
        (
            node("MultiHeadAttention", ["x", "k", "k"], ["h"], domain=MS, num_heads=4),
            [2, 5, 32],
            [weights("k", 2, 9, 32)],
            [{"G": 8, "P": 5, "C": 8, "K": 9}, {"G": 8, "P": 5, "C": 9, "K": 8}],
        ),
        (
            node(
                *("GroupQueryAttention", ["x", "k", "k", "p", "p", "l", "t"], ["h"]),
                **{"domain": MS, "num_heads": 4, "kv_num_heads": 2},
            ),
            [2, 5, 32],
            [weights("k", 2, 5, 16), weights("p", 2, 2, 3, 8), numbers("l", 7, 7), numbers("t", 8)],
            [{"G": 4, "P": 10, "C": 8, "K": 8}],
        ),
    ],
    ids=lambda value: value.op_type if isinstance(value, onnx.NodeProto) else "",
)
def test_operators_of_onnx_runtime(
    tmp_path: Path,
    first: onnx.NodeProto,
    shape: list[int],
    constants: list[onnx.TensorProto],
    expected: list[dict[str, int]],
) -> None:
    """Read exactly, and what follows them is known."""
    width = {"FusedConv": 4, "NhwcFusedConv": 4}.get(first.op_type)
    nodes = [
        first,
        node("SkipLayerNormalization", ["h", "h", "g"], ["n"], domain=MS),
        node("MatMul", ["n", "last"], ["y"], name="last"),
    ]
    columns = width or {"FusedMatMul": 7, "FusedGemm": 7, "MatMulNBits": 10}.get(first.op_type, 32)
    after = {"FusedConv": 4}.get(first.op_type, columns)
    content = model(nodes, {"x": shape}, [*constants, weights("g", 1), weights("last", after, 3)])

    layers = read(content, tmp_path).workload.layers

    assert [wide(layer) for layer in layers[: len(expected)]] == expected
    assert layers[-1].name == "last"


def test_packed_weights_have_their_bits(tmp_path: Path) -> None:
    """Four of them in a product with floats."""
    content = model(
        [node("MatMulNBits", ["x", "w", "s"], ["y"], domain=MS, K=64, N=10, bits=4, block_size=32)],
        {"x": [5, 64]},
        [bytes_of("w", 10, 2, 16), weights("s", 20)],
    )

    (bits,) = read(content, tmp_path).bits

    assert (bits.weights, bits.inputs, bits.outputs) == (4, 32, 32)


def test_what_is_not_read_is_named(tmp_path: Path) -> None:
    """It neither vanishes nor passes for something else."""
    nodes = [
        node("QMoE", ["x"], ["h"], name="experts", domain=MS),
        node("MatMul", ["x", "x"], ["y"]),
    ]

    found = read(model(nodes, {"x": [4, 4]}, outputs=["h", "y"]), tmp_path)

    assert [(item.name, item.kind, item.macs) for item in found.skipped] == [
        ("experts", "com.microsoft.QMoE", None)
    ]


def test_what_is_left_out_is_told_with_its_share(tmp_path: Path) -> None:
    """By operator, in operations and in percent."""
    nodes = [
        node("DeformConv", ["x", "u", "offset"], ["h"], name="bent"),
        node("DeformConv", ["x", "u", "offset"], ["g"], name="bent2"),
        node("Conv", ["x", "w"], ["y"], name="c"),
    ]
    constants = [weights("u", 4, 4, 2, 2), weights("w", 4, 4, 1, 1), weights("offset", 1, 8, 7, 7)]

    found = read(model(nodes, {"x": [1, 4, 8, 8]}, constants, ["h", "g", "y"], 19), tmp_path)

    bent, straight = 4 * 49 * 16, 4 * 64 * 4
    told = sentences(found)
    assert found.skipped_macs == 2 * bent
    share = 100 * 2 * bent / (2 * bent + straight)
    assert told[1] == (
        f"left out: {2 * bent:,} multiply-accumulates, {share:.3g} % of the network's: "
        f"DeformConv × 2 ({2 * bent:,})"
    )
    assert told[2] == "left out: bent (DeformConv): which inputs a filter meets depends on the data"
