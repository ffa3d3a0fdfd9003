"""`codesign import onnx`: the layers of an ONNX model."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codesign.commands.options import add_command, refused, whole

if TYPE_CHECKING:
    from codesign.workload.onnx import Extract

_DESCRIPTION = """\
Reads an ONNX model and writes its layers as a network: convolutions of any group, stride, dilation
and padding, Gemm and MatMul, attention's batched products included. Equal layers become one, with
a count. Operators that multiply and accumulate but are no layer are listed; the rest computes
nothing that the cost model knows. Only shapes are read: weights may be absent.
"""

_EXAMPLES = """\
  codesign import onnx resnet50.onnx --output resnet50.yaml
  codesign import onnx bert.onnx --size batch=1 --size tokens=128 --output bert.yaml
"""


def add_parser(subparsers: Any) -> None:
    """Adds the source."""
    parser = add_command(subparsers, "onnx", "networks", _DESCRIPTION, _EXAMPLES)
    parser.add_argument("model", metavar="MODEL.onnx", type=Path, help="the model to read")
    parser.add_argument(
        "--size",
        metavar="NAME=N",
        type=_size,
        action="append",
        default=[],
        help="the size of a dimension that the model leaves open, such as its batch",
    )
    parser.add_argument("--name", help="of the network (default: that of the file)")
    parser.add_argument(
        "--output", metavar="X.yaml", type=Path, required=True, help="the file to write"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Runs the command; returns the exit code."""
    from codesign.extras import needs
    from codesign.store.atomic import require_distinct
    from codesign.store.write import write_any

    with needs("onnx", "'codesign import onnx'"):
        from codesign.workload.onnx import extract_workload

    require_distinct([options.model, options.output])
    found = extract_workload(options.model, options.name, dict(options.size))
    write_any(found.workload, options.output)
    _tell(found)
    print(f"network {found.workload.name}: {options.output}")
    return 0


def _tell(found: Extract) -> None:
    workload = found.workload
    print(
        f"{sum(workload.counts)} layers, {len(workload.layers)} of them different, "
        f"{workload.macs:,} multiply-accumulates"
    )
    if found.ignored:
        kinds = ", ".join(f"{kind} × {count}" for kind, count in found.ignored.items())
        print(f"nothing to multiply and accumulate: {kinds}")
    for item in found.skipped:
        print(f"left out: {item.name} ({item.kind}): {item.reason}")


def _size(text: str) -> tuple[str, int]:
    """`NAME=N` as an option's type."""
    name, equals, number = text.rpartition("=")
    if not (name and equals):
        raise refused(text, "a dimension and its size, such as batch=1")
    return name, whole(number)
