"""ONNX models: their layers, what is left out, and what is refused."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper

from codesign.errors import InputError
from codesign.workload import GROUPED_CONV, Layer, load_workload
from codesign.workload.onnx import extract_workload
from codesign.workload.onnx.operators.registry import read_operator
from codesign.workload.onnx.values import Operator, Value
from tests.workload.onnx.building import Dim, model, numbers, saved, tensor, weights


def save(
    folder: Path,
    nodes: list[onnx.NodeProto],
    inputs: dict[str, Sequence[Dim]],
    constants: Sequence[onnx.TensorProto] = (),
    output: str = "y",
) -> Path:
    """A model on disk with one output, whose shape is left to inference."""
    return saved(model(nodes, inputs, constants, [output]), folder)


def only_layer(path: Path, **sizes: int) -> Layer:
    """The one layer of a model."""
    (layer,) = extract_workload(path, sizes=sizes).workload.layers
    return layer


def test_convolution_with_everything(tmp_path: Path) -> None:
    """Padding shows in the output; x is the last axis of ONNX and the first letter of ours."""
    node = helper.make_node(
        "Conv", ["x", "w"], ["y"], name="/stem/Conv",
        strides=[2, 3], dilations=[1, 2], pads=[1, 2, 1, 2], kernel_shape=[3, 5],
    )  # fmt: skip
    path = save(tmp_path, [node], {"x": [2, 3, 32, 48]}, [weights("w", 8, 3, 3, 5)])

    expected = Layer.conv(
        "stem", N=2, C=3, K=8, R=5, S=3, P=15, Q=16, Wstride=3, Hstride=2, Wdilation=2
    )
    assert only_layer(path) == expected


def test_groups_and_depthwise_equal_the_kinds_of_workload_files(tmp_path: Path) -> None:
    """C and K count the channels of one group; a depthwise filter is a group a channel."""
    nodes = [
        helper.make_node("Conv", ["x", "v"], ["h"], group=4, pads=[1, 1, 1, 1]),
        helper.make_node("Conv", ["h", "w"], ["y"], group=16, pads=[1, 1, 1, 1]),
    ]
    constants = [weights("v", 16, 2, 3, 3), weights("w", 16, 1, 3, 3)]
    path = save(tmp_path, nodes, {"x": [1, 8, 14, 14]}, constants)

    grouped, depthwise = extract_workload(path).workload.layers

    assert grouped.shape == depthwise.shape == GROUPED_CONV
    assert [grouped.size(d) for d in "GCKRSPQ"] == [4, 2, 4, 3, 3, 14, 14]
    assert [depthwise.size(d) for d in "GCKRSPQ"] == [16, 1, 1, 3, 3, 14, 14]
    assert (grouped.name, depthwise.name) == ("Conv_0", "Conv_1")


def test_convolution_along_one_axis(tmp_path: Path) -> None:
    """A sequence lies along x."""
    node = helper.make_node("Conv", ["x", "w"], ["y"], strides=[2])
    path = save(tmp_path, [node], {"x": [1, 80, 101]}, [weights("w", 64, 80, 3)])

    assert only_layer(path) == Layer.conv("Conv_0", C=80, K=64, R=3, P=50, Wstride=2)


def test_a_stride_that_nothing_moves_along_is_none(tmp_path: Path) -> None:
    """A patch as large as the image: equal work, whatever the stride says."""
    node = helper.make_node("Conv", ["x", "w"], ["y"], strides=[16, 16])
    path = save(tmp_path, [node], {"x": [1, 3, 16, 16]}, [weights("w", 8, 3, 16, 16)])

    assert only_layer(path).coefficients == (1, 1, 1, 1)


@pytest.mark.parametrize(("a", "b"), [(0, 0), (0, 1), (1, 0), (1, 1)])
def test_gemm_in_either_order(tmp_path: Path, a: int, b: int) -> None:
    """Transposed operands are the same work."""
    node = helper.make_node("Gemm", ["x", "w"], ["y"], transA=a, transB=b)
    left, right = [5, 7], [7, 11]
    path = save(
        tmp_path, [node], {"x": left[::-1] if a else left}, [weights("w", *(right[:: 1 - 2 * b]))]
    )

    assert only_layer(path) == Layer.conv("Gemm_0", P=5, C=7, K=11)


@pytest.mark.parametrize(
    ("left", "right", "sizes"),
    [
        ([6, 7], [7, 8], {"P": 6, "C": 7, "K": 8}),
        ([4, 6, 7], [7, 8], {"P": 24, "C": 7, "K": 8}),
        ([2, 3, 6, 7], [2, 3, 7, 8], {"G": 6, "P": 6, "C": 7, "K": 8}),
        ([2, 1, 6, 7], [1, 3, 7, 8], {"P": 12, "C": 7, "K": 24}),
        ([6, 7], [5, 7, 8], {"P": 6, "C": 7, "K": 40}),
        ([2, 5, 6, 7], [2, 1, 7, 8], {"G": 2, "P": 30, "C": 7, "K": 8}),
        ([7], [7, 8], {"C": 7, "K": 8}),
        ([6, 7], [7], {"P": 6, "C": 7}),
    ],
)
def test_matmul_shares_what_is_shared(
    tmp_path: Path, left: list[int], right: list[int], sizes: dict[str, int]
) -> None:
    """An axis that one operand lacks is rows or columns; one that both have is a batch."""
    node = helper.make_node("MatMul", ["a", "b"], ["y"], name="product")
    path = save(tmp_path, [node], {"a": left, "b": right})

    layer = only_layer(path)

    names = (*layer.shape.dimensions,)
    assert {d: s for d, s in zip(names, layer.sizes, strict=True) if s > 1} == sizes


@st.composite
def operands(draw: st.DrawFn) -> tuple[list[int], list[int]]:
    """Two shapes that NumPy would multiply."""
    size = st.integers(1, 5)
    batch = draw(st.lists(st.tuples(size, st.sampled_from(["both", "left", "right"])), max_size=3))
    m, k, n = draw(size), draw(size), draw(size)
    left = [1 if who == "right" else s for s, who in batch]
    right = [1 if who == "left" else s for s, who in batch]
    cut = draw(st.integers(0, len(batch)))
    if all(s == 1 for s in right[:cut]):
        right = right[cut:]
    return [*left, m, k], [*right, k, n]


@given(operands())
def test_matmul_has_as_many_operations_and_words_as_numpys(
    shapes: tuple[list[int], list[int]],
) -> None:
    """Operations, and the words of both operands and the result: nothing is read twice."""
    left, right = (np.zeros(shape) for shape in shapes)
    result = left @ right
    values = [Value(array.shape, TensorProto.FLOAT) for array in (left, right, result)]
    operator = Operator("m", "MatMul", {}, values[:2], values[2:])

    parts = read_operator(operator)

    assert parts is not None
    ((layer, count),) = ((part.layer, part.count) for part in parts)
    assert count == 1
    assert layer.macs == result.size * left.shape[-1]
    words = {space.name: layer.words(space) for space in layer.shape.dataspaces}
    assert words == {"Weights": right.size, "Inputs": left.size, "Outputs": result.size}


def test_attention_with_shapes_computed_in_the_graph(tmp_path: Path) -> None:
    """As exporters write it: reshapes that read the batch and length from their input."""
    nodes = [
        helper.make_node("MatMul", ["x", "wq"], ["q"], name="/attn/q/MatMul"),
        helper.make_node("MatMul", ["x", "wk"], ["k"], name="/attn/k/MatMul"),
        helper.make_node("Shape", ["x"], ["s"]),
        helper.make_node("Gather", ["s", "zero"], ["b"]),
        helper.make_node("Gather", ["s", "one"], ["t"]),
        helper.make_node("Concat", ["b", "t", "heads"], ["form"], axis=0),
        helper.make_node("Reshape", ["q", "form"], ["q4"]),
        helper.make_node("Reshape", ["k", "form"], ["k4"]),
        helper.make_node("Transpose", ["q4"], ["qt"], perm=[0, 2, 1, 3]),
        helper.make_node("Transpose", ["k4"], ["kt"], perm=[0, 2, 3, 1]),
        helper.make_node("MatMul", ["qt", "kt"], ["scores"], name="/attn/MatMul"),
        helper.make_node("Softmax", ["scores"], ["y"], axis=-1),
    ]
    constants = [
        weights("wq", 64, 64),
        weights("wk", 64, 64),
        *(numbers("zero", 0), numbers("one", 1), numbers("heads", 4, 16)),
    ]
    path = save(tmp_path, nodes, {"x": ["batch", "tokens", 64]}, constants)

    found = extract_workload(path, sizes={"batch": 2, "tokens": 10})

    linear, scores = found.workload.layers
    assert (linear.name, scores.name) == ("attn.q", "attn")
    assert found.workload.counts == (2, 1)
    assert [linear.size(d) for d in "PCK"] == [20, 64, 64]
    assert [scores.size(d) for d in "GPCK"] == [8, 10, 16, 10]
    assert found.ignored == {
        **{"Concat": 1, "Gather": 2, "Reshape": 2, "Shape": 1},
        **{"Softmax": 1, "Transpose": 2},
    }


def test_equal_layers_are_counted(tmp_path: Path) -> None:
    """Under the name of the first."""
    nodes = [
        helper.make_node("Conv", [f"x{i}", "w"], [f"x{i + 1}"], name=f"/b/b.{i}/Conv")
        for i in range(3)
    ]
    path = save(tmp_path, nodes, {"x0": [1, 8, 7, 7]}, [weights("w", 8, 8, 1, 1)], output="x3")

    workload = extract_workload(path, name="mine").workload

    assert (workload.name, workload.counts) == ("mine", (3,))
    assert workload.layers[0].name == "b.0"


def test_what_cannot_be_expressed_is_listed(tmp_path: Path) -> None:
    """An operator that computes but is not a layer does not stop the others."""
    nodes = [
        helper.make_node("DeformConv", ["x", "u", "offset"], ["h"], name="up"),
        helper.make_node("Relu", ["h"], ["r"]),
        helper.make_node("Conv", ["r", "w"], ["c"]),
        helper.make_node("Fancy", ["c"], ["y"], name="fancy", domain="com.example"),
    ]
    constants = [weights("u", 4, 4, 2, 2), weights("w", 4, 4, 1, 1), weights("offset", 1, 8, 7, 7)]
    path = saved(model(nodes, {"x": [1, 4, 8, 8]}, constants, opset=19), tmp_path)

    found = extract_workload(path)

    assert [(s.name, s.kind, s.macs) for s in found.skipped] == [
        ("up", "DeformConv", 4 * 7 * 7 * 4 * 2 * 2),
        ("fancy", "com.example.Fancy", None),
    ]
    assert [layer.size("P") for layer in found.workload.layers] == [7]
    assert found.ignored == {"Relu": 1}


def test_functions_of_the_model_are_looked_into(tmp_path: Path) -> None:
    """Exporters put modules into functions of the model's own."""
    body = [helper.make_node("MatMul", ["a", "b"], ["c"])]
    opsets = [helper.make_opsetid("", 17)]
    function = helper.make_function("own", "Linear", ["a", "b"], ["c"], body, opsets)
    node = helper.make_node("Linear", ["x", "w"], ["y"], domain="own")
    graph = helper.make_graph(
        [node], "g", [tensor("x", [3, 4])], [tensor("y", [3, 5])], [weights("w", 4, 5)]
    )
    model = helper.make_model(
        graph, functions=[function], opset_imports=[*opsets, helper.make_opsetid("own", 1)]
    )
    onnx.save(model, str(tmp_path / "f.onnx"))

    layer = only_layer(tmp_path / "f.onnx")

    assert [layer.size(d) for d in "PCK"] == [3, 4, 5]


