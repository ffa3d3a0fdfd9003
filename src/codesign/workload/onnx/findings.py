"""What a walk through a graph knows where it is, and what it finds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import onnx

from codesign.errors import InputError
from codesign.workload.onnx.claims import Claims
from codesign.workload.onnx.values import Operator, Value


@dataclass(frozen=True)
class Found:
    """An operator of the model, `times` of which run."""

    operator: Operator
    times: int


@dataclass(frozen=True)
class Undecided:
    """Bodies of which only a run could tell how often they run.

    Args:
        name, kind: of the node that has them.
        reason: why nothing is known.
        bodies: the operators of each, as often as one run of it has them.
        times: how often the node itself runs.
    """

    name: str
    kind: str
    reason: str
    bodies: Sequence[Sequence[Found | Undecided]]
    times: int = 1


Findings = list[Found | Undecided]


@dataclass
class Frame:
    """Where a graph is walked: the values its names have, and what it finds.

    Args:
        values: by name, of this graph.
        outer: the frame whose values it sees as well, if it is a body.
        opsets: the version of each domain.
        attributes: of the function's caller, where it is the body of one.
        path: the names of the functions and bodies that it is in.
        claims: shapes that the model declares of its main graph.
    """

    opsets: Mapping[str, int]
    values: dict[str, Value] = field(default_factory=dict)
    outer: Frame | None = None
    attributes: Mapping[str, onnx.AttributeProto] = field(default_factory=dict)
    path: str = ""
    claims: Claims | None = None
    found: Findings = field(default_factory=list)

    def value(self, name: str) -> Value:
        """What is known of a name here."""
        frame: Frame | None = self
        while frame is not None:
            if name in frame.values:
                return frame.values[name]
            frame = frame.outer
        raise InputError(f"the tensor {name!r} is read before anything writes it")
