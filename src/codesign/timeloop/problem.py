"""Layers as Timeloop's `problem`: a shape and its sizes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from codesign.errors import InputError
from codesign.reading import Fields, shown
from codesign.store.yaml_text import Line, LineFields
from codesign.timeloop.attributes import underscored, worked_out
from codesign.timeloop.versions import VERSIONS
from codesign.workload.layer import Layer
from codesign.workload.shape import CONV, SHAPES, Axis, Dataspace, ProblemShape

_GEMM = ProblemShape(
    "gemm-ABZ",
    ("M", "N", "K"),
    (),
    tuple(
        Dataspace(name, tuple(Axis(((d, None),)) for d in dimensions), name == "Z")
        for name, dimensions in (("A", "MK"), ("B", "NK"), ("Z", "MN"))
    ),
)
_BY_NAME = {"cnn-layer": CONV, "cnn_layer": CONV, "gemm-ABZ": _GEMM, "gemm_ABZ": _GEMM}
"""Shapes that Timeloop ships, and that problems may refer to by name."""

_NOT_IN_THE_NEST = ("H", "W", "Hpad", "Wpad")
"""Sizes in the layer files of Timeloop's exercises for which there are no loops."""

_OUR_KINDS = ("conv", "grouped-conv", "depthwise-conv", "gemm", "batched-matmul")


def problem_fields(layer: Layer, version: str | None = None) -> dict[str, Any]:
    """The file's content: `problem`, with its shape written out.

    Args:
        layer: the layer.
        version: V4 for the newer form, None for that of 2020.

    Raises:
        InputError: a dimension's name is not a single letter, as Timeloop needs it, or the layer
            gives the bits of its dataspaces.
    """
    shape = layer.shape
    if layer.bits:
        raise InputError(
            f"layer {layer.name}: it gives the bits of its dataspaces, which Timeloop has per level"
        )
    for name in shape.dimensions:
        if len(name) != 1 or not (name.isascii() and name.isalpha()):
            raise InputError(
                f"layer {layer.name}: dimension {name!r}, expected a single letter for Timeloop"
            )
    dash = "-" if version is None else "_"
    described: dict[str, Any] = {"name": shape.name, "dimensions": Line(shape.dimensions)}
    if shape.coefficients:
        described["coefficients"] = [
            LineFields(name=name, default=1) for name in shape.coefficients
        ]
    described[f"data{dash}spaces"] = [_space_fields(space, dash) for space in shape.dataspaces]
    sizes = dict(zip(shape.dimensions, layer.sizes, strict=True))
    sizes |= dict(zip(shape.coefficients, layer.coefficients, strict=True))
    problem: dict[str, Any] = {} if version is None else {"version": float(version)}
    return {"problem": problem | {"shape": described, "instance": LineFields(sizes)}}


def _space_fields(space: Dataspace, dash: str) -> dict[str, Any]:
    axes = [[[d, c] if c else [d] for d, c in axis.terms] for axis in space.axes]
    fields: dict[str, Any] = {"name": space.name, "projection": Line(axes)}
    if space.read_write:
        fields[f"read{dash}write"] = True
    return fields


def read_problem(
    fields: Fields,
    name: str,
    shapes: Mapping[str, Fields] | None = None,
    names: Mapping[str, Any] | None = None,
) -> Layer:
    """The layer that `problem` describes, in any of its forms.

    A shape with the meaning of our `conv` or `grouped-conv` becomes that shape.

    Args:
        fields: the value of `problem`.
        name: the name of the layer, which Timeloop's files do not have.
        shapes: shapes in files of their own, which problems may refer to by name.
        names: variables of formulas.

    Raises:
        InputError: a key is unknown or has a wrong value.
    """
    version = fields.raw("version", None)
    if version is not None and str(version) not in VERSIONS:
        raise fields.refuse("version", f"no version (2020), or one of {', '.join(VERSIONS)}")
    shape, defaults = _read_shape(fields, shapes or {})
    instance = fields.fields("instance") if "instance" in fields else fields
    for key, value in instance.data.items():
        if isinstance(value, str) and key in (*shape.dimensions, *shape.coefficients):
            instance.data[key] = worked_out(value, names or {}, instance, key)
    sizes = {dimension: instance.integer(dimension) for dimension in shape.dimensions}
    for coefficient in shape.coefficients:
        least = 0 if _has_no_effect(coefficient, shape, sizes) else 1
        default = defaults.get(coefficient, 1)
        sizes[coefficient] = instance.integer(coefficient, default, minimum=least) or 1
    for key in _NOT_IN_THE_NEST:
        instance.raw(key, None)
    _require_dense(instance)
    instance.done()
    fields.done()
    try:
        return Layer.of(shape, name, **sizes)
    except InputError as error:
        raise InputError(f"{fields.where}: {error}") from None


