"""The hardware space of a chip, whatever its template."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from codesign.hardware.architecture import Hardware
from codesign.hardware.dataflow import Dataflow
from codesign.hardware.files import Chip
from codesign.space.base import Space
from codesign.space.hardware_space import HardwareSpace
from codesign.space.limits import Limits
from codesign.space.template_space import TemplateSpace
from codesign.workload.network import Workload


class ChipSpace(Space[Any], Protocol):
    """A space whose points are accelerators; batches have `point(row)`."""

    def hardware(self, point: Any, name: str = "found") -> Hardware:
        """The accelerator of a point."""

    def batch(self, points: Sequence[Any]) -> Any:
        """Points as a batch."""

    def broken(self, batch: Any) -> list[str | None]:
        """[B], the first known constraint that each point breaks, or None."""

    def near(self, point: Any) -> Any:
        """All feasible points that differ in one parameter, if not more."""

    def dataflow(self, point: Any) -> Dataflow:
        """The map-space that a point leaves its mappings."""


def make_hardware_space(
    chip: Chip, workloads: Sequence[Workload] = (), limits: Limits | None = None
) -> ChipSpace:
    """The space of all accelerators within a chip's budget.

    Args:
        chip: a hardware file of the Eyeriss template, or with a template of its own.
        workloads: what will run on it; features of a point then say how well it could.
        limits: what accelerators may have at most, besides the budget.

    Raises:
        InputError: the chip has nothing to search.
    """
    if chip.budget is not None:
        return HardwareSpace(chip, workloads, limits)
    return TemplateSpace(chip, workloads, limits)
