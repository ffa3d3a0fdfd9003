"""The hardware space of a chip, whatever its template."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from codesign.hardware.architecture import Hardware
from codesign.hardware.dataflow import Dataflow
from codesign.hardware.files import Chip
from codesign.space.base import DecodableSpace
from codesign.space.hardware_space import HardwareSpace
from codesign.space.limits import Limits
from codesign.space.template_space import MOST_LISTED, TemplateSpace
from codesign.workload.network import Workload


class ChipSpace(DecodableSpace[Any], Protocol):
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


def own_point(space: ChipSpace, chip: Chip) -> Any | None:
    """A chip as its file has it, a batch of one; None where the space does not hold it."""
    batch = space.batch([chip.point])
    indices = space.locate(batch)
    sizes = [len(coordinate.values) for coordinate in space.coordinates]
    if (indices >= sizes).any():
        return None
    again, is_feasible = space.decode(indices)
    return batch if is_feasible[0] and again.point(0) == chip.point else None


def count_points(space: ChipSpace) -> int | None:
    """How many feasible points a space has; None where there are too many to look at all."""
    sizes = [len(coordinate.values) for coordinate in space.coordinates]
    if math.prod(sizes) > MOST_LISTED:
        return None
    every = np.indices(sizes).reshape(len(sizes), -1).T
    return int(space.decode(every)[1].sum())
