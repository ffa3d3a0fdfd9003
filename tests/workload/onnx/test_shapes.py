"""Shapes: what follows from the inputs, whatever a model declares, computes or leaves open."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from codesign.errors import InputError
from tests.workload.onnx.building import (
    model,
    numbers,
    only_layer,
    read,
    scalar,
    weights,
    wide,
)

node = helper.make_node


def detector() -> onnx.ModelProto:
    """Two heads whose outputs are declared as they were at 640 × 640."""
    nodes = [
        node("Conv", ["x", "w0"], ["a"], name="stem", strides=[8, 8], pads=[1, 1, 1, 1]),
        node("Conv", ["a", "w1"], ["y1"], name="head1"),
        node("Conv", ["a", "w2"], ["y2"], name="head2", strides=[2, 2], pads=[1, 1, 1, 1]),
    ]
    constants = [
        *(weights("w0", 32, 3, 3, 3), weights("w1", 16, 32, 1, 1), weights("w2", 16, 32, 3, 3)),
    ]
    outputs = {"y1": [1, 16, 80, 80], "y2": [1, 16, 40, 40]}
    return model(nodes, {"x": ["N", 3, "h", "w"]}, constants, outputs)


@pytest.mark.parametrize(("size", "macs"), [(160, 1_011_200), (416, 6_835_712)])
def test_declared_outputs_do_not_override_what_follows(
    tmp_path: Path, size: int, macs: int
) -> None:
    """A convolution's output follows from its input; what is declared otherwise is told."""
    found = read(detector(), tmp_path, N=1, h=size, w=size)

    assert found.workload.macs == macs
    (note,) = found.notes
    side = size // 8
    assert note == (
        f"the model declares 'y1' as [1, 16, 80, 80], but it is [1, 16, {side}, {side}], "
        "which was used, and 1 more"
    )


def test_declarations_that_are_right_are_not_told(tmp_path: Path) -> None:
    """The size of the export."""
    assert read(detector(), tmp_path, N=1, h=640, w=640).notes == ()


def test_the_batch_that_goes_in_comes_out(tmp_path: Path) -> None:
    """Even where the output is declared to be one image."""
    content = model(
        [node("Conv", ["x", "w"], ["y"], pads=[1, 1, 1, 1])],
        {"x": ["N", 3, 32, 32]},
        [weights("w", 8, 3, 3, 3)],
        {"y": [1, 8, 32, 32]},
    )

    assert read(content, tmp_path, N=4).workload.macs == 884_736


def test_stale_shapes_within_the_graph_do_not_matter(tmp_path: Path) -> None:
    """`value_info` as recorded at another size."""
    content = model(
        [node("Relu", ["x"], ["a"]), node("MatMul", ["a", "w"], ["y"])],
        {"x": ["n", 8]},
        [weights("w", 8, 4)],
    )
    content.graph.value_info.append(helper.make_tensor_value_info("a", 1, [77, 8]))

    assert wide(only_layer(content, tmp_path, n=3)) == {"P": 3, "C": 8, "K": 4}


def test_pads_computed_in_the_graph(tmp_path: Path) -> None:
    """As an audio model has them: a constant turned round by a slice of negative step."""
    nodes = [
        node("Slice", ["given", "start", "end", "axis", "step"], ["turned"]),
        node("Cast", ["turned"], ["pads"], to=TensorProto.INT64),
        node("Pad", ["x", "pads"], ["padded"], mode="reflect"),
        node("Conv", ["padded", "w"], ["y"], strides=[128]),
    ]
    constants = [
        *(numbers("given", 64, 0, 0, 0, 0, 0), numbers("start", -1), numbers("end", -10)),
        *(numbers("axis", 0), numbers("step", -1), weights("w", 258, 1, 256)),
    ]
    content = model(nodes, {"x": [1, 1, 576]}, constants)

    # 576 + 64 words, and 256 taps each 128.
    assert wide(only_layer(content, tmp_path)) == {"K": 258, "R": 256, "P": 4, "Wstride": 128}


