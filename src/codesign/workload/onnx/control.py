"""Branches and loops, where the graph itself says which and how often.

A branch whose condition follows from constants and shapes is taken. A body that runs a known number
of times, on tensors that keep their shapes, is walked once and counted so often; one whose tensors
change is walked each time, within the walk's bound. What depends on data is `Undecided`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import onnx
from onnx import TensorProto

from codesign.errors import InputError
from codesign.workload.onnx.attributes import plain
from codesign.workload.onnx.findings import Findings, Frame, Undecided
from codesign.workload.onnx.values import Dims, Operator, Value

if TYPE_CHECKING:
    from codesign.workload.onnx.walk import Walk


def outputs(
    walk: Walk, node: onnx.NodeProto, inputs: list[Value | None], frame: Frame, where: str
) -> list[Value]:
    """What a node with bodies writes; what they do is added to the frame's findings."""
    site = _Site(walk, node, frame, where)
    domain = node.domain in ("", "ai.onnx")
    rules: dict[str, Callable[[_Site, list[Value | None]], list[Value]]]
    rules = {"If": _branch, "Loop": _loop, "Scan": _scan}
    if domain and node.op_type in rules:
        return rules[node.op_type](site, inputs)
    site.leave_out("what its body does is not read", [])
    return site.unknowns()


@dataclass(frozen=True, eq=False)
class _Site:
    """A node with bodies, where it stands."""

    walk: Walk
    node: onnx.NodeProto
    frame: Frame
    where: str

    def body(self, name: str) -> onnx.GraphProto:
        for attribute in self.node.attribute:
            if attribute.name == name and attribute.type == onnx.AttributeProto.GRAPH:
                return attribute.g
        raise InputError(f"node {self.where} ({self.node.op_type}): it has no {name}")

    def run(self, body: onnx.GraphProto, given: Sequence[Value]) -> tuple[list[Value], Findings]:
        """A body walked once, with its outputs and what it does."""
        inner = Frame(self.frame.opsets, outer=self.frame, path=self.where)
        inner.attributes = self.frame.attributes
        # A body may be empty, and run without end.
        self.walk.count()
        for entry, value in zip(body.input, given, strict=False):
            inner.values[entry.name] = value
        self.walk.graph(body, inner)
        return [inner.value(entry.name) or Value() for entry in body.output], inner.found

    def leave_out(self, reason: str, found: Sequence[Findings]) -> None:
        self.frame.found.append(Undecided(self.where, self.node.op_type, reason, tuple(found)))

    @property
    def unknown(self) -> Value:
        """An output of which nothing is known."""
        return Value(
            cause=f"what node {self.where} ({self.node.op_type}) writes depends on the data"
        )

    def unknowns(self) -> list[Value]:
        """All outputs, if nothing is known of any."""
        return [self.unknown] * len(self.node.output)


def _truth(value: Value | None) -> bool | None:
    """A condition, where it is known."""
    if value is None or value.data is None or value.data.size != 1:
        return None
    return bool(value.data.reshape(()))


def _branch(site: _Site, inputs: list[Value | None]) -> list[Value]:
    condition = _truth(inputs[0] if inputs else None)
    if condition is not None:
        results, found = site.run(site.body("then_branch" if condition else "else_branch"), [])
        site.frame.found.extend(found)
        return results
    first, done = site.run(site.body("then_branch"), [])
    second, done_else = site.run(site.body("else_branch"), [])
    site.leave_out("which of its branches runs depends on the data", [done, done_else])
    return [_either(one, other, site.unknown) for one, other in zip(first, second, strict=False)]


def _either(one: Value, other: Value, unknown: Value) -> Value:
    """What is known of a value that is one of two."""
    if one.dims is None or other.dims is None or len(one.dims) != len(other.dims):
        return replace(unknown, element=one.element)
    dims: Dims = tuple(a if a == b else None for a, b in zip(one.dims, other.dims, strict=True))
    return Value(dims, one.element, cause=unknown.cause if None in dims else "")


def _shapes(values: Sequence[Value]) -> list[tuple[Dims | None, int]]:
    return [(value.dims, value.element) for value in values]


def _blank(value: Value) -> Value:
    """A value of the same shape with unknown content."""
    return replace(value, data=None)


@dataclass(frozen=True, eq=False)
class _Repeated:
    """A body that runs several times.

    Args:
        carried: the carried values before the first run; each run passes on as many.
        given: the function from the number of a run (None: of any), its condition and its carried
            values to all its inputs.
        times: the number of runs; None if only its own condition ends it.
        has_condition: whether its first output says if there is another run.
    """

    body: onnx.GraphProto
    carried: list[Value]
    given: Callable[[int | None, Value, list[Value]], list[Value]]
    times: int | None
    has_condition: bool

    def parts(self, results: list[Value]) -> tuple[Value, list[Value], list[Value]]:
        """The outputs of a run: its condition, the carried values, and the collected ones."""
        skip = 1 if self.has_condition else 0
        end = skip + len(self.carried)
        if len(results) < end:
            raise InputError(f"the body of a loop has {len(results)} outputs, expected {end}")
        return results[0] if skip else _YES, results[skip:end], results[end:]


_YES = Value.of(np.array(True))


