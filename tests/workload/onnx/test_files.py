"""ONNX files as files: bounds, weights that are skipped, and things that are not files."""

from __future__ import annotations

import os
import resource
import time
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from codesign.errors import InputError
from codesign.reading import read_bytes, read_yaml
from codesign.workload.onnx import extract_workload, wire
from codesign.workload.onnx.wire import MAX_KEPT_BYTES, WireError, without_weights
from tests.workload.onnx.building import model, numbers, read, saved, weights, wide


def product() -> onnx.ModelProto:
    """A product whose weights are larger than what is kept, with notes for people."""
    node = helper.make_node("MatMul", ["x", "w"], ["y"], name="m", doc_string="long " * 1000)
    node.metadata_props.add(key="pkg.torch.onnx.stack_trace", value="File " * 1000)
    node.metadata_props.add(key="pkg.torch.onnx.name_scopes", value="['', 'head', 'mm']")
    return model([node], {"x": ["n", 300]}, [weights("w", 300, 200), numbers("form", 1, 2)])


def test_weights_and_notes_are_passed_over() -> None:
    """Everything else is as it was."""
    before = product()
    after = onnx.ModelProto.FromString(without_weights(before.SerializeToString()))

    assert len(after.SerializeToString()) < 1000
    assert list(after.graph.initializer[0].dims) == [300, 200]
    assert not after.graph.initializer[0].raw_data
    assert numpy_helper.to_array(after.graph.initializer[1]).tolist() == [1, 2]
    assert [entry.key for entry in after.graph.node[0].metadata_props] == [
        "pkg.torch.onnx.name_scopes"
    ]
    del before.graph.node[0].metadata_props[0]
    before.graph.node[0].doc_string = ""
    before.graph.initializer[0].raw_data = b""
    for part in (before, after):
        part.graph.node[0].ClearField("doc_string")
        part.graph.initializer[0].ClearField("raw_data")
    assert after == before


@pytest.mark.parametrize("form", ["raw", "floats", "sparse"])
def test_values_of_any_form_are_passed_over(form: str) -> None:
    """Raw bytes, lists of numbers, and those of constants within nodes."""
    many = MAX_KEPT_BYTES
    array = np.ones(many, np.float32)
    value = (
        numpy_helper.from_array(array)
        if form == "raw"
        else helper.make_tensor("v", onnx.TensorProto.FLOAT, [many], array)
    )
    if form == "sparse":
        places = numpy_helper.from_array(np.arange(many))
        sparse = helper.make_sparse_tensor(value, places, [2 * many])
        node = helper.make_node("Constant", [], ["c"], sparse_value=sparse)
    else:
        node = helper.make_node("Constant", [], ["c"], value=value)
    content = model([node], {"x": [1]}).SerializeToString()

    assert len(content) > 4 * many
    assert len(without_weights(content)) < 500


def test_a_large_file_takes_little_memory(tmp_path: Path) -> None:
    """A hundred megabytes of weights, of which the parsed model has nothing."""
    content = product()
    tensor = content.graph.initializer[0]
    del tensor.dims[:]
    tensor.dims.extend([300, 88_000])
    tensor.raw_data = bytes(4 * 300 * 88_000)
    path = saved(content, tmp_path)
    size = path.stat().st_size

    found = extract_workload(path, sizes={"n": 2})

    assert size > 100 * 2**20
    assert wide(found.workload.layers[0]) == {"P": 2, "C": 300, "K": 88_000}
    # Read once, and neither copied nor parsed: less than a second copy of it.
    kept = without_weights(path.read_bytes())
    assert len(kept) < 1000


@pytest.mark.parametrize(
    "content",
    [
        b"\x0a",
        b"\x0a\x05abc",
        b"\xff" * 20,
        b"\x0b\x0c",
        b"\x3a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
        b"\x08",
        b"\x09\x00",
    ],
)
def test_bytes_that_end_too_early_are_refused(tmp_path: Path, content: bytes) -> None:
    """Or are of no form that there is."""
    with pytest.raises(WireError, match="not an ONNX model"):
        without_weights(content)
    (tmp_path / "x.onnx").write_bytes(content)
    with pytest.raises(InputError, match="not an ONNX model"):
        extract_workload(tmp_path / "x.onnx")


def nested(depth: int) -> bytes:
    """Graphs in attributes of nodes of graphs."""

    def field(number: int, content: bytes) -> bytes:
        return wire._encoded(number << 3 | 2) + wire._encoded(len(content)) + content

    content = b""
    for _ in range(depth):
        content = field(1, field(5, field(6, content)))
    return field(7, content)


def test_models_beyond_the_bounds_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nested without end, of fields without number, or large even without weights."""
    with pytest.raises(WireError, match="nested too deeply"):
        without_weights(nested(5000))
    monkeypatch.setattr(wire, "MAX_FIELDS", 1000)
    with pytest.raises(WireError, match="more than 1000 fields"):
        without_weights(b"\x3a\x80\x20" + b"\x0a\x00" * 2048)
    monkeypatch.undo()
    monkeypatch.setattr(wire, "MAX_GRAPH_BYTES", 2**20)
    with pytest.raises(WireError, match="more than 1 MiB without its weights"):
        without_weights(b"\x12" + wire._encoded(2**21) + bytes(2**21))


def test_devices_pipes_and_folders_are_refused(tmp_path: Path) -> None:
    """At once, by every reader, and by links to them too."""
    zero = tmp_path / "zero.onnx"
    zero.symlink_to("/dev/zero")
    pipe = tmp_path / "pipe.onnx"
    os.mkfifo(pipe)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.process_time()

    for path in (zero, pipe, Path("/dev/zero")):
        with pytest.raises(InputError, match=f"^{path}: not a regular file$"):
            extract_workload(path)
        with pytest.raises(InputError, match=f"^{path}: not a regular file$"):
            read_yaml(path)
    with pytest.raises(InputError, match=f"^{tmp_path}: Is a directory$"):
        extract_workload(tmp_path)
    with pytest.raises(InputError, match="a name with a NUL, which no file has"):
        read_yaml(tmp_path / "a\0b.yaml")

    assert time.process_time() - began < 2
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 2**18


def test_what_is_read_counts_and_not_what_the_system_says(tmp_path: Path) -> None:
    """A file of a system that gives no sizes, or one that grows meanwhile."""
    path = tmp_path / "x"
    path.write_bytes(b"12345")

    assert read_bytes(path, 5) == b"12345"
    with pytest.raises(InputError, match="larger than"):
        read_bytes(path, 4)
    assert read_bytes(Path("/proc/self/status"), 2**20).startswith(b"Name:")


@pytest.mark.parametrize("name", ["a\0b", "none.onnx", "a/" * 3000])
def test_names_that_no_file_has_are_told(tmp_path: Path, name: str) -> None:
    """In a sentence."""
    with pytest.raises(InputError):
        extract_workload(tmp_path / name)


def test_tensors_of_too_many_axes_are_refused(tmp_path: Path) -> None:
    """NumPy has sixty-four."""
    content = product()
    content.graph.initializer[0].dims.extend([1] * 100)
    with pytest.raises(InputError, match="tensor 'w' has 102 axes, expected at most 64"):
        read(content, tmp_path, n=1)
    content = product()
    content.graph.input[0].type.tensor_type.shape.dim.extend(
        [helper.make_tensor_value_info("d", 1, [1]).type.tensor_type.shape.dim[0]] * 100
    )
    with pytest.raises(InputError, match="input 'x' has 102 axes, expected at most 64"):
        read(content, tmp_path, n=1)