def test_sizes_computed_in_the_graph(tmp_path: Path) -> None:
    """Shape, Gather, arithmetic, Concat, then Reshape, Expand, ConstantOfShape and Range."""
    nodes = [
        node("Shape", ["x"], ["s"]),
        node("Gather", ["s", "one"], ["n"], axis=0),
        node("Div", ["n", "two"], ["half"]),
        node("Unsqueeze", ["half", "zeros"], ["half1"]),
        node("Concat", ["half1", "rest"], ["form"], axis=0),
        node("Reshape", ["x", "form"], ["r"]),
        node("MatMul", ["r", "w"], ["a"], name="reshaped"),
        node("Range", ["zero", "half", "one"], ["range"]),
        node("Cast", ["range"], ["floats"], to=TensorProto.FLOAT),
        node("Unsqueeze", ["floats", "ones"], ["column"]),
        node("Concat", ["half1", "four"], ["grown"], axis=0),
        node("Expand", ["column", "grown"], ["e"]),
        node("MatMul", ["e", "v"], ["b"], name="expanded"),
        node("ConstantOfShape", ["grown"], ["zeroes"]),
        node("MatMul", ["zeroes", "v"], ["y"], name="filled"),
    ]
    constants = [
        *(scalar("zero", 0), scalar("one", 1), scalar("two", 2), numbers("zeros", 0)),
        *(numbers("ones", 1), numbers("rest", -1, 16), numbers("four", 4)),
        *(weights("w", 16, 3), weights("v", 4, 5)),
    ]
    content = model(nodes, {"x": [2, "n", 8]}, constants)

    found = read(content, tmp_path, n=12)

    assert [(layer.name, wide(layer)) for layer in found.workload.layers] == [
        ("reshaped", {"P": 12, "C": 16, "K": 3}),
        ("expanded", {"P": 6, "C": 4, "K": 5}),
    ]
    assert found.workload.counts == (1, 2)


def test_values_go_through_weights_without_being_kept(tmp_path: Path) -> None:
    """A size that depends on the values of a large tensor is unknown."""
    nodes = [
        node("ReduceSum", ["w"], ["total"], keepdims=0),
        node("Cast", ["total"], ["n"], to=TensorProto.INT64),
        node("Unsqueeze", ["n", "zero"], ["n1"]),
        node("Expand", ["x", "n1"], ["e"]),
        node("MatMul", ["e", "e"], ["y"], name="late"),
    ]
    content = model(nodes, {"x": [1]}, [weights("w", 100, 100), numbers("zero", 0)])

    with pytest.raises(
        InputError, match=r"node late \(MatMul\): the shape of its input 'e' is not"
    ):
        read(content, tmp_path)


def cached(past: str | int) -> onnx.ModelProto:
    """Keys of before and new ones."""
    nodes = [
        node("Concat", ["before", "k"], ["keys"], axis=1),
        node("Transpose", ["keys"], ["kt"], perm=[0, 2, 1]),
        node("MatMul", ["k", "kt"], ["y"], name="scores"),
    ]
    return model(nodes, {"k": [2, 5, 16], "before": [2, past, 16]})


def test_an_empty_cache_is_a_size(tmp_path: Path) -> None:
    """By name, or as the model has it."""
    expected = {"G": 2, "P": 5, "C": 16, "K": 5}

    assert wide(only_layer(cached("past"), tmp_path, past=0)) == expected
    assert wide(only_layer(cached(0), tmp_path)) == expected
    assert wide(only_layer(cached("past"), tmp_path, past=3)) == {**expected, "K": 8}


def test_an_empty_product_is_no_layer(tmp_path: Path) -> None:
    """Nothing is computed."""
    nodes = [
        node("MatMul", ["a", "w"], ["y"], name="empty"),
        node("MatMul", ["x", "w"], ["z"], name="full"),
    ]
    content = model(nodes, {"a": ["n", 4], "x": [3, 4]}, [weights("w", 4, 4)], ("y", "z"))

    found = read(content, tmp_path, n=0)

    assert [layer.name for layer in found.workload.layers] == ["full"]
    assert found.ignored == {"MatMul": 1}
    assert not found.skipped


