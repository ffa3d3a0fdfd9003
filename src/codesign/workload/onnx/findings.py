"""What a walk through a graph knows where it is, and what it finds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import onnx

from codesign.errors import InputError
from codesign.reading import shown
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
        values: by name, of this graph; None for what a function's caller leaves out.
        outer: the frame whose values it sees as well, if it is a body.
        opsets: the version of each domain.
        attributes: of the function's caller, where it is the body of one.
        path: the names of the functions and bodies that it is in.
        claims: shapes that the model declares of its main graph.
    """

    opsets: Mapping[str, int]
    values: dict[str, Value | None] = field(default_factory=dict)
    outer: Frame | None = None
    attributes: Mapping[str, onnx.AttributeProto] = field(default_factory=dict)
    path: str = ""
    claims: Claims | None = None
    found: Findings = field(default_factory=list)

    def find(self, name: str) -> Value | None:
        """What is known of a name here, if anything has written it yet."""
        home = self._home(name)
        return None if home is None else home.values[name]

    def value(self, name: str) -> Value | None:
        """As `find`; `InputError` where nothing has written the name yet."""
        home = self._home(name)
        if home is None:
            raise InputError(f"the tensor {shown(name)} is read before anything writes it")
        return home.values[name]

    def _home(self, name: str) -> Frame | None:
        """The innermost frame that has a name."""
        frame: Frame | None = self
        while frame is not None and name not in frame.values:
            frame = frame.outer
        return frame