def _has_no_effect(coefficient: str, shape: ProblemShape, sizes: Mapping[str, int]) -> bool:
    """Whether a coefficient multiplies only positions of dimensions of size 1."""
    return all(
        sizes[dimension] == 1
        for space in shape.dataspaces
        for axis in space.axes
        for dimension, factor in axis.terms
        if factor == coefficient
    )


def _require_dense(fields: Fields) -> None:
    density = fields.raw("commonDensity", 1)
    each = fields.fields("densities").data.values() if "densities" in fields else ()
    for value in (density, *each):
        if value != 1 and not (isinstance(value, dict) and value.get("density") == 1):
            raise InputError(
                f"{fields.where}: a density is {shown(value)}, expected 1: "
                "sparse data is not modelled"
            )


def _read_shape(
    fields: Fields, shapes: Mapping[str, Fields]
) -> tuple[ProblemShape, dict[str, int]]:
    """The shape, and the defaults of its coefficients."""
    given = fields.raw("shape", "cnn-layer")
    if not isinstance(given, str):
        return read_shape(fields.fields("shape"))
    if given in shapes:
        return read_shape(shapes[given])
    if given not in _BY_NAME:
        expected = f"one of {', '.join([*_BY_NAME, *shapes])}, or the file of that shape with it"
        raise fields.refuse("shape", expected)
    return _BY_NAME[given], {}


def read_shape(entry: Fields) -> tuple[ProblemShape, dict[str, int]]:
    """A shape, and the defaults of its coefficients.

    Raises:
        InputError: a key is unknown or has a wrong value.
    """
    entry = Fields({underscored(key): value for key, value in entry.data.items()}, entry.where)
    coefficients = {
        item.text("name"): item.integer("default", 1)
        for item in (entry.each("coefficients") if "coefficients" in entry else ())
    }
    key = "dataspaces" if "dataspaces" in entry else "data_spaces"
    spaces = tuple(_read_space(item) for item in entry.each(key))
    dimensions = tuple(str(name) for name in entry.sequence("dimensions"))
    name = entry.text("name", "problem") if entry.raw("name", None) else "problem"
    entry.raw("version", None)
    entry.done()
    name = f"{name} of Timeloop" if name in _OUR_KINDS else name
    try:
        shape = ProblemShape(name, dimensions, tuple(coefficients), spaces)
    except InputError as error:
        raise InputError(f"{entry.where}: {error}") from None
    known = (ours for ours in SHAPES.values() if _meaning(ours) == _meaning(shape))
    return next(known, shape), coefficients


def _read_space(item: Fields) -> Dataspace:
    axes = tuple(_read_axis(item, axis) for axis in item.sequence("projection") if axis != [])
    item = Fields({underscored(key): value for key, value in item.data.items()}, item.where)
    space = Dataspace(item.text("name"), axes, item.flag("read_write", False))
    item.raw("projection")
    item.done()
    return space


def _read_axis(item: Fields, axis: object) -> Axis:
    terms = [[axis]] if isinstance(axis, str) else axis
    if not isinstance(terms, list) or not terms:
        raise item.refuse("projection", "a list of sums such as [[R, Wdilation], [P, Wstride]]")
    for term in terms:
        is_term = isinstance(term, list) and len(term) in (1, 2)
        if not is_term or not all(isinstance(name, str) for name in term):
            raise item.refuse("projection", "terms of a dimension, or of it and a coefficient")
    return Axis(tuple((term[0], term[1] if len(term) == 2 else None) for term in terms))


def _meaning(shape: ProblemShape) -> object:
    """A value that is equal for shapes that differ only in the order of axes or of their terms."""
    return (
        shape.dimensions,
        shape.coefficients,
        tuple(
            (space.name, space.read_write, frozenset(frozenset(a.terms) for a in space.axes))
            for space in shape.dataspaces
        ),
    )