def test_weights_in_files_beside_the_model_are_not_needed(tmp_path: Path) -> None:
    """Shapes stand in the model itself."""
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["y"])],
        *("g", [tensor("x", [3, 64])], [tensor("y", [3, 64])], [weights("w", 64, 64)]),
    )
    path = tmp_path / "m.onnx"
    onnx.save_model(
        helper.make_model(graph), str(path), save_as_external_data=True, size_threshold=0,
        location="weights.bin",
    )  # fmt: skip
    (tmp_path / "weights.bin").unlink()

    assert only_layer(path).macs == 3 * 64 * 64


def conv_model(folder: Path, **change: Any) -> Path:
    """A small model, some of which may be wrong."""
    shape = change.get("shape", [1, 4, 8, 8])
    node = helper.make_node("Conv", ["x", "w"], ["y"], name="c", **change.get("attributes", {}))
    return save(folder, [node], {"x": shape}, [weights("w", *change.get("w", (4, 4, 3, 3)))])


@pytest.mark.parametrize(
    ("change", "sizes", "message"),
    [
        ({"shape": ["n", 4, 8, 8]}, {}, "dimension 'n' of input 'x' is open, expected its size"),
        ({"shape": [None, 4, 8, 8]}, {}, "dimension 'x.0' of input 'x' is open"),
        ({"shape": ["n", 4, 8, 8]}, {"m": 1}, "dimension 'm' is not open, expected one of n"),
        ({}, {"m": 1}, "dimension 'm' is not open, expected none"),
        ({"shape": ["n", 4, 8, 8]}, {"n": -1}, "dimension 'n' is -1, expected 0 to"),
        ({"w": (4, 3, 3, 3)}, {}, "node c (Conv): expected channels that 1 groups divide"),
        ({"shape": [1, 4, 2, 2]}, {}, "node c (Conv)"),
    ],
)
def test_bad_models_are_refused(
    tmp_path: Path, change: dict[str, Any], sizes: dict[str, int], message: str
) -> None:
    """One sentence that names the file, the node or dimension, and what was expected."""
    path = conv_model(tmp_path, **change)

    with pytest.raises(InputError) as error:
        extract_workload(path, sizes=sizes)

    assert message in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("content", [b"", b"not a model", b"\x08\x07", bytes(range(256))])
