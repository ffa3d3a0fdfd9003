"""Workloads as the fields of their files; `codesign.workload.workload` reads these fields."""

from __future__ import annotations

from typing import Any

from codesign.workload.layer import Layer
from codesign.workload.shape import CONV, SHAPES, Axis, ProblemShape
from codesign.workload.workload import Workload


def workload_fields(workload: Workload) -> dict[str, Any]:
    """The fields from which `codesign.workload.workload.read_workload` makes the same workload."""
    own = {layer.shape.name: layer.shape for layer in workload.layers}
    shapes = [shape for name, shape in own.items() if SHAPES.get(name) != shape]
    fields: dict[str, Any] = {"name": workload.name}
    if shapes:
        fields["shapes"] = [_shape_fields(shape) for shape in shapes]
    fields["layers"] = [
        _layer_fields(layer, count)
        for layer, count in zip(workload.layers, workload.counts, strict=True)
    ]
    return fields


def _layer_fields(layer: Layer, count: int) -> dict[str, Any]:
    fields: dict[str, Any] = {"name": layer.name}
    if layer.shape.name != CONV.name:
        fields["type"] = layer.shape.name
    fields |= zip(layer.shape.dimensions, layer.sizes, strict=True)
    strides = zip(layer.shape.coefficients, layer.coefficients, strict=True)
    fields |= {name: value for name, value in strides if value != 1}
    if layer.bits:
        fields["bits"] = layer.bits_by_name
    if count != 1:
        fields["count"] = count
    return fields


def _shape_fields(shape: ProblemShape) -> dict[str, Any]:
    return {
        "name": shape.name,
        "dimensions": list(shape.dimensions),
        "coefficients": list(shape.coefficients),
        "dataspaces": [
            {
                "name": space.name,
                "projection": [_axis_text(axis) for axis in space.axes],
                "read_write": space.read_write,
            }
            for space in shape.dataspaces
        ],
    }


def _axis_text(axis: Axis) -> str:
    return " + ".join(f"{d}*{c}" if c else d for d, c in axis.terms)
