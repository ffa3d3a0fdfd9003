"""The files that the examples of the helps take for granted: those that users bring along."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from codesign.cli import main

NETWORK = """\
name: mine
layers:
- {name: stem, R: 3, S: 3, P: 4, Q: 4, C: 2, K: 8}
- {name: head, type: gemm, M: 4, N: 8, K: 16}
"""
CHIP = """\
name: small
template: eyeriss
budget: {pes: 8, local_words: 64, global_kb: 4}
parameters: {H1: 4, H2: 2, H3: 12, H4: 32, H5: 16}
"""
RECORDS = """\
{"define_arch": "tiny", "spec": {"arithmetic": {"instances": 1, "word-bits": 16}, \
"storage": [{"name": "RF", "entries": 64}, {"name": "DRAM", "technology": "DRAM"}]}}
{"define_layer": "product", "spec": {"R": 1, "S": 1, "P": 8, "Q": 1, "C": 4, "K": 6}}
{"id": 7, "arch": "tiny", "layer": "product", \
"mapping": [{"temporal": [["C", 4], ["P", 2]]}, {"temporal": [["K", 6], ["P", 4]]}]}
"""


def write_inputs(folder: Path) -> None:
    """Networks, chips, records, ONNX models and Timeloop's files, by the names in the examples."""
    for name, text in (("my-network.yaml", NETWORK), ("my-chip.yaml", CHIP)):
        (folder / name).write_text(text, encoding="utf-8")
    for name in ("a.jsonl", "b.jsonl"):
        (folder / name).write_text(RECORDS, encoding="utf-8")
    (folder / "mappings.jsonl.gz").write_bytes(gzip.compress(RECORDS.encode()))
    for name in ("model.onnx", "resnet50.onnx", "bert.onnx"):
        write_model(folder / name)
    write_timeloop(folder)


def write_model(path: Path) -> None:
    """One product, whose batch and tokens are left open."""
    shape = ["batch", "tokens", 16]
    given = [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)]
    weights = numpy_helper.from_array(np.zeros((16, 8), np.float32), "w")
    node = helper.make_node("MatMul", ["x", "w"], ["y"])
    result = helper.make_empty_tensor_value_info("y")
    graph = helper.make_graph([node], "graph", given, [result], [weights])
    opsets = [helper.make_opsetid("", 17)]
    onnx.save(helper.make_model(graph, opset_imports=opsets), str(path))


def write_timeloop(folder: Path) -> None:
    """A design of Timeloop's, as a folder and as single files."""
    out = folder / "written"
    network, chip = folder / "my-network.yaml", folder / "my-chip.yaml"
    words = ["map", "--workload", network, "--hardware", chip, "--layer", "stem"]
    assert main([*map(str, words), "--trials", "12", "--output", str(out)]) == 0
    words = ["export", "--format", "timeloop", out / "design.yaml", folder / "exported"]
    assert main([*map(str, words)]) == 0
    (architecture,) = (folder / "exported").rglob("architecture.yaml")
    (problem,) = (folder / "exported").rglob("problem.yaml")
    (mapping,) = (folder / "exported").rglob("mapping.yaml")
    shutil.copy(architecture, folder / "arch.yaml")
    shutil.copy(problem, folder / "problem.yaml")
    shutil.copy(problem, folder / "layer.yaml")
    shutil.copy(mapping, folder / "map.yaml")
    shutil.rmtree(out)
