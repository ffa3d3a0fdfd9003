"""From operators to a network: layers with counts, and what was left out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from codesign.errors import InputError
from codesign.workload.layer import Layer
from codesign.workload.network import Workload
from codesign.workload.onnx.model import read_operators
from codesign.workload.onnx.operators import UnsupportedError, to_layer


@dataclass(frozen=True)
class Skipped:
    """An operator that computes but is no layer: by its name and kind, and why."""

    name: str
    kind: str
    reason: str


@dataclass(frozen=True)
class Extract:
    """What became of a model.

    Args:
        workload: its layers; equal ones are one, with their number as count.
        skipped: operators that compute but could not be expressed. Their work is missing.
        ignored: operators that multiply and accumulate nothing, by kind.
    """

    workload: Workload
    skipped: tuple[Skipped, ...]
    ignored: Mapping[str, int]


def extract_workload(
    path: Path, name: str | None = None, sizes: Mapping[str, int] | None = None
) -> Extract:
    """Reads the layers of an ONNX model.

    Args:
        path: the `.onnx` file.
        name: of the workload; by default that of the file.
        sizes: values of open dimensions, such as the batch, by name.

    Raises:
        InputError: see `read_operators`; a shape is not known; or there is no layer at all.
    """
    layers: list[Layer] = []
    skipped: list[Skipped] = []
    ignored: Counter[str] = Counter()
    for operator in read_operators(path, sizes or {}):
        try:
            layer = to_layer(operator)
        except UnsupportedError as reason:
            skipped.append(Skipped(operator.name, operator.kind, str(reason)))
            continue
        except InputError as error:
            raise InputError(f"{path}: {error}") from None
        if layer is None:
            ignored[operator.kind] += 1
        else:
            layers.append(layer)
    if not layers:
        there = ", ".join(sorted({*ignored, *(item.kind for item in skipped)}))
        raise InputError(f"{path}: no layer among its operators, which are {there}")
    named = tuple(
        replace(layer, name=label)
        for layer, label in zip(layers, _labels([layer.name for layer in layers]), strict=True)
    )
    whole = Workload(name or path.stem, named, (1,) * len(named))
    return Extract(whole.distinct(), tuple(skipped), dict(sorted(ignored.items())))


def _labels(names: list[str]) -> list[str]:
    """Names for people: short, printable, and no two alike."""
    seen: Counter[str] = Counter()
    labels = []
    for name in names:
        label = _label(name)
        seen[label] += 1
        while seen[label] > 1:
            label = f"{label}-{seen[label]}"
            seen[label] += 1
        labels.append(label)
    return labels


def _label(name: str) -> str:
    """`/layer1/layer1.0/conv1/Conv`, as PyTorch has it, becomes `layer1.0.conv1`."""
    parts = [part for part in re.split(r"[/:]+", name) if part]
    # PyTorch repeats a module's path in that of its parts, and ends with the operator.
    kept = [
        part
        for part, after in zip(parts, [*parts[1:], ""], strict=True)
        if not after.startswith(f"{part}.")
    ]
    if len(kept) > 1 and re.fullmatch(r"(Conv|Gemm|MatMul)(_\d+)?", kept[-1]):
        kept.pop()
    return re.sub(r"[^\w.-]+", "_", ".".join(kept))[:80] or "layer"