def _repeat(site: _Site, loop: _Repeated) -> tuple[list[Value], list[Value], int] | None:
    """The carried values at the end, the others of a run, and the number of runs.

    None where that number depends on the data; the body is then left out.
    """
    blank = [_blank(value) for value in loop.carried]
    results, found = site.run(loop.body, loop.given(None, _YES, blank))
    goes_on, after, rest = loop.parts(results)
    is_steady = _shapes(after) == _shapes(blank) and not _has_gaps(found)
    if loop.times is not None and _truth(goes_on) and is_steady:
        site.frame.found.extend(replace(item, times=item.times * loop.times) for item in found)
        return [_blank(value) for value in after], rest, loop.times
    if _truth(goes_on):
        # Nothing that a run computes can end it.
        site.walk.require(len(loop.body.node), loop.times)
    return _run_through(site, loop)


def _run_through(site: _Site, loop: _Repeated) -> tuple[list[Value], list[Value], int] | None:
    """Runs the body once after the other, with the values that each run passes on."""
    carried, condition = loop.carried, _YES
    rest: list[Value] | None = None
    done: Findings = []
    number = 0
    while loop.times is None or number < loop.times:
        results, found = site.run(loop.body, loop.given(number, condition, carried))
        condition, carried, others = loop.parts(results)
        if _truth(condition) is None:
            site.leave_out(_ENDLESS, [found])
            return None
        done.extend(found)
        number += 1
        rest = (
            others
            if rest is None
            else [
                _either(one, other, site.unknown) for one, other in zip(rest, others, strict=False)
            ]
        )
        if not _truth(condition):
            break
    site.frame.found.extend(done)
    return carried, rest or [], number


_ENDLESS = "how often it runs depends on the data; counted is one run of its body"


def _has_gaps(found: Findings) -> bool:
    """Whether the shape of something is not known, that may be once values are."""
    return any(
        isinstance(item, Undecided)
        or any(
            value is not None and value.shape is None
            for value in (*item.operator.inputs, *item.operator.outputs)
        )
        for item in found
    )


def _stacked(value: Value, number: int, axis: int = 0) -> Value:
    """One slice of each run, side by side."""
    if value.dims is None:
        return Value(None, value.element, cause=value.cause)
    axis = axis + len(value.dims) + 1 if axis < 0 else axis
    dims = (*value.dims[:axis], number, *value.dims[axis:])
    return Value(dims, value.element, cause=value.cause)


def _loop(site: _Site, inputs: list[Value | None]) -> list[Value]:
    given = [*inputs, None, None]
    operator = Operator(site.where, "Loop", {}, inputs)
    most = operator.number(0)
    is_bounded = given[0] is not None
    starts = True if given[1] is None else _truth(given[1])
    body = site.body("body")
    carried = [value or Value() for value in inputs[2:]]
    iteration = Value((), TensorProto.INT64)

    def all_of(number: int | None, condition: Value, state: list[Value]) -> list[Value]:
        place = iteration if number is None else Value.of(np.array(number, np.int64))
        return [place, condition, *state]

    if starts is None or (is_bounded and most is None):
        perhaps = Value((), TensorProto.BOOL)
        _, found = site.run(body, all_of(None, perhaps, [_blank(value) for value in carried]))
        site.leave_out(_ENDLESS, [found])
        return site.unknowns()
    times = 0 if not starts else None if most is None else max(most, 0)
    if times == 0:
        # Nothing runs: what is collected is empty.
        return [*carried, *site.unknowns()[len(carried) :]]
    done = _repeat(site, _Repeated(body, carried, all_of, times, True))
    if done is None:
        return site.unknowns()
    after, rest, number = done
    return [*after, *(_stacked(value, number) for value in rest)]


def _scan(site: _Site, inputs: list[Value | None]) -> list[Value]:
    operator = Operator(site.where, "Scan", plain(site.node), inputs, (), tuple(site.node.input))
    if site.frame.opsets.get("", 9) < 9:
        site.leave_out("a Scan of opset 8, which has a batch of its own", [])
        return site.unknowns()
    scanned = operator.integer("num_scan_inputs")
    states = len(inputs) - scanned
    if not 0 < scanned <= len(inputs):
        raise operator.misfit(f"1 to {len(inputs)} scan inputs, not {scanned}")
    axes = operator.integers("scan_input_axes", [0] * scanned)
    slices, numbers = [], set()
    for place, axis in zip(range(states, len(inputs)), axes, strict=False):
        shape = list(operator.shape(place))
        if not -len(shape) <= axis < len(shape):
            raise operator.misfit(f"an axis of {len(shape)}, not {axis}")
        numbers.add(shape.pop(axis))
        slices.append(Value(tuple(shape), operator.input(place).element))
    if len(numbers) != 1:
        raise operator.misfit(f"scan inputs of one length, not {sorted(numbers)}")
    carried = [value or Value() for value in inputs[:states]]
    body = site.body("body")
    (times,) = numbers
    if times == 0:
        return [*carried, *site.unknowns()[states:]]
    loop = _Repeated(
        body, carried, lambda number, condition, state: [*state, *slices], times, False
    )
    done = _repeat(site, loop)
    if done is None:
        return site.unknowns()
    after, rest, number = done
    out_axes = operator.integers("scan_output_axes", [0] * len(rest))
    stacked = [_stacked(value, number, axis) for value, axis in zip(rest, out_axes, strict=False)]
    return [*after, *stacked]
