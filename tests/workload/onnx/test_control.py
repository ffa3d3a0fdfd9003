"""Functions, branches and loops: what runs, and how often; and what has no end."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from codesign.errors import InputError
from codesign.workload.onnx import extract_workload
from tests.workload.onnx.building import (
    Dim,
    model,
    read,
    saved,
    scalar,
    tensor,
    weights,
    wide,
)

node = helper.make_node


def body(
    nodes: Sequence[onnx.NodeProto],
    inputs: Sequence[onnx.ValueInfoProto] = (),
    outputs: Sequence[str] = ("out",),
) -> onnx.GraphProto:
    results = [helper.make_empty_tensor_value_info(name) for name in outputs]
    return helper.make_graph(list(nodes), "body", list(inputs), results)


def truth(name: str, value: bool) -> onnx.TensorProto:
    return numpy_helper.from_array(np.array(value), name)


# Branches


def branching(condition: Sequence[onnx.NodeProto]) -> onnx.ModelProto:
    """A product with a narrow or a wide matrix."""
    branches = {
        f"{name}_branch": body([node("MatMul", ["x", w], ["out"], name=name)])
        for name, w in (("then", "narrow"), ("else", "wide"))
    }
    constants = [weights("narrow", 4, 2), weights("wide", 4, 8), scalar("five", 5)]
    choice = node("If", ["c"], ["y"], name="choice", **branches)
    return model([*condition, choice], {"x": ["n", 4]}, constants)


def test_a_branch_whose_condition_is_a_constant_is_taken(tmp_path: Path) -> None:
    """And the other one is not looked at."""
    for value, columns in ((True, 2), (False, 8)):
        constant = node("Constant", [], ["c"], value=truth("v", value))
        found = read(branching([constant]), tmp_path, n=3)
        assert [wide(layer) for layer in found.workload.layers] == [{"P": 3, "C": 4, "K": columns}]
        assert not found.skipped


def test_a_branch_whose_condition_follows_from_shapes_is_taken(tmp_path: Path) -> None:
    """As squeezes of PyTorch are written."""
    condition = [
        node("Shape", ["x"], ["s"], start=0, end=1),
        node("Squeeze", ["s"], ["rows"]),
        node("Less", ["rows", "five"], ["c"]),
    ]

    assert read(branching(condition), tmp_path, n=3).workload.layers[0].size("K") == 2
    assert read(branching(condition), tmp_path, n=6).workload.layers[0].size("K") == 8


def test_a_branch_that_depends_on_data_is_left_out(tmp_path: Path) -> None:
    """With the larger of its works."""
    condition = [
        node("ReduceSum", ["x"], ["total"], keepdims=0),
        node("Cast", ["total"], ["c"], to=TensorProto.BOOL),
        node("MatMul", ["x", "wide"], ["other"], name="sure"),
    ]

    found = read(branching(condition), tmp_path, n=3)

    assert [layer.name for layer in found.workload.layers] == ["sure"]
    assert [(item.name, item.kind, item.macs) for item in found.skipped] == [
        ("choice", "If", 3 * 4 * 8)
    ]
    assert found.skipped[0].reason == "which of its branches runs depends on the data"


def test_a_branch_that_depends_on_an_input_is_taken_once_its_value_is_given(tmp_path: Path) -> None:
    """As the sampling rate of an audio model."""
    content = branching([node("Equal", ["rate", "five"], ["c"])])
    content.graph.input.append(tensor("rate", [], TensorProto.INT64))
    path = saved(content, tmp_path)

    for rate, columns in ((5, 2), (6, 8)):
        found = extract_workload(path, sizes={"n": 3}, numbers={"rate": rate})
        assert found.workload.layers[0].size("K") == columns
    with pytest.raises(InputError, match="which of its branches runs depends on the data"):
        extract_workload(path, sizes={"n": 3})
    with pytest.raises(InputError, match=r"there is no input 'rat' \(did you mean 'rate'"):
        extract_workload(path, sizes={"n": 3}, numbers={"rat": 5})
    with pytest.raises(InputError, match="input 'x' is not one number"):
        extract_workload(path, sizes={"n": 3}, numbers={"x": 5})


def test_branches_that_do_the_same_are_no_question(tmp_path: Path) -> None:
    """The work is the same for both."""
    content = branching([node("Cast", ["x0"], ["c"], to=TensorProto.BOOL)])
    content.graph.input.append(tensor("x0", []))
    content.graph.initializer[1].CopyFrom(weights("wide", 4, 2))

    found = read(content, tmp_path, n=3)

    assert found.workload.counts == (1,)
    assert not found.skipped


# Loops


def loop(
    trip: str, step: Sequence[onnx.NodeProto], state: Sequence[Dim], condition: str = ""
) -> onnx.NodeProto:
    """A loop over one tensor; the body's condition is called `go`."""
    inputs = [
        tensor("i", [], TensorProto.INT64),
        tensor("go_in", [], TensorProto.BOOL),
        tensor("h", state),
    ]
    content = body(step, inputs, ["go", "next"])
    return node("Loop", [trip, condition, "x"], ["y"], name="loop", body=content)


