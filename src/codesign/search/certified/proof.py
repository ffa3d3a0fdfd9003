"""The result of a proof of the best accelerator."""

from __future__ import annotations

from dataclasses import dataclass, field

from codesign.hardware.point import Point
from codesign.mapping import Mapping
from codesign.search.certified.classes import HardwareClass
from codesign.search.exact.incumbent import TIE


@dataclass(frozen=True)
class CertifiedDesign:
    """An accelerator for a network with the mapping of every distinct layer.

    Args:
        point: the accelerator.
        mappings: the mappings of the distinct layers.
        layers: energy in pJ and cycles of one execution of every distinct layer.
        energy_pj, cycles: energy and cycles of the whole network.
    """

    point: Point
    mappings: tuple[Mapping, ...]
    layers: tuple[tuple[float, float], ...]
    energy_pj: float
    cycles: float

    @property
    def edp(self) -> float:
        """(Σ energy) · (Σ cycles) in pJ·cycles."""
        return self.energy_pj * self.cycles


@dataclass(frozen=True)
class ClassRecord:
    """The record of a settled class: the step that settled it, and a lower bound on its EDP."""

    hardware_class: HardwareClass
    verdict: str
    lower_bound_edp: float
    work: int


@dataclass
class Proof:
    """The result of a proof.

    Args:
        best: the best known design.
        lower_bound_edp: a lower bound on the EDP of all accelerators of the space.
        points: the number of points in the space.
        classes: the number of classes that the proof had to look at.
        records: the settled classes, in order.
        solves: the number of runs of the exact mapper.
        work: the pairs and nodes of these runs.
    """

    best: CertifiedDesign
    lower_bound_edp: float
    points: int
    classes: int
    records: list[ClassRecord] = field(default_factory=list)
    solves: int = 0
    work: int = 0

    @property
    def verdict(self) -> str:
        """`optimal`, or `bound` if the proof is not complete."""
        return "optimal" if self.lower_bound_edp >= self.best.edp * (1 - TIE) else "bound"

    @property
    def gap(self) -> float:
        """The most that the best design can be above the optimum, as a share of the bound."""
        return self.best.edp / self.lower_bound_edp - 1
