"""ONNX's own test cases of single operators, which come with what they give when they run."""

from __future__ import annotations

import contextlib
from pathlib import Path

import numpy as np
import pytest
from onnx.backend.test.case.node import collect_testcases

from codesign.errors import InputError
from codesign.workload.onnx import extract_workload
from codesign.workload.onnx.expansion import check_expansion
from codesign.workload.onnx.findings import Frame
from codesign.workload.onnx.sizes import read_inputs
from codesign.workload.onnx.walk import Walk, versions
from tests.workload.onnx.building import saved


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_shapes_are_those_that_running_gives(tmp_path: Path) -> None:
    """Where they are known, for some 1 900 cases; and every one is read or refused."""
    known = 0
    for case in collect_testcases(None):
        graph = case.model.graph
        with contextlib.suppress(InputError):
            inputs = read_inputs(graph, {}, tmp_path)
            frame = Frame(versions(case.model.opset_import), dict(inputs.values))
            check_expansion(case.model)
            Walk(case.model).graph(graph, frame)
            for output, executed in zip(graph.output, case.data_sets[0][1], strict=False):
                value = frame.find(output.name)
                if (
                    isinstance(executed, np.ndarray)
                    and value is not None
                    and value.shape is not None
                ):
                    assert value.shape == executed.shape, case.name
                    known += 1
        with contextlib.suppress(InputError):
            extract_workload(saved(case.model, tmp_path))

    assert known > 1500