GOES_ON = node("Identity", ["go_in"], ["go"])


def test_a_loop_runs_as_often_as_it_says(tmp_path: Path) -> None:
    """Its body is walked once and counted so often, however large the number."""
    step = [GOES_ON, node("MatMul", ["h", "w"], ["next"], name="step")]

    for trips in (1, 6, 10**6):
        content = model(
            [loop("trips", step, [3, 4])],
            {"x": [3, 4]},
            [weights("w", 4, 4), scalar("trips", trips)],
        )
        found = read(content, tmp_path)
        assert found.workload.counts == (trips,)
        assert found.workload.layers[0].name == "loop.step"
        assert found.ignored == {"Identity": trips}


def test_loops_in_loops_multiply(tmp_path: Path) -> None:
    """Three times five."""
    inner = loop("five", [GOES_ON, node("MatMul", ["h", "w"], ["next"])], [3, 4])
    inner.input[2] = "h"
    inner.output[0] = "next"
    outer = loop("three", [node("Identity", ["go_in"], ["go"]), inner], [3, 4])
    constants = [weights("w", 4, 4), scalar("three", 3), scalar("five", 5)]

    assert read(model([outer], {"x": [3, 4]}, constants), tmp_path).workload.counts == (15,)


def test_a_loop_whose_tensors_grow_is_run_through(tmp_path: Path) -> None:
    """As a cache does: each run has a size of its own."""
    step = [
        GOES_ON,
        node("Concat", ["h", "x"], ["next"], axis=0),
        node("MatMul", ["next", "w"], ["scores"], name="step"),
    ]
    content = model(
        [loop("trips", step, ["rows", 4])],
        {"x": [2, 4]},
        [weights("w", 4, 4), scalar("trips", 3)],
    )

    found = read(content, tmp_path)

    assert [layer.size("P") for layer in found.workload.layers] == [4, 6, 8]


def test_a_loop_that_counts_for_itself(tmp_path: Path) -> None:
    """Without a number of trips; its condition follows from what it counts."""
    inputs = [
        tensor("i", [], TensorProto.INT64),
        tensor("go_in", [], TensorProto.BOOL),
        tensor("n", [], TensorProto.INT64),
    ]
    step = [
        node("Add", ["n", "one"], ["next"]),
        node("Less", ["next", "four"], ["go"]),
        node("MatMul", ["x", "w"], ["product"], name="step"),
    ]
    content = body(step, inputs, ["go", "next", "product"])
    nodes = [
        node("Loop", ["", "yes", "zero"], ["last", "all"], name="loop", body=content),
        node("MatMul", ["all", "w"], ["y"], name="after"),
    ]
    constants = [
        *(scalar("one", 1), scalar("four", 4), scalar("zero", 0), truth("yes", True)),
        weights("w", 4, 4),
    ]

    found = read(model(nodes, {"x": [3, 4]}, constants), tmp_path)

    assert [
        (wide(layer), c)
        for layer, c in zip(found.workload.layers, found.workload.counts, strict=True)
    ] == [
        ({"P": 3, "C": 4, "K": 4}, 4),
        ({"P": 12, "C": 4, "K": 4}, 1),
    ]


