"""A lower bound for all accelerators of a budget and all their mappings: the headroom of R1.

In the Eyeriss template, every PE has its own register files. So for every point and every mapping
(`docs/cost-model.md`, sections 7, 8 and 10):

    energy ≥ MACs · e_mac                                  each operation once
           + MACs · e_rf · (1 weight read + 1 input read)  no sharing below a register file
           + output accesses · e_rf                        see below
           + (W + I + O words) · e_DRAM                    every word crosses the chip's border
    cycles ≥ MACs / PEs                                    one operation per PE and cycle

`e_rf` is the energy of the register file of least energy that the budget allows. Each operation
updates the register file of its output and reads the sum so far. The first update of a word in a PE
does not need a read. Where first fills are charged (`accounting.Rules`), the fill of that word
takes its place, so there are two accesses per operation. Elsewhere, a word that is summed up in n
PEs saves n reads, where n is at most the number of PEs and the number of operations for the word.
An input word counts once if any operation uses it. The energy of the global buffer is left out, so
its organisation and the accountings' rules for clusters do not matter.

Energy and cycles have separate bounds. So the product of their sums over layers is a bound on the
EDP of a model (and the sum over layers of their products is one on the sum of EDPs).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from codesign.accounting import rules_of
from codesign.hardware import PAT, StorageLevel, Technology
from codesign.workload import Dataspace, Layer, Workload


@dataclass(frozen=True)
class Floor:
    """A lower bound: energy in pJ, delay in cycles."""

    energy_pj: float
    cycles: float

    @property
    def edp(self) -> float:
        """The product of both bounds in pJ·cycles."""
        return self.energy_pj * self.cycles


def touched_words(layer: Layer, space: Dataspace) -> int:
    """The number of words of a dataspace that at least one operation uses.

    With a stride larger than the filter, it is less than the words of the bounding box.
    """
    return math.prod(_touched_positions(layer, axis.terms) for axis in space.axes)


def _touched_positions(layer: Layer, terms: tuple[tuple[str, str | None], ...]) -> int:
    positions = np.zeros(1, np.int64)
    for dimension, coefficient in terms:
        steps = np.arange(layer.size(dimension)) * layer.coefficient(coefficient)
        positions = np.unique(np.add.outer(positions, steps))
    return len(positions)


def cheapest_register_pj(budget: Mapping[str, float], technology: Technology) -> float:
    """The least energy per word of all register files within the budget, in pJ."""
    bits = int(budget["word_bits"])
    files = (
        StorageLevel("RegFile", words, word_bits=bits, technology="RegFile")
        for words in range(1, int(budget["local_words"]) + 1)
    )
    return min(_least_pj(technology, file) for file in files)


def _least_pj(technology: Technology, level: StorageLevel) -> float:
    """The energy of reading or of writing a block, whichever is less, in pJ."""
    reading, writing = technology.vector_energy_pj(level), technology.write_energy_pj(level)
    return reading if writing is None else min(reading, writing)


def layer_floor(
    layer: Layer,
    budget: Mapping[str, float],
    technology: Technology = PAT,
    accounting: str = "timeloop",
) -> Floor:
    """The bound for one layer, within a `budget` of the Eyeriss template."""
    spaces = layer.shape.dataspaces
    words = {space.name: touched_words(layer, space) for space in spaces}
    output = next(space.name for space in spaces if space.read_write)
    accesses = layer.macs * (len(spaces) - 1 + 2)
    if not rules_of(accounting).first_fills:
        accesses -= words[output] * min(int(budget["pes"]), layer.macs // words[output])
    bits = int(budget["word_bits"])
    dram = StorageLevel("DRAM", None, word_bits=bits, technology="DRAM")
    energy = (
        layer.macs * technology.mac_energy_pj(bits, layer.operand_bits(bits))
        + accesses * cheapest_register_pj(budget, technology)
        + sum(words.values()) * _least_pj(technology, dram)
    )
    return Floor(energy, layer.macs / budget["pes"])


def network_floor(
    workload: Workload,
    budget: Mapping[str, float],
    technology: Technology = PAT,
    accounting: str = "timeloop",
) -> tuple[Floor, float]:
    """The bound for a network, and the bound on the sum of its layers' EDPs in pJ·cycles."""
    floors = [layer_floor(layer, budget, technology, accounting) for layer in workload.layers]
    counted = list(zip(workload.counts, floors, strict=True))
    total = Floor(
        sum(count * floor.energy_pj for count, floor in counted),
        sum(count * floor.cycles for count, floor in counted),
    )
    return total, sum(count * floor.edp for count, floor in counted)
