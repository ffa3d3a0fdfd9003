"""The constants of a layer, an accelerator and an energy table as arrays, for the kernel."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from codesign.errors import InputError
from codesign.hardware.architecture import Hardware, StorageLevel
from codesign.hardware.technology import Technology
from codesign.hardware.widths import units
from codesign.workload.layer import Layer

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

IRRELEVANT, PLAIN = -1, 0
"""Values of `Tables.role`. Values from 1 on are the number of a sliding axis."""

FANOUT_X, FANOUT_Y, CAPACITY_UNITS, INSTANCES, BLOCK_UNITS, CLUSTER_SIZE, IS_DRAM = range(7)
ELEMENTS = 7
"""Columns of `Tables.limits`. A capacity of -1 is unbounded. From `ELEMENTS` on, every dataspace
has the size of an element. Units are bits, or words where no width is given (`hardware.widths`)."""

LEAST_UNITS, READ_RATE, WRITE_RATE, SHARED_RATE, WRITE_PJ = range(5)
VECTOR_PJ, ADDRESS_PJ, HOP_PJ, ROUTER_PJ, SHARES = range(5, 10)
"""Columns of `Tables.rates`: units; words per cycle and instance (three); pJ (five). `WRITE_PJ` is
-1 where writing costs what reading costs. From `SHARES` on, every dataspace has the part of a word
of the bandwidth that an element takes; after these, every one has the part of a word of the level.
"""

MACS, PES, READ_WRITE, HAS_NETWORK, LATE_CYCLES = range(5)
"""Entries of `Tables.totals`. `READ_WRITE` is the index of the dataspace of outputs, `LATE_CYCLES`
what a layer takes in addition (section 18)."""

MAC_PJ, ADDER_PJ, LEAK_PJ = range(3)
"""Entries of `Tables.energies`. `LEAK_PJ` is per cycle, of the whole accelerator (section 17)."""


class Tables(NamedTuple):
    """The constants of a layer on an accelerator: L levels, D dimensions, W dataspaces.

    There are few arrays, with named columns, because passing arrays between functions takes time
    for every mapping.

    Args:
        role: [W, D], how dimension d enters dataspace w: `IRRELEVANT`, `PLAIN`, or the number of
            its sliding axis.
        stride: [W, D], the coefficient of dimension d on its axis.
        axes: [W], the number of sliding axes.
        limits: [L, 7 + W], whole numbers of each level.
        rates: [L, 9 + 2 W], rates and energies of each level.
        totals: [5], whole numbers of the whole.
        energies: [3], energies of the whole in pJ.
    """

    role: Ints
    stride: Ints
    axes: Ints
    limits: Ints
    rates: Floats
    totals: Ints
    energies: Floats


def build_tables(layer: Layer, hardware: Hardware, technology: Technology) -> Tables:
    """The tables of a layer on an accelerator.

    Raises:
        InputError: a level keeps a dataspace that the layer does not have, or a formula of the
            energy table fails.
    """
    _check_keeps(layer, hardware)
    spaces = layer.shape.dataspaces
    levels = hardware.levels
    role, stride = build_projections(layer)
    sizes = [units(level, layer.widths) for level in levels]
    limits = [
        (
            *fanout,
            -1 if level.capacity is None else level.capacity * size.word,
            level.instances,
            level.block_size * size.word,
            level.cluster_size,
            level.technology == "DRAM",
            *size.elements,
        )
        for level, fanout, size in zip(levels, hardware.fanouts, sizes, strict=True)
    ]
    rates = [
        (
            (level.capacity or 0) * size.word * level.min_utilization,
            level.read_bandwidth or math.inf,
            level.write_bandwidth or math.inf,
            level.shared_bandwidth or math.inf,
            -1.0 if (write_pj := technology.write_energy_pj(level)) is None else write_pj,
            technology.vector_energy_pj(level),
            _address_pj(level, technology),
            hop_pj(level, technology, fanout),
            level.router_pj,
            *size.shares(),
            *size.wires(),
        )
        for level, fanout, size in zip(levels, hardware.fanouts, sizes, strict=True)
    ]
    network = technology.adder_pj > 0 or any(row[HOP_PJ] or row[ROUTER_PJ] for row in rates)
    written = [space.read_write for space in spaces].index(True)
    word_bits = hardware.arithmetic.word_bits
    mac_pj = technology.mac_energy_pj(word_bits, layer.operand_bits(word_bits))
    return Tables(
        role=role,
        stride=stride,
        axes=np.array([len(space.sliding_axes) for space in spaces], np.int64),
        limits=np.array(limits, np.int64),
        rates=np.array(rates, np.float64),
        totals=np.array(
            [layer.macs, hardware.pes, written, network, hardware.late_cycles], np.int64
        ),
        energies=np.array(
            [mac_pj, technology.adder_pj, technology.leak.pj_per_cycle(hardware)], np.float64
        ),
    )


def _check_keeps(layer: Layer, hardware: Hardware) -> None:
    known = set(layer.shape.dataspace_names)
    for level in hardware.levels:
        for name in sorted(((level.keeps or frozenset()) | level.may_bypass) - known):
            raise InputError(
                f"hardware {hardware.name}, level {level.name}: it keeps {name!r}, "
                f"expected dataspaces of {layer.name}: {', '.join(sorted(known))}"
            )


def build_projections(layer: Layer) -> tuple[Ints, Ints]:
    """`Tables.role` and `Tables.stride` of a layer."""
    spaces = layer.shape.dataspaces
    role = np.full((len(spaces), len(layer.sizes)), IRRELEVANT, np.int64)
    stride = np.ones_like(role)
    for w, space in enumerate(spaces):
        for axis in space.axes:
            number = PLAIN if axis.is_plain else 1 + space.sliding_axes.index(axis)
            for dimension, coefficient in axis.terms:
                d = layer.shape.index(dimension)
                role[w, d] = number
                stride[w, d] = layer.coefficient(coefficient)
    return role, stride


def _address_pj(level: StorageLevel, technology: Technology) -> float:
    # For Timeloop, a negative value means "not given".
    if level.address_pj is None or level.address_pj < 0:
        return technology.address_generator_pj
    return level.address_pj


def hop_pj(level: StorageLevel, technology: Technology, fanout: tuple[int, int]) -> float:
    """Energy of one word for one hop of the network below a level, in pJ (section 9)."""
    if level.hop_pj is not None:
        return level.hop_pj
    wire = level.wire_pj_per_bit_mm
    wire = technology.wire_pj_per_bit_mm if wire is None else wire
    wires = level.word_bits * ((level.tile_width_um or 0.0) / 1000) * wire
    # There are no hops within a PE, and the energy of DRAM includes its wires.
    is_array = fanout != (1, 1) and level.technology != "DRAM"
    return wires + technology.hop_energy_pj(level.word_bits) if is_array else wires
