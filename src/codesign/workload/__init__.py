"""What is computed: problem shapes, layers and networks (`docs/cost-model.md`, section 1)."""

from codesign.workload.layer import Layer
from codesign.workload.shape import CONV, GROUPED_CONV, Axis, Dataspace, ProblemShape
from codesign.workload.workload import Workload, load_workload

__all__ = [
    "CONV",
    "GROUPED_CONV",
    "Axis",
    "Dataspace",
    "Layer",
    "ProblemShape",
    "Workload",
    "load_workload",
]
