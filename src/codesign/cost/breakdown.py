"""The parts of a mapping's cost: energy by level and dataspace, static energy, cycles by level."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from codesign.cost.evaluate import Evaluator
from codesign.errors import InputError
from codesign.factors import ANY, DIVISORS
from codesign.hardware.architecture import Hardware
from codesign.hardware.technology import PAT, Technology
from codesign.mapping.batch import MappingBatch
from codesign.mapping.mapping import Mapping
from codesign.workload.layer import Layer


class Breakdown(NamedTuple):
    """The cost of one mapping in parts.

    Args:
        energy_pj: levels (outermost first, multipliers last) × dataspaces: pJ of accesses,
            addresses, and the network below the level, for all instances. Multiplications are in a
            separate column.
        static_pj: by level, pJ that all its instances cost in the whole run, used or not.
        chip_static_pj: the same for what is neither a level nor a multiplier.
        cycles: by level, the cycles that its traffic needs at its bandwidth; for the multipliers,
            the cycles in which they compute.
        late_cycles: the cycles in which the pipeline fills and drains; those of the mapping are
            the most of `cycles` and these.
        tile_words: words of the tile by (level index, dataspace), if the level keeps it.
        utilization: the share of multipliers that are busy, over all cycles.
    """

    energy_pj: pd.DataFrame
    static_pj: pd.Series[float]
    chip_static_pj: float
    cycles: pd.Series[int]
    late_cycles: int
    tile_words: dict[tuple[int, str], int]
    utilization: float


def break_down(
    layer: Layer,
    hardware: Hardware,
    mapping: Mapping,
    technology: Technology = PAT,
    accounting: str = "timeloop",
    factors: str = DIVISORS,
) -> Breakdown:
    """The parts of a mapping's cost.

    Args:
        factors: how factors cover the layer's sizes, as in `Mapping.check`.

    Raises:
        InputError: the mapping is not one of this layer on this hardware, or does not fit it.
    """
    mapping.check(layer, hardware, factors)
    batch = MappingBatch.of(layer.shape, [mapping])
    evaluator = Evaluator(layer, hardware, technology, accounting, factors=factors)
    costs, detail = evaluator.detail(batch)
    if not costs.valid[0]:
        level = hardware.levels[int(costs.level[0])].name
        raise InputError(f"mapping of {layer.name}: it does not fit, see level {level}")
    names = [level.name for level in hardware.levels]
    spaces = layer.shape.dataspace_names
    word_bits = hardware.arithmetic.word_bits
    mac_pj = technology.mac_energy_pj(word_bits, layer.operand_bits(word_bits))
    macs_pj = (layer if factors == ANY else mapping.padded(layer)).macs * mac_pj
    energy = pd.DataFrame(
        (detail.energy_pj + detail.address_pj + detail.network_pj)[0], names, list(spaces)
    )[::-1]
    energy["multiply"] = 0.0
    energy.loc[hardware.arithmetic.name] = [0.0] * len(spaces) + [macs_pj]
    cycles = pd.Series(detail.level_cycles[0], names, name="cycles")[::-1]
    cycles[hardware.arithmetic.name] = int(detail.steps[0])
    tiles = {
        (level, name): int(detail.tile_words[0, level, w])
        for level in range(len(names))
        for w, name in enumerate(spaces)
        if batch.keep[0, level] >> w & 1
    }
    delay = int(costs.cycles[0])
    leaks = technology.leak.parts_pj_per_cycle(hardware)
    static = pd.Series({name: leaks[name] * delay for name in energy.index}, name="static")
    rest = technology.leak.chip(hardware) * delay
    late, utilization = hardware.late_cycles, float(costs.utilization[0])
    return Breakdown(energy, static, rest, cycles, late, tiles, utilization)
