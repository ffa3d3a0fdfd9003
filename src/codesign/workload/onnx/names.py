"""What layers are called: by the modules that the exporter recorded, printable and unique.

PyTorch's exporter of today keeps the path of a node's module in its metadata, as a list
(`['', 'layer1', 'layer1.0', 'conv']`, the node itself last) or as a path with classes
(`: Net/layer1: Sequential/layer1.0: Conv2d/conv: aten.conv2d`); the one before it, and
TensorFlow's, put the path into the node's name.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter

import onnx

from codesign.workload.onnx.wire import MODULE_KEYS

MAX_LETTERS = 80

PARTS = ("input", "state", "projection", "scores", "values")
"""What the layers of one operator are called, after its own name."""

_OPERATORS = (
    r"(?:(?:Fused|Q|QLinear)?(?:Conv|MatMul|Gemm)|Conv[123]D|DepthwiseConv2dNative|BatchMatMulV2"
    r"|ConvTranspose|Einsum|LSTM|GRU|RNN|(?:MultiHead|GroupQuery)?Attention)"
)


def node_name(node: onnx.NodeProto, place: int) -> str:
    """A name for a node: its module's, its own, or its operator's and its place."""
    scopes, namespace = (
        next((entry.value for entry in node.metadata_props if entry.key == key), "")[:4096]
        for key in MODULE_KEYS
    )
    parts = re.findall(r"'([^']*)'|\"([^\"]*)\"", scopes)
    path = [single or double for single, double in parts]
    if not path and namespace:
        path = [part.partition(":")[0].strip() for part in namespace.split("/")]
    if len(path) > 1 and path[-2]:
        return path[-2]
    if path and path[-1]:
        return path[-1]
    return node.name or f"{node.op_type}_{place}"


def labels(names: list[str]) -> list[str]:
    """Names for people: short, printable, and no two alike."""
    taken: set[str] = set()
    seen: Counter[str] = Counter()
    found = []
    for name in names:
        first = label(name)
        text = first
        while text in taken:
            seen[first] += 1
            text = f"{first}-{seen[first] + 1}"
        taken.add(text)
        found.append(text)
    return found


def label(name: str) -> str:
    """`/layer1/layer1.0/conv1/Conv`, as PyTorch has it, becomes `layer1.0.conv1`."""
    parts = [part for part in re.split(r"[/:]+", name) if part]
    # PyTorch repeats a module's path in that of its parts, and ends with the operator.
    kept = [
        part
        for part, after in itertools.zip_longest(parts, parts[1:], fillvalue="")
        if not after.startswith(f"{part}.")
    ]
    place = -2 if kept[-1:] and kept[-1] in PARTS else -1
    if len(kept) > -place and re.fullmatch(rf"{_OPERATORS}(_\d+)?", kept[place]):
        del kept[place]
    text = re.sub(r"\.{2,}", ".", re.sub(r"[^\w.-]+", "_", ".".join(kept))).strip("._") or "layer"
    # The end of a long path tells more than its beginning.
    return text[-MAX_LETTERS:]
