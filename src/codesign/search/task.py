"""The task of a mapping search, and a digest that is equal for equal tasks."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from codesign.display import Displayed
from codesign.factors import DIVISORS
from codesign.hardware.architecture import Hardware
from codesign.hardware.dataflow import FREE, Dataflow
from codesign.hardware.technology import PAT, Technology
from codesign.space.slots import build_slots, keeping
from codesign.workload.layer import Layer

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, repr=False)
class MappingTask(Displayed):
    """The task of a mapping search: a layer, an accelerator, and what else its result depends on.

    Args:
        layer, hardware: the layer, and the accelerator to map it on.
        technology: the energy table.
        dataflow: the rules that mappings must follow.
        accounting: the accounting of the cost model, `timeloop` or `exact`.
        hints: dataflows that a share of the draws follows (`MapSpace`).
    """

    layer: Layer
    hardware: Hardware
    technology: Technology = PAT
    dataflow: Dataflow = FREE
    accounting: str = "timeloop"
    hints: tuple[Dataflow, ...] = ()

    def summary(self) -> str:
        """Layer, accelerator, dataflow, energy table and accounting."""
        return (
            f"{self.layer.name} on {self.hardware.name}, dataflow {self.dataflow.name}, "
            f"energy table {self.technology.name}, accounting {self.accounting}"
        )

    def to_frame(self) -> pd.DataFrame:
        """The dataspaces of the layer, from `Layer.to_frame`."""
        return self.layer.to_frame()

    def padded(self, sizes: tuple[int, ...]) -> MappingTask:
        """The task of the layer with other sizes, with factors that are divisors of them."""
        return replace(
            self,
            layer=replace(self.layer, sizes=sizes),
            dataflow=replace(self.dataflow, factors=DIVISORS),
        )

    def keeping(self, keep: tuple[int, ...]) -> MappingTask:
        """The task on the accelerator whose levels keep dataspaces `keep` (`slots.keeping`)."""
        return replace(self, hardware=keeping(self.hardware, self.layer, keep))

    @cached_property
    def problem(self) -> str | None:
        """Why the task has no feasible mapping; None if it has one."""
        return build_slots(self.layer, self.hardware, self.dataflow).problem

    @cached_property
    def digest(self) -> str:
        """A hash of everything that the result depends on; names are not part of it."""
        content: tuple[object, ...] = (
            self.layer.content,
            self.hardware.arithmetic,
            self.hardware.levels,
            self.technology.digest,
            self.dataflow.rules,
            self.accounting,
            tuple(hint.rules for hint in self.hints),
        )
        if self.dataflow.factors != DIVISORS:
            content = (*content, self.dataflow.factors)
        return hashlib.sha256(_stable(content).encode()).hexdigest()


_RARE = {
    "shared_bandwidth": None,
    "may_bypass": frozenset[str](),
    "leak_pj_per_cycle": None,
    "latency": 1,
    "network_fill_latency": 0,
    "network_drain_latency": 0,
    "transfer_bits": None,
}
"""Attributes of levels and multipliers that most of them lack, with the value that says so."""


def _stable(value: object) -> str:
    """A text for nested tuples and dataclasses. Sets are sorted, as their order varies by run."""
    if isinstance(value, frozenset):
        return "{" + ",".join(sorted(map(_stable, value))) + "}"
    if isinstance(value, tuple):
        return "(" + ",".join(map(_stable, value)) + ")"
    if hasattr(value, "__dataclass_fields__"):
        # They do not enter where they are missing: such searches draw what they always drew.
        names = [
            name
            for name in value.__dataclass_fields__
            if name not in _RARE or getattr(value, name) != _RARE[name]
        ]
        return type(value).__name__ + _stable(tuple(getattr(value, name) for name in names))
    return repr(value)