def test_other_files_are_refused(tmp_path: Path, content: bytes) -> None:
    """Whatever they hold."""
    path = tmp_path / "x.onnx"
    path.write_bytes(content)

    with pytest.raises(InputError, match="not an ONNX model"):
        extract_workload(path)


@pytest.mark.parametrize("name", [b"Conv", b"x"])
def test_names_that_are_not_text_are_refused(tmp_path: Path, name: bytes) -> None:
    """protobuf reads them, as bytes: an operator's kind, a tensor's name."""
    path = conv_model(tmp_path)
    content = path.read_bytes()
    assert name in content
    path.write_bytes(content.replace(name, b"\xff" * len(name)))

    with pytest.raises(InputError, match="not an ONNX model: a name in it is not UTF-8"):
        extract_workload(path)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    """As for any other file."""
    with pytest.raises(InputError, match="No such file"):
        extract_workload(tmp_path / "none.onnx")


def test_a_model_without_layers_is_told(tmp_path: Path) -> None:
    """With what it has instead."""
    path = save(tmp_path, [helper.make_node("Relu", ["x"], ["y"])], {"x": [1, 2]})

    with pytest.raises(InputError, match="no layer among its operators, which are Relu"):
        extract_workload(path)


def test_an_unknown_shape_is_an_error_not_a_gap(tmp_path: Path) -> None:
    """A layer must not vanish because its size depends on data."""
    nodes = [
        helper.make_node("NonZero", ["x"], ["i"]),
        helper.make_node("Cast", ["i"], ["f"], to=TensorProto.FLOAT),
        helper.make_node("MatMul", ["f", "w"], ["y"], name="late"),
    ]
    path = save(tmp_path, nodes, {"x": [4, 4]}, [weights("w", 5, 5)])

    with pytest.raises(InputError, match=r"node late \(MatMul\): the shape of its input 'f'"):
        extract_workload(path)


