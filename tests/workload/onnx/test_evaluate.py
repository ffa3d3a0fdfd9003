"""Evaluated operators against ONNX's own reference, in their versions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator

from codesign.workload.onnx.attributes import plain
from codesign.workload.onnx.evaluate import EVALUATED, MAX_ELEMENTS, evaluate
from tests.budgets import count

Array = NDArray[Any]


def reference(node: onnx.NodeProto, inputs: list[Array], opset: int) -> list[Array] | None:
    """What ONNX's reference gives; None where it refuses."""
    names = [name for name in node.input if name]
    given = [
        helper.make_tensor_value_info(
            name, helper.np_dtype_to_tensor_dtype(array.dtype), list(array.shape)
        )
        for name, array in zip(names, inputs, strict=True)
    ]
    results = [helper.make_empty_tensor_value_info(name) for name in node.output]
    graph = helper.make_graph([node], "g", given, results)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
    try:
        found = ReferenceEvaluator(model).run(None, dict(zip(names, inputs, strict=True)))
    except Exception:
        return None
    return [np.asarray(array) for array in found]


def agree(
    kind: str, inputs: list[Array], opset: int = 18, outputs: int = 1, **attributes: Any
) -> None:
    """Whether both say the same, of values and types."""
    names = [f"i{place}" for place in range(len(inputs))]
    node = helper.make_node(kind, names, [f"o{n}" for n in range(outputs)], **attributes)
    expected = reference(node, inputs, opset)
    found = evaluate(kind, plain(node), inputs)
    if found is None:
        assert expected is None, f"{kind} is not evaluated"
        return
    assert expected is not None, f"{kind} is evaluated, but ONNX refuses it"
    assert len(found) == len(expected)
    for ours, theirs in zip(found, expected, strict=True):
        assert ours.shape == theirs.shape
        assert ours.dtype == theirs.dtype
        np.testing.assert_array_equal(ours, theirs)


whole = st.integers(-9, 9)
shapes = arrays.array_shapes(min_dims=0, max_dims=3, min_side=1, max_side=4)


def ints(shape: Any = shapes, elements: st.SearchStrategy[int] = whole) -> st.SearchStrategy[Array]:
    return arrays.arrays(np.int64, shape, elements=elements)


def floats(shape: Any = shapes) -> st.SearchStrategy[Array]:
    return arrays.arrays(np.float32, shape, elements=st.floats(-8, 8, width=32))


@st.composite
def pairs(draw: st.DrawFn, dtype: str) -> list[Array]:
    """Two tensors that broadcast."""
    found = draw(arrays.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=4))
    make = ints if dtype == "int" else floats
    return [draw(make(shape)) for shape in found.input_shapes]


@pytest.mark.parametrize(
    "kind",
    [
        *("Add", "Sub", "Mul", "Min", "Max", "Sum", "Equal", "Less", "Greater", "LessOrEqual"),
        *("GreaterOrEqual", "Div", "Mod"),
    ],
)
@given(data=st.data())
@settings(max_examples=count(8, 25), deadline=None)
def test_arithmetic(kind: str, data: st.DataObject) -> None:
    """Whole numbers are cut towards zero when divided; remainders have the divisor's sign."""
    left, right = data.draw(pairs("int"))
    if kind in ("Div", "Mod"):
        right = np.where(right == 0, 1, right)
    agree(kind, [left, right])
    if kind not in ("Div", "Mod"):
        agree(kind, data.draw(pairs("float")))


@pytest.mark.parametrize("kind", ["And", "Or", "Xor"])
@given(pairs("int"))
@settings(max_examples=count(5, 10), deadline=None)
def test_logic(kind: str, both: list[Array]) -> None:
    """Of truth values."""
    agree(kind, [array > 0 for array in both])


@pytest.mark.parametrize("kind", ["Neg", "Abs", "Sign", "Floor", "Ceil", "Round", "Identity"])
@given(floats())
@settings(max_examples=count(5, 15), deadline=None)
def test_single_operands(kind: str, data: Array) -> None:
    """One word after the other."""
    agree(kind, [data])


