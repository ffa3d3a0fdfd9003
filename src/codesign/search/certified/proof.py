"""What a proof of the best accelerator says."""

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
        layers: energy in pJ and cycles of one execution of every distinct layer.
        energy_pj, cycles: of the whole network.
    """

    point: Point
    mappings: tuple[Mapping, ...]
    layers: tuple[tuple[float, float], ...]
    energy_pj: float
    cycles: float

    @property
    def edp(self) -> float:
        """(Σ energy) · (Σ cycles), pJ·cycles."""
        return self.energy_pj * self.cycles


@dataclass(frozen=True)
class ClassRecord:
    """How a class was settled: by which step, and what is proven of its EDP."""

    hardware_class: HardwareClass
    verdict: str
    lower_bound_edp: float
    work: int


@dataclass
class Proof:
    """The outcome of a proof.

    Args:
        best: the best design known.
        lower_bound_edp: no accelerator of the space is below.
        points: accelerators in the space; classes: those left by dominance.
        records: what was settled, in order; solves: runs of the exact mapper.
        work: pairs and nodes of all of them.
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
        """`optimal`, or `bound` where the proof is not complete."""
        return "optimal" if self.lower_bound_edp >= self.best.edp * (1 - TIE) else "bound"

    @property
    def gap(self) -> float:
        """How far at most the best design is above the optimum, as a share of the bound."""
        return self.best.edp / self.lower_bound_edp - 1