PUBLISHED_MACS = {
    # network: (operations here, published, how near)
    "resnet18": (1.814e9, 0.001),  # torchvision's table: 1.81 GFLOPS, in multiply-adds
    "resnet50": (4.089e9, 0.001),  # the same: 4.09
    "mobilenetv2": (300e6, 0.01),  # Sandler et al. 2018, table 4: 300 M multiply-adds
    "bert-base-block": (22.5e9 / 2 / 12, 0.01),  # Sun et al. 2020 (MobileBERT): 22.5 GFLOPs in all
}


@pytest.mark.parametrize("name", PUBLISHED_MACS)
def test_shipped_networks_have_the_published_operations(name: str) -> None:
    """Operations of whole networks, and of a twelfth of BERT base."""
    published, near = PUBLISHED_MACS[name]

    assert load_workload(name).macs == pytest.approx(published, rel=near)


def test_llamas_block_has_the_published_parameters() -> None:
    """A single token uses every weight once; 32 blocks, embeddings and norms are 8.03 billion."""
    decode = load_workload("llama3-8b-decode")
    weighted = [
        (layer, count)
        for layer, count in zip(decode.layers, decode.counts, strict=True)
        if layer.shape != GROUPED_CONV
    ]
    block = sum(count * layer.macs for layer, count in weighted)
    vocabulary, width, blocks = 128_256, 4096, 32
    norms = (2 * blocks + 1) * width

    assert blocks * block + 2 * vocabulary * width + norms == 8_030_261_248


def test_llamas_prompt_is_2048_times_its_token() -> None:
    """The same weights; attention sees 2048 tokens either way."""
    prefill, decode = load_workload("llama3-8b-prefill"), load_workload("llama3-8b-decode")

    assert prefill.macs == 2048 * decode.macs
    assert math.prod(prefill.layer("scores").sizes) == 2048 * 2048 * 32 * 128
