"""Workload files: the shipped ones are what they say, the others are read or refused."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings

from codesign.errors import InputError
from codesign.reading import Fields
from codesign.workload import CONV, GROUPED_CONV, Layer, Workload, load_workload
from codesign.workload.workload import read_workload
from codesign.workload.writing import workload_fields
from tests.cost.strategies import layers

PAPER = {
    # layer: R S P Q C K, stride
    "ResNet-K1": ((3, 3, 56, 56, 64, 64), 1),
    "ResNet-K2": ((3, 3, 28, 28, 128, 128), 1),
    "ResNet-K3": ((3, 3, 14, 14, 256, 256), 1),
    "ResNet-K4": ((3, 3, 7, 7, 512, 512), 1),
    "DQN-K1": ((8, 8, 20, 20, 4, 16), 4),
    "DQN-K2": ((4, 4, 9, 9, 16, 32), 2),
    "MLP-K1": ((1, 1, 16, 1, 512, 512), 1),
    "MLP-K2": ((1, 1, 16, 1, 64, 1024), 1),
    "Transformer-K1": ((1, 1, 128, 1, 512, 512), 1),
    "Transformer-K2": ((1, 1, 128, 1, 64, 128), 1),
    "Transformer-K3": ((1, 1, 128, 1, 512, 2048), 1),
    "Transformer-K4": ((1, 1, 128, 1, 2048, 512), 1),
}


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_the_twelve_layers_are_the_papers() -> None:
    """The four networks hold exactly the layers of `docs/paper.md`."""
    found = {
        layer.name: layer
        for name in ("resnet", "dqn", "mlp", "transformer")
        for layer in load_workload(name).layers
    }

    assert list(found) == list(PAPER)
    for name, (sizes, stride) in PAPER.items():
        assert found[name].sizes == (*sizes, 1)
        assert found[name].coefficients == (stride, stride, 1, 1)


def test_every_shipped_workload_loads(repository: Path) -> None:
    """Under the name of its file."""
    names = [path.stem for path in sorted((repository / "config/workloads").glob("*.yaml"))]

    assert {"mlp-batch1", "mlp-batch32", "transformer-512", "dqn-2015", "resnet18"} <= set(names)
    for name in names:
        assert load_workload(name).name == name


def test_resnet18_is_torchvisions() -> None:
    """Its 21 layers, with shortcuts and classifier, and 1.814 billion operations."""
    network = load_workload("resnet18")

    assert sum(network.counts) == 21
    assert network.macs == 1_814_073_344


def test_variants_differ_from_their_originals_where_they_say() -> None:
    """Batch, tokens or year; nothing else."""
    by_batch = [load_workload(name) for name in ("mlp-batch1", "mlp", "mlp-batch32")]
    short, long = load_workload("transformer"), load_workload("transformer-512")

    assert [w.layers[0].size("P") for w in by_batch] == [1, 16, 32]
    assert [w.macs // w.layers[0].size("P") for w in by_batch] == [327_680] * 3
    assert [layer.size("P") for layer in long.layers] == [512] * 4
    assert [layer.size("K") for layer in long.layers] == [512, 512, 2048, 512]
    assert [layer.size("C") for layer in long.layers] == [layer.size("C") for layer in short.layers]
    assert [layer.size("K") for layer in load_workload("dqn-2015").layers] == [32, 64, 64]


def test_kinds_of_layers(tmp_path: Path) -> None:
    """Products become convolutions, batches and channels groups."""
    path = write(
        tmp_path / "x.yaml",
        "name: x\n"
        "layers:\n"
        "- {name: a, type: gemm, M: 2, N: 3, K: 4}\n"
        "- {name: b, type: batched-matmul, B: 5, M: 2, N: 3, K: 4}\n"
        "- {name: c, type: depthwise-conv, C: 6, R: 3, P: 8, Wstride: 2}\n"
        "- {name: d, type: grouped-conv, G: 2, C: 3, K: 4, R: 3, P: 8, count: 7}\n",
    )

    network = load_workload(path)

    assert network.layers == (
        Layer.conv("a", P=2, K=3, C=4),
        Layer.of(GROUPED_CONV, "b", G=5, P=2, K=3, C=4),
        Layer.of(GROUPED_CONV, "c", G=6, R=3, P=8, Wstride=2),
        Layer.of(GROUPED_CONV, "d", G=2, C=3, K=4, R=3, P=8),
    )
    assert network.counts == (1, 1, 1, 7)
    assert network.macs == 24 + 120 + 144 + 7 * 576


def test_shapes_of_ones_own(tmp_path: Path) -> None:
    """A file may define what is computed, as projections."""
    path = write(
        tmp_path / "x.yaml",
        "name: x\n"
        "shapes:\n"
        "- name: pool\n"
        "  dimensions: [P, R, C]\n"
        "  coefficients: [stride]\n"
        "  dataspaces:\n"
        "  - {name: In, projection: ['P*stride + R', C]}\n"
        "  - {name: Out, projection: [P, C], read_write: true}\n"
        "layers:\n"
        "- {name: a, type: pool, P: 4, R: 2, C: 3, stride: 2}\n",
    )

    (layer,) = load_workload(path).layers

    assert [layer.words(space) for space in layer.shape.dataspaces] == [8 * 3, 4 * 3]


def test_equal_layers_are_merged() -> None:
    """Their counts add up; names do not matter."""
    one, other = Layer.conv("one", K=4), Layer.conv("other", K=4)
    network = Workload("x", (one, Layer.conv("last", K=5), other), (2, 1, 3))

    distinct = network.distinct()

    assert [layer.name for layer in distinct.layers] == ["one", "last"]
    assert distinct.counts == (5, 1)
    assert distinct.macs == network.macs


@settings(deadline=None)
@given(layers())
def test_any_layer_reads_back(layer: Layer) -> None:
    """Whatever the shape, own ones included."""
    network = Workload("x", (layer,), (3,))

    text = yaml.safe_dump(workload_fields(network))
    fields = Fields(yaml.safe_load(text), "x")

    assert read_workload(fields) == network
    fields.done()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("layers: []", "'name' is missing"),
        ("name: x", "'layers' is missing"),
        ("name: x\nlayers: []", "no layers"),
        ("name: x\nlayers: 3", "layers is 3, expected a list"),
        ("name: x\nlayers: [3]", r"layers\[0\]: expected a mapping"),
        ("name: x\nlayers: [{K: 3}]", r"layers\[0\]: the field 'name' is missing"),
        ("name: x\nlayers: [{name: a, K: 0}]", r"layers\[0\]: K is 0"),
        ("name: x\nlayers: [{name: a, Kk: 3}]", "unknown field 'Kk'"),
        ("name: x\nlayers: [{name: a, count: 0}]", "count is 0"),
        ("name: x\nlayers: [{name: a}, {name: a}]", "two layers are called 'a'"),
        ("name: x\nlayers: [{name: a, type: convv}]", "did you mean 'conv'"),
        ("name: x\nlayers: [{name: a, type: gemm, M: 3, N: 2}]", "'K' is missing"),
        ("name: x\nlayers: [{name: a, C: 2000000000, K: 2000000000}]", "layer a: .* at most 2.53"),
        ("name: x\nnote: 3\nlayers: [{name: a}]", "unknown field 'note'"),
        (
            "name: x\nshapes: [{name: s, dimensions: [A], dataspaces: "
            "[{name: O, projection: [B], read_write: true}]}]\nlayers: [{name: a, type: s}]",
            "unknown dimension 'B'",
        ),
        (
            "name: x\nshapes: [{name: s, dimensions: [A], dataspaces: "
            "[{name: O, projection: ['A**2'], read_write: true}]}]\nlayers: [{name: a}]",
            "projection is",
        ),
    ],
)
def test_bad_workloads_are_refused(tmp_path: Path, text: str, expected: str) -> None:
    """The field and its value are named."""
    with pytest.raises(InputError, match=expected):
        load_workload(write(tmp_path / "x.yaml", text))


def test_unknown_names_are_refused() -> None:
    """With the names there are."""
    with pytest.raises(
        InputError, match=r"no 'resnet-18' \(did you mean 'resnet18'\?\).*dqn, dqn-2015"
    ):
        load_workload("resnet-18")
    with pytest.raises(InputError, match=r"resnet: no layer 'K1'.*ResNet-K1"):
        load_workload("resnet").layer("K1")


def test_a_convolution_has_seven_dimensions() -> None:
    """In the order that mappings and the kernel use."""
    assert CONV.dimensions == ("R", "S", "P", "Q", "C", "K", "N")
    assert CONV.dataspace_names == ("Weights", "Inputs", "Outputs")


QUANTIZED = """
name: quantized
bits: {Weights: 4, Outputs: 32}
layers:
- {name: first, R: 3, P: 8, K: 4, bits: {Weights: 8, Inputs: 8}}
- {name: second, R: 3, P: 8, K: 4}
- {name: third, R: 3, P: 8, K: 4, bits: {Weights: 8, Inputs: 8}}
"""


def test_widths_are_the_layers_or_the_networks(tmp_path: Path) -> None:
    """A layer's own come first; layers of other widths are other layers; they are written again."""
    path = tmp_path / "x.yaml"
    path.write_text(QUANTIZED, encoding="utf-8")
    workload = load_workload(path)

    assert [layer.widths for layer in workload.layers[:2]] == [(8, 8, 32), (4, None, 32)]
    assert workload.distinct().counts == (2, 1)
    assert "4-bit Weights" in workload.layers[1].summary()
    path.write_text(yaml.safe_dump(workload_fields(workload)), encoding="utf-8")
    assert load_workload(path) == workload
    plain = Layer.conv("first", R=3, P=8, K=4)
    assert workload.layers[0].content != plain.content
    assert plain.with_bits({}) == plain
    assert plain.content == (plain.shape, plain.sizes, plain.coefficients)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("Outputs: 32", "Outputs: 0", "Outputs is 0, expected a whole number from 1 to 1024"),
        ("Outputs: 32", "Sums: 32", "bits of 'Sums', which no layer has"),
        ("Inputs: 8}}", "Input: 8}}", "layer first: bits of 'Input', expected of Weights, Inputs"),
        ("{Weights: 4, Outputs: 32}", "8", "bits: expected a mapping of names to values, got 8"),
    ],
)
def test_bad_widths_are_refused(tmp_path: Path, old: str, new: str, expected: str) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(QUANTIZED.replace(old, new), encoding="utf-8")

    with pytest.raises(InputError, match=expected):
        load_workload(path)


def test_a_layer_with_widths_is_smaller() -> None:
    """So that counts of bits are exact."""
    layer = Layer.conv("big", P=2**15, C=2**15, K=2**15)

    with pytest.raises(InputError, match=r"with widths, expected at most 2\^43"):
        layer.with_bits({"Weights": 4})