def image(*sizes: int | str) -> onnx.ModelProto:
    return model(
        [node("Conv", ["x", "w"], ["y"], name="c")], {"x": sizes}, [weights("w", 4, 3, 1, 1)]
    )


def test_two_axes_of_one_name_get_sizes_of_their_own(tmp_path: Path) -> None:
    """By INPUT.AXIS, which wins over a name; some exporters write `?` for all of them."""
    content = image(-1, 3, "?", "?")

    assert wide(only_layer(content, tmp_path, x__0=1, x__2=20, x__3=30)) == {
        **{"C": 3, "K": 4, "P": 30, "Q": 20},
    }
    path = tmp_path / "model.onnx"
    from codesign.workload.onnx import extract_workload

    (layer,) = extract_workload(path, sizes={"?": 7, "x.0": 2, "x.3": 9}).workload.layers
    assert wide(layer) == {"N": 2, "C": 3, "K": 4, "P": 9, "Q": 7}


def test_an_axis_that_has_a_size_can_have_another(tmp_path: Path) -> None:
    """A batch of four of a model exported with one."""
    assert only_layer(image(1, 3, 8, 8), tmp_path, x__0=4).size("N") == 4


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ({}, r"dimension 'x\.0' of input 'x' is open, expected its size \(--size x\.0=1\)"),
        (
            {"x__0": 1},
            r"dimension '\?' of input 'x' is open, expected its size \(--size \?=1\), "
            r"or --size x\.2=1 for it alone",
        ),
        ({"x__0": 1, "x__2": 2, "x__9": 3}, r"'x\.9' is not open, expected one of \?, x\.0"),
    ],
)
def test_open_axes_are_told(tmp_path: Path, sizes: dict[str, int], message: str) -> None:
    """With both ways of giving their size."""
    with pytest.raises(InputError, match=message):
        read(image(-1, 3, "?", "?"), tmp_path, **sizes)


def test_what_hides_a_shape_is_named(tmp_path: Path) -> None:
    """An operator of another domain, not the export."""
    nodes = [
        node("Fancy", ["x"], ["a"], name="odd", domain="com.example"),
        node("Relu", ["a"], ["b"]),
        node("MatMul", ["b", "w"], ["y"], name="late"),
    ]

    with pytest.raises(InputError) as error:
        read(model(nodes, {"x": ["n", 4]}, [weights("w", 4, 4)]), tmp_path, n=2)

    assert str(error.value).endswith(
        "node late (MatMul): the shape of its input 'b' is not known: node odd "
        "(com.example.Fancy) is an operator that is not known here"
    )


def test_data_that_decides_a_shape_is_named(tmp_path: Path) -> None:
    """The first operator of which a run alone tells the size."""
    nodes = [
        node("NonZero", ["x"], ["i"], name="pick"),
        node("Cast", ["i"], ["f"], to=TensorProto.FLOAT),
        node("MatMul", ["f", "w"], ["y"], name="late"),
    ]

    with pytest.raises(InputError, match=r"what node pick \(NonZero\) writes depends on the data"):
        read(model(nodes, {"x": [4, 4]}, [weights("w", 5, 5)]), tmp_path)


def test_a_claim_is_used_where_nothing_follows(tmp_path: Path) -> None:
    """As long as all sizes are those of the export, and it is told."""
    nodes = [
        node("Fancy", ["x"], ["a"], name="odd", domain="com.example"),
        node("MatMul", ["a", "w"], ["y"], name="late"),
    ]
    content = model(nodes, {"x": [2, 4]}, [weights("w", 4, 4)])
    content.graph.value_info.append(helper.make_tensor_value_info("a", 1, [6, 4]))

    found = read(content, tmp_path)

    assert wide(found.workload.layers[0]) == {"P": 6, "C": 4, "K": 4}
    assert found.notes == (
        "taken as the model declares it, since it cannot be computed: the shape of 'a'",
    )
    with pytest.raises(InputError, match="is not known"):
        read(content, tmp_path, x__0=3)