def test_a_loop_that_depends_on_data_is_left_out(tmp_path: Path) -> None:
    """With one run of its body."""
    step = [
        node("ReduceSum", ["h"], ["total"], keepdims=0),
        node("Cast", ["total"], ["go"], to=TensorProto.BOOL),
        node("MatMul", ["h", "w"], ["next"], name="step"),
    ]
    nodes = [loop("trips", step, [3, 4]), node("MatMul", ["x", "w"], ["z"], name="sure")]
    content = model(nodes, {"x": [3, 4]}, [weights("w", 4, 4), scalar("trips", 9)], ["y", "z"])

    found = read(content, tmp_path)

    (left,) = found.skipped
    assert (left.kind, left.macs) == ("Loop", 48)
    assert left.reason.startswith("how often it runs depends on the data")


def test_a_loop_that_runs_nought_times(tmp_path: Path) -> None:
    """It passes on its inputs."""
    step = [GOES_ON, node("MatMul", ["h", "w"], ["next"])]
    nodes = [loop("trips", step, [3, 4]), node("MatMul", ["y", "w"], ["z"], name="after")]
    content = model(nodes, {"x": [3, 4]}, [weights("w", 4, 4), scalar("trips", 0)], ["z"])

    assert read(content, tmp_path).workload.counts == (1,)


@pytest.mark.parametrize(
    "step",
    [
        [node("Identity", ["go_in"], ["go"]), node("Concat", ["h", "h"], ["next"], axis=0)],
        [node("Identity", ["go_in"], ["go"]), node("Identity", ["h"], ["next"])],
    ],
)
@pytest.mark.parametrize("trips", [2**62, None])
def test_loops_without_end_are_refused(
    tmp_path: Path, step: list[onnx.NodeProto], trips: int | None
) -> None:
    """In time, unless nothing in them computes anything."""
    nodes = [
        loop("trips" if trips else "", step, ["rows", 4], "yes"),
        node("MatMul", ["x", "w"], ["z"]),
    ]
    constants = [weights("w", 4, 4), truth("yes", True), scalar("trips", trips or 0)]
    content = model(nodes, {"x": [3, 4]}, constants, ["y", "z"])
    began = time.process_time()

    if trips and step[1].op_type == "Identity":
        assert read(content, tmp_path).workload.counts == (1,)
    else:
        with pytest.raises(InputError, match=r"more than|expected at most"):
            read(content, tmp_path)

    assert time.process_time() - began < 20


# Scans


def test_a_scan_runs_along_an_axis(tmp_path: Path) -> None:
    """A cell per time step; the axis need not be the first."""
    inputs = [tensor("h", [3, 8]), tensor("slice", [3, 5])]
    step = [
        node("Concat", ["h", "slice"], ["both"], axis=1),
        node("MatMul", ["both", "w"], ["next"], name="cell"),
        node("Identity", ["next"], ["out"]),
    ]
    nodes = [
        node(
            "Scan", ["h0", "x"], ["last", "all"], name="scan", num_scan_inputs=1,
            scan_input_axes=[1], scan_output_axes=[1], body=body(step, inputs, ["next", "out"]),
        ),
        node("MatMul", ["all", "v"], ["y"], name="after"),
    ]  # fmt: skip
    constants = [weights("w", 13, 8), weights("v", 8, 2), weights("h0", 3, 8)]

    found = read(model(nodes, {"x": [3, "t", 5]}, constants), tmp_path, t=7)

    assert [layer.name for layer in found.workload.layers] == ["scan.cell", "after"]
    assert [wide(layer) for layer in found.workload.layers] == [
        {"P": 3, "C": 13, "K": 8},
        {"P": 21, "C": 8, "K": 2},
    ]
    assert found.workload.counts == (7, 1)


# Functions


def function(
    name: str, nodes: Sequence[onnx.NodeProto], attributes: Sequence[str] = ()
) -> onnx.FunctionProto:
    """From `a` to `b`."""
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("own", 1)]
    return helper.make_function(
        "own", name, ["a", "w"], ["b"], list(nodes), opsets, list(attributes)
    )


def calling(
    name: str, functions: Sequence[onnx.FunctionProto], **attributes: object
) -> onnx.ModelProto:
    nodes = [node(name, ["x", "w"], ["y"], name="call", domain="own", **attributes)]
    return model(nodes, {"x": [3, 4]}, [weights("w", 4, 4)], functions=functions)


def call(name: str, given: str, result: str) -> onnx.NodeProto:
    return node(name, [given, "w"], [result], domain="own", name=f"to-{name}")


