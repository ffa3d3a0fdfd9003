"""A design: an accelerator, the mappings of networks on it, and their claimed costs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from codesign.display import Displayed, plural
from codesign.errors import InputError
from codesign.factors import DIVISORS
from codesign.hardware.architecture import Hardware
from codesign.hardware.point import PLAIN, Budget, Point
from codesign.hardware.technology import PAT, Technology
from codesign.hardware.template_file import template_of
from codesign.hardware.templates import families
from codesign.mapping.mapping import Mapping
from codesign.workload.layer import Layer

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class LayerDesign:
    """The mapping of one layer of a network, and its claimed cost (of a single execution).

    Args:
        layer, count: the layer, and how often it occurs in the network.
        mapping: its mapping.
        energy_pj, cycles: the claimed energy in pJ and delay in cycles.
    """

    layer: Layer
    count: int
    mapping: Mapping
    energy_pj: float
    cycles: int

    @property
    def edp(self) -> float:
        """Claimed energy-delay product of one execution, in pJ·cycles."""
        return self.energy_pj * self.cycles


@dataclass(frozen=True)
class NetworkDesign:
    """A network with the mapping of every layer."""

    name: str
    layers: tuple[LayerDesign, ...]

    @property
    def energy_pj(self) -> float:
        """Claimed energy of the whole network, including counts, in pJ."""
        return total([layer.count * layer.energy_pj for layer in self.layers])

    @property
    def cycles(self) -> float:
        """Claimed delay of the whole network, including counts, in cycles."""
        return total([layer.count * layer.cycles for layer in self.layers])

    @property
    def edp(self) -> float:
        """Claimed energy-delay product, (Σ energy) · (Σ delay), in pJ·cycles."""
        return self.energy_pj * self.cycles


@dataclass(frozen=True, repr=False)
class Design(Displayed):
    """An accelerator with networks mapped on it.

    Args:
        name: the name of the design.
        hardware: the accelerator.
        networks: the networks that run on it, with their mappings.
        technology: the energy table of the claimed costs.
        accounting: the accounting of the claimed costs, by name.
        point: the template of the hardware and its parameters; none where it has no parameters.
        budget: the budget of the template, and lists of several numbers, by name.
        origin: how the design was found (method, seed, …); only for readers.
        factors: how the factors of mappings cover the layers' sizes, as in `Mapping.check`.

    Raises:
        InputError: the parameters of a shipped template describe other hardware, or a mapping is
            not one of its layer on the hardware.
    """

    name: str
    hardware: Hardware
    networks: tuple[NetworkDesign, ...]
    technology: Technology = PAT
    accounting: str = "timeloop"
    point: Point = PLAIN
    budget: Budget = field(default_factory=dict)
    origin: dict[str, str | int | float] = field(default_factory=dict)
    factors: str = DIVISORS

    @property
    def energy_pj(self) -> float:
        """Claimed energy of all networks, pJ."""
        return total([network.energy_pj for network in self.networks])

    @property
    def cycles(self) -> float:
        """Claimed delay of all networks, one after the other, cycles."""
        return total([network.cycles for network in self.networks])

    @property
    def edp(self) -> float:
        """The geometric mean of the networks' claimed EDPs, which a search minimises, pJ·cycles."""
        return geometric_mean([network.edp for network in self.networks])

    @property
    def area_mm2(self) -> float:
        """The area of the accelerator by the energy table's model, mm²."""
        return self.technology.area.mm2(self.hardware)

    def summary(self) -> str:
        """Name, EDP and accelerator."""
        layers = sum(len(network.layers) for network in self.networks)
        return (
            f"{self.name}: EDP {self.edp:.4g} pJ·cycles, {plural(self.hardware.pes, 'MAC')}, "
            f"{plural(layers, 'layer')}"
        )

    def to_frame(self) -> pd.DataFrame:
        """One row per layer: `network, layer, count, energy_pj, cycles, edp`, of one execution."""
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "network": network.name,
                    "layer": entry.layer.name,
                    "count": entry.count,
                    "energy_pj": entry.energy_pj,
                    "cycles": entry.cycles,
                    "edp": entry.edp,
                }
                for network in self.networks
                for entry in network.layers
            ]
        )

    def __post_init__(self) -> None:
        family, name = self.point.template, self.hardware.name
        if family in families() and self.point.values:
            where = f"design {self.name}: template {family}"
            template = template_of(family, name, self.budget, self.point.named, where)
            if template.hardware(template.point, name) != self.hardware:
                raise InputError(
                    f"design {self.name}: its parameters of template {family} and its storage "
                    "levels describe different hardware"
                )
        for network in self.networks:
            for entry in network.layers:
                try:
                    entry.mapping.check(entry.layer, self.hardware, self.factors)
                except InputError as error:
                    where = f"design {self.name}, {network.name}, layer {entry.layer.name}"
                    raise InputError(f"{where}: {error}") from None


def total(values: list[float]) -> float:
    """The sum, rounded once: it has the same bits in any order and with any Python."""
    return math.fsum(values)


def geometric_mean(values: Sequence[float]) -> float:
    """The geometric mean; of one value, that value to the bit."""
    if len(values) == 1:
        return values[0]
    return math.exp(total([math.log(value) for value in values]) / len(values))
