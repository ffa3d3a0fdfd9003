"""Networks from ONNX models: which layers they have, from the shapes of their tensors alone."""

from codesign.workload.onnx.extract import Extract, Skipped, extract_workload

__all__ = ["Extract", "Skipped", "extract_workload"]
