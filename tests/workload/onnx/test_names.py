"""What layers are called: after the modules that exporters recorded."""

from __future__ import annotations

from pathlib import Path

import pytest
from onnx import helper

from codesign.workload.onnx.names import MAX_LETTERS, label, labels
from tests.workload.onnx.building import model, read, weights


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        (
            {"pkg.torch.onnx.name_scopes": "['', 'layer1', 'layer1.0', 'layer1.0.fc', 'linear_3']"},
            "layer1.0.fc",
        ),
        ({"pkg.torch.onnx.name_scopes": "['', 'linear']"}, "linear"),
        (
            {
                "namespace": ": __main__.Net/encoder: torch.nn.modules.Sequential/encoder.0: "
                "torch.nn.modules.linear.Linear/linear: aten.linear.default"
            },
            "encoder.0",
        ),
        ({"pkg.torch.onnx.name_scopes": "not a list"}, "node_MatMul_7"),
        ({"pkg.torch.onnx.name_scopes": "['', '../../a b\n\x1b', 'x']"}, "a_b"),
        ({"pkg.torch.onnx.stack_trace": "x" * 100_000, "namespace": ""}, "node_MatMul_7"),
        ({}, "node_MatMul_7"),
    ],
)
def test_a_layer_is_called_after_its_module(
    tmp_path: Path, metadata: dict[str, str], expected: str
) -> None:
    """Where the exporter left one; by the node's own name otherwise."""
    product = helper.make_node("MatMul", ["x", "w"], ["y"], name="node_MatMul_7")
    for key, value in metadata.items():
        product.metadata_props.add(key=key, value=value)

    found = read(model([product], {"x": [3, 4]}, [weights("w", 4, 4)]), tmp_path)

    assert found.workload.layers[0].name == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("/layer1/layer1.0/conv1/Conv", "layer1.0.conv1"),
        ("/attn/MatMul_1", "attn"),
        ("model/block1/expand/Conv2D", "model.block1.expand"),
        ("Conv_0", "Conv_0"),
        ("/decoder/rnn/LSTM/state", "decoder.rnn.state"),
        ("LSTM_3/state", "LSTM_3.state"),
        ("/attn/Attention_2/scores", "attn.scores"),
        ("flax/Conv_0/conv", "flax.Conv_0.conv"),
        ("StatefulPartitionedCall/a:0", "StatefulPartitionedCall.a.0"),
        ("", "layer"),
        ("///", "layer"),
        ("é\x00\n", "é"),
        ("x" * 500, "x" * MAX_LETTERS),
    ],
)
def test_names_are_short_and_printable(name: str, expected: str) -> None:
    """Of whatever exporter."""
    assert label(name) == expected


def test_no_two_names_are_alike() -> None:
    """Even where one looks as another's second."""
    assert labels(["a", "a", "a-2", "a", "/a/Conv"]) == ["a", "a-2", "a-2-2", "a-3", "a-4"]
    assert len(set(labels(["x" * 200, "x" * 201]))) == 2
