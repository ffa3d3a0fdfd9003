"""`codesign import onnx`: from a model to a network file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from codesign.cli import main
from codesign.workload import load_workload


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """Two equal products, an activation, and an operator that is not a layer."""
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["a"], name="first"),
        helper.make_node("Relu", ["a"], ["b"]),
        helper.make_node("MatMul", ["b", "w"], ["c"], name="second"),
        helper.make_node("DFT", ["c"], ["y"], name="sum"),
    ]
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["rows", 8])],
        [helper.make_empty_tensor_value_info("y")],
        [numpy_helper.from_array(np.zeros((8, 8), np.float32), "w")],
    )
    path = tmp_path / "net.onnx"
    onnx.save(helper.make_model(graph), str(path))
    return path


def test_a_model_becomes_a_network(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With what it has, what it lacks, and what was left out."""
    output = tmp_path / "net.yaml"

    code = main(["import", "onnx", str(model), "--size", "rows=3", "--output", str(output)])

    told = capsys.readouterr().out
    network = load_workload(output)
    assert code == 0
    assert (network.name, network.counts, network.macs) == ("net", (2,), 2 * 3 * 64)
    assert "2 layers, 1 of them different, 384 multiply-accumulates" in told
    assert "nothing to multiply and accumulate: Relu × 1" in told
    assert "left out: sum (DFT): a fast transform needs fewer products" in told
    assert (
        "left out: 0 multiply-accumulates, 0 % of the network's: DFT × 1 (an unknown number)"
        in told
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "dimension 'rows' of input 'x' is open, expected its size (--size rows=1)"),
        (["--size", "row=3"], "'row' is not open, expected one of rows (did you mean 'rows'?)"),
        (["--size", "rows"], "--size is 'rows', expected a name and its number, such as"),
        (["--size", "rows=-3"], "--size is '-3', expected a whole number from 0 to 999999999"),
    ],
)
def test_bad_arguments_end_with_one_sentence(
    model: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    message: str,
) -> None:
    """And no file."""
    output = tmp_path / "net.yaml"

    code = main(["import", "onnx", str(model), *arguments, "--output", str(output)])

    error = capsys.readouterr().err
    assert code == 2
    assert message in error
    assert len(error.splitlines()) == 1
    assert not output.exists()