def test_sequences_of_tensors(tmp_path: Path) -> None:
    """Lists that are split, indexed and joined."""
    nodes = [
        node("SplitToSequence", ["x", "three"], ["list"], axis=0),
        node("SequenceAt", ["list", "last"], ["part"]),
        node("MatMul", ["part", "w"], ["a"], name="at"),
        node("ConcatFromSequence", ["list"], ["whole"], axis=1),
        node("MatMul", ["whole", "v"], ["y"], name="joined"),
    ]
    constants = [
        *(scalar("three", 3), scalar("last", -1), weights("w", 4, 2), weights("v", 12, 5)),
    ]

    found = read(model(nodes, {"x": [9, 4]}, constants), tmp_path)

    assert [wide(layer) for layer in found.workload.layers] == [
        {"P": 3, "C": 4, "K": 2},
        {"P": 3, "C": 12, "K": 5},
    ]


@pytest.mark.parametrize("parts", [np.full((1, 3), 3), np.array(np.nan), np.array([3.0, 6.0])])
def test_a_split_by_what_is_no_size_is_not_known(tmp_path: Path, parts: np.ndarray) -> None:
    """Sizes are one whole number, or a list of them."""
    nodes = [
        node("SplitToSequence", ["x", "parts"], ["list"], axis=0),
        node("SequenceAt", ["list", "last"], ["part"]),
        node("MatMul", ["part", "w"], ["y"], name="at"),
    ]
    constants = [
        *(numpy_helper.from_array(parts, "parts"), scalar("last", -1), weights("w", 4, 2)),
    ]

    with pytest.raises(InputError, match="at"):
        read(model(nodes, {"x": [9, 4]}, constants), tmp_path)


@pytest.mark.parametrize("dims", [[], [3, 4], [-1], [2**62, 2**62]])
def test_constants_whose_sizes_are_not_theirs(tmp_path: Path, dims: list[int]) -> None:
    """More or fewer than there are values: no traceback, and not known."""
    constant = numpy_helper.from_array(np.array([2, 8], np.int64), "form")
    del constant.dims[:]
    constant.dims.extend(dims)
    nodes = [
        node("Constant", [], ["form"], value=constant),
        node("Reshape", ["x", "form"], ["r"]),
        node("MatMul", ["r", "w"], ["y"], name="late"),
    ]

    with pytest.raises(InputError, match="node late"):
        read(model(nodes, {"x": [4, 4]}, [weights("w", 8, 4)]), tmp_path)


def test_a_product_with_a_scalar_is_refused(tmp_path: Path) -> None:
    """As NumPy refuses it."""
    content = model([node("MatMul", ["x", "s"], ["y"], name="m")], {"x": [4, 4], "s": []})

    with pytest.raises(InputError, match=r"node m \(MatMul\): expected operands with axes"):
        read(content, tmp_path)


@pytest.mark.parametrize(
    ("kind", "opset", "others", "attributes"),
    [
        ("GroupNormalization", 18, ["g", "g"], {"num_groups": 2}),
        ("GroupNormalization", 21, ["g", "g"], {"num_groups": 2}),
        ("MeanVarianceNormalization", 13, [], {}),
        ("GreaterOrEqual", 12, ["x"], {}),
        ("LessOrEqual", 15, ["g"], {}),
        ("Relu", 1, [], {}),
        ("Add", 1, ["g"], {"broadcast": 1, "axis": 1}),
    ],
)
def test_operators_without_inference_in_their_version(
    tmp_path: Path, kind: str, opset: int, others: list[str], attributes: dict[str, int]
) -> None:
    """Keep their shape."""
    nodes = [
        node(kind, ["x", *others], ["a"], name="first", **attributes),
        node("Cast", ["a"], ["b"], to="FLOAT" if opset < 6 else TensorProto.FLOAT),
        node("MatMul", ["b", "w"], ["y"]),
    ]
    content = model(nodes, {"x": [2, 4, 5, 4]}, [weights("g", 4), weights("w", 4, 3)], opset=opset)

    assert wide(only_layer(content, tmp_path)) == {"P": 40, "C": 4, "K": 3}