def test_functions_in_functions_are_looked_into(tmp_path: Path) -> None:
    """Twice two products, called after where they are."""
    inner = function(
        "Inner",
        [
            node("MatMul", ["a", "w"], ["h"], name="first"),
            node("MatMul", ["h", "w"], ["b"], name="second"),
        ],
    )
    outer = function("Outer", [call("Inner", "a", "h"), call("Inner", "h", "b")])

    found = read(calling("Outer", [inner, outer]), tmp_path)

    assert found.workload.counts == (4,)
    assert found.workload.layers[0].name == "call.to-Inner.first"


def test_the_callers_attributes_are_filled_in(tmp_path: Path) -> None:
    """Referred to by name, in bodies of branches too."""
    product = node("Gemm", ["a", "w"], ["b"])
    reference = onnx.AttributeProto(
        name="transB", ref_attr_name="turned", type=onnx.AttributeProto.INT
    )
    product.attribute.append(reference)
    content = calling("Linear", [function("Linear", [product], ["turned"])], turned=1)
    content.graph.initializer[0].CopyFrom(weights("w", 6, 4))

    assert wide(read(content, tmp_path).workload.layers[0]) == {"P": 3, "C": 4, "K": 6}


def test_operands_that_a_caller_leaves_out_are_left_out(tmp_path: Path) -> None:
    """Attention without a cache, in a function that hands one on."""
    nodes = [node("Attention", ["a", "a", "a", "", "w", "w"], ["b"], q_num_heads=1, kv_num_heads=1)]
    content = calling("Attend", [function("Attend", nodes)])
    content.graph.node[0].input[1] = ""
    content.graph.input[0].CopyFrom(tensor("x", [1, 3, 4]))
    content.functions[0].opset_import[0].version = 23

    scores, values = read(content, tmp_path).workload.layers

    assert wide(scores) == {"P": 3, "C": 4, "K": 3}
    assert wide(values) == {"P": 3, "C": 3, "K": 4}


@pytest.mark.parametrize("length", [1, 2, 5])
def test_functions_that_call_themselves_are_refused(tmp_path: Path, length: int) -> None:
    """At once, or by way of others."""
    functions = [function(f"F{i}", [call(f"F{(i + 1) % length}", "a", "b")]) for i in range(length)]

    with pytest.raises(InputError, match=r"the function 'own\.F0' calls itself"):
        read(calling("F0", functions), tmp_path)


def doubling(levels: int) -> onnx.ModelProto:
    """Functions that each call the one before twice."""
    functions = [function("F0", [node("MatMul", ["a", "w"], ["b"])])]
    functions += [
        function(f"F{i}", [call(f"F{i - 1}", "a", "h"), call(f"F{i - 1}", "h", "b")])
        for i in range(1, levels)
    ]
    return calling(f"F{levels - 1}", functions)


def test_functions_that_double_are_counted_before_they_are_looked_into(tmp_path: Path) -> None:
    """Ten levels are 512 products, forty are refused at once."""
    assert read(doubling(10), tmp_path).workload.counts == (512,)
    began = time.process_time()
    for levels in (18, 40, 60):
        with pytest.raises(InputError, match=r"its functions grow to .* operators"):
            read(doubling(levels), tmp_path)
    assert time.process_time() - began < 2


def test_functions_in_ever_deeper_functions_are_refused(tmp_path: Path) -> None:
    """A thousand, one in another."""
    functions = [function("F0", [node("MatMul", ["a", "w"], ["b"])])]
    functions += [function(f"F{i}", [call(f"F{i - 1}", "a", "b")]) for i in range(1, 1000)]

    for order in (functions, functions[::-1]):
        with pytest.raises(InputError, match="more than 64 deep"):
            read(calling("F999", order), tmp_path)


def test_bodies_that_refer_to_nothing_are_refused(tmp_path: Path) -> None:
    """A tensor that nobody writes, a branch that is missing."""
    broken = branching([node("Constant", [], ["c"], value=truth("v", True))])
    for attribute in broken.graph.node[1].attribute:
        attribute.g.node[0].input[1] = "nothing"
    with pytest.raises(InputError, match="the tensor 'nothing' is read before anything writes it"):
        read(broken, tmp_path, n=1)
    del broken.graph.node[1].attribute[:]
    with pytest.raises(InputError):
        read(broken, tmp_path, n=1)