def test_the_rest_of_them() -> None:
    """Each in the forms that exporters write."""
    data = np.arange(24, dtype=np.int64).reshape(2, 3, 4)
    one, two = np.array(1), np.array([2])
    agree("Sqrt", [np.array([4.0, 2.25], np.float32)])
    agree("Reciprocal", [np.array([4.0, 2.0], np.float32)])
    agree("Pow", [np.array([2, 3]), np.array([3, 2])])
    agree("Not", [np.array([True, False])])
    agree("Where", [data > 7, data, np.array(0)])
    agree("Cast", [data], to=TensorProto.FLOAT)
    agree("Cast", [np.array([1.7, -1.7], np.float32)], to=TensorProto.INT64)
    agree("CastLike", [data, np.zeros(1, np.int32)])
    agree("Clip", [data, np.array(3), np.array(9)])
    agree("Clip", [data.astype(np.float32)], 6, min=2.0, max=5.0)
    agree("Gather", [data, np.array([1, -1])], axis=2)
    agree("Gather", [data, one])
    agree("GatherElements", [data[0], np.array([[0, 1, 2, 0]])], axis=0)
    agree("Concat", [data, data[:, :1]], axis=1)
    agree("Split", [data, np.array([1, 2])], outputs=2, axis=1)
    agree("Split", [data], outputs=2, axis=2, num_outputs=2)
    agree("Split", [data], 11, 2, axis=1, split=[2, 1])
    agree("Flatten", [data], axis=2)
    agree("Flatten", [data], axis=-1)
    agree("Transpose", [data], perm=[2, 0, 1])
    agree("Transpose", [data])
    agree("Squeeze", [data[:, :1], np.array([1])])
    agree("Squeeze", [data[:, :1]], 11, axes=[1])
    agree("Squeeze", [data[:, :1]])
    agree("Unsqueeze", [data, np.array([0, -1])])
    agree("Unsqueeze", [data], 11, axes=[1])
    agree("Expand", [data[:, :1], np.array([2, 5, 4])])
    agree("Expand", [data, np.array([1])])
    agree("Tile", [data, np.array([1, 2, 3])])
    agree("Range", [np.array(3), np.array(11), np.array(3)])
    agree("Range", [np.array(9), np.array(2), np.array(-2)])
    agree("Range", [np.array(0.5, np.float32), np.array(2, np.float32), np.array(0.5, np.float32)])
    agree("ConstantOfShape", [np.array([2, 3])])
    agree("ConstantOfShape", [two], value=helper.make_tensor("v", TensorProto.INT64, [1], [7]))
    agree("NonZero", [np.array([[0, 3], [4, 0]])])
    agree("CumSum", [data, np.array(1)])
    agree("ScatterND", [data[0], np.array([[1], [0]]), data[1][:2]])
    agree("ReduceSum", [data, np.array([1])], keepdims=0)
    agree("ReduceSum", [data], 18, noop_with_empty_axes=1)
    for kind in ("ReduceProd", "ReduceMax", "ReduceMin"):
        agree(kind, [data[:, :2, :2], np.array([0, 2])])
        agree(kind, [data[:, :2, :2]], 13, axes=[-1], keepdims=0)


@given(
    ints(arrays.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=5)),
    st.lists(
        st.tuples(whole, whole, st.sampled_from([-3, -2, -1, 1, 2, 3])), min_size=1, max_size=3
    ),
)
@settings(max_examples=count(50, 150), deadline=None)
def test_slices(data: Array, parts: list[tuple[int, int, int]]) -> None:
    """Of either sign, beyond either end."""
    parts = parts[: data.ndim]
    starts, ends, steps = (np.array(column) for column in zip(*parts, strict=True))
    axes = np.arange(len(parts))

    agree("Slice", [data, starts, ends, axes, steps])


@given(ints(arrays.array_shapes(min_dims=1, max_dims=3, max_side=4)), st.data())
@settings(max_examples=count(25, 60), deadline=None)
def test_reshapes(data: Array, draws: st.DataObject) -> None:
    """With zeros that copy and one size that follows."""
    form = draws.draw(st.lists(st.sampled_from([-1, 0, 1, 2, 3, 4, 6]), min_size=1, max_size=4))
    if form.count(-1) <= 1:
        agree("Reshape", [data, np.array(form)])


HUGE: list[tuple[str, list[Array], dict[str, Any]]] = [
    ("ConstantOfShape", [np.array([10**6, 10**6])], {}),
    ("Expand", [np.array([1]), np.array([10**9])], {}),
    ("Tile", [np.array([1, 2]), np.array([10**9])], {}),
    ("Range", [np.array(0), np.array(2**60), np.array(1)], {}),
    ("Gather", [np.zeros((2, 2048)), np.zeros(2000, np.int64)], {}),
    ("Add", [np.zeros((4000, 1)), np.zeros((1, 90))], {}),
    ("Where", [np.zeros((4000, 1), bool), np.zeros((1, 90)), np.zeros(1)], {}),
    ("Range", [np.array(0.0), np.array(1.0), np.array(1e-300)], {}),
    ("Range", [np.array(0.0), np.array(np.inf), np.array(1.0)], {}),
    ("Div", [np.array([1]), np.array([0])], {}),
    ("Mod", [np.array([1]), np.array([0])], {}),
    ("Pow", [np.array([2]), np.array([-1])], {}),
    ("ConstantOfShape", [np.array([-1])], {}),
    ("Cast", [np.array([1])], {"to": TensorProto.STRING}),
    ("Cast", [np.array([1])], {"to": 99}),
    ("Split", [np.arange(4), np.array([9, -5])], {}),
    ("Unsqueeze", [np.arange(4), np.arange(1000)], {}),
    ("Concat", [], {"axis": 0}),
    ("Gather", [np.arange(4), np.array([9])], {}),
]


@pytest.mark.parametrize(("kind", "inputs", "attributes"), HUGE)
def test_what_is_too_large_or_wrong_is_not_evaluated(
    kind: str, inputs: list[Array], attributes: dict[str, Any]
) -> None:
    """Before memory is taken for it."""
    assert evaluate(kind, attributes, inputs) is None


def test_every_rule_is_compared_with_the_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    """None is forgotten in the tests of this file."""
    asked = {"Slice", "Reshape"}
    rule: Callable[..., Any]
    for kind in list(EVALUATED):
        rule = EVALUATED[kind]

        def noted(*inputs: Any, kind: str = kind, rule: Callable[..., Any] = rule) -> Any:
            asked.add(kind)
            return rule(*inputs)

        monkeypatch.setitem(EVALUATED, kind, noted)
    test_the_rest_of_them()
    arithmetic = {"Add", "Sub", "Mul", "Min", "Max", "Sum", "Equal", "Less", "Greater", "Div"}
    arithmetic |= {"LessOrEqual", "GreaterOrEqual", "Mod", "And", "Or", "Xor"}
    singles = {"Neg", "Abs", "Sign", "Floor", "Ceil", "Round", "Identity"}

    assert asked | arithmetic | singles == set(EVALUATED)
    assert MAX_ELEMENTS < 10**5
