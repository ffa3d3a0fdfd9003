"""Networks from ONNX models: which layers they have, from the shapes of their tensors alone.

`load` and `wire` read a file within bounds, `sizes` gives its inputs their sizes, `walk` and
`control` go through the graph, and `infer`, `evaluate` and `contrib` say what each operator writes.
`operators` turns those that multiply into layers, `extract` puts them together, `report` tells it.
"""

from codesign.workload.onnx.extract import Extract, Skipped, extract_workload
from codesign.workload.onnx.report import sentences

__all__ = ["Extract", "Skipped", "extract_workload", "sentences"]
