"""`codesign import onnx`: the layers of an ONNX model."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from codesign.commands.options import add_command, natural, refused

_DESCRIPTION = """\
Reads an ONNX model and writes its layers as a network. Layers are convolutions along up to three
axes, with any group, stride, dilation and padding, also transposed; matrix products of any rank,
Einsum, recurrent layers and attention; and quantized and fused forms of all of them. Equal layers
become one, with a count. Operators that multiply and accumulate but are not layers are listed, with
their share of the network; the cost model does not count the others. Only shapes are read, so
weights may be missing. docs/onnx.md has all operators.
"""

_EXAMPLES = """\
  codesign import onnx resnet50.onnx --output resnet50.yaml
  codesign import onnx bert.onnx --size batch=1 --size tokens=128 --output bert.yaml
  codesign import onnx detector.onnx --size x.2=416 --size x.3=416 --output detector.yaml
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
        help="the size of a dimension that the model leaves open, such as the batch, by its name "
        "or as INPUT.AXIS=N; may be given several times",
    )
    parser.add_argument(
        "--value",
        metavar="INPUT=N",
        type=_size,
        action="append",
        default=[],
        help="the value of an input that is one number, if branches or loops depend on it",
    )
    parser.add_argument("--name", help="name of the network (default: that of the file)")
    parser.add_argument(
        "--output", metavar="X.yaml", type=Path, required=True, help="the file to write"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Runs the command, and returns the exit code."""
    from codesign.extras import needs
    from codesign.store.atomic import require_distinct
    from codesign.store.write import write_any

    with needs("onnx", "'codesign import onnx'"):
        from codesign.workload.onnx import extract_workload, sentences

    require_distinct([options.model, options.output])
    found = extract_workload(options.model, options.name, dict(options.size), dict(options.value))
    write_any(found.workload, options.output)
    for line in sentences(found):
        print(line)
    print(f"network {found.workload.name}: {options.output}")
    return 0


def _size(text: str) -> tuple[str, int]:
    """The type of an option: `NAME=N`."""
    name, equals, number = text.rpartition("=")
    if not (name and equals):
        raise refused(text, "a name and its number, such as batch=1")
    # An empty cache has no tokens: zero is a size.
    return name, natural(number)
