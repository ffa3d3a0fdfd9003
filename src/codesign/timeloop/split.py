"""Mappings with a dimension along both axes of a level, written with two levels for Timeloop.

Timeloop has one spatial factor per dimension and level. Where a mapping spreads a dimension along X
and along Y, an additional level without storage takes the loops along Y, like Eyeriss's
DummyBuffer. In rare cases this changes the cost, so the cost is compared every time.
"""

from __future__ import annotations

import math
from dataclasses import replace

from codesign.cost.evaluate import Evaluator
from codesign.errors import InputError
from codesign.hardware.architecture import Hardware, StorageLevel
from codesign.hardware.technology import Technology
from codesign.mapping.batch import MappingBatch
from codesign.mapping.mapping import LevelMapping, Mapping
from codesign.workload.layer import Layer

SUFFIX = "_Y"
"""The end of the name of a level that takes the loops along Y of another level."""

MAX_RELATIVE_ERROR = 1e-12


def split(layer: Layer, hardware: Hardware, mapping: Mapping) -> tuple[Hardware, Mapping]:
    """Hardware and mapping in which no dimension runs along both axes of a level.

    Raises:
        InputError: there would be too many levels, or two levels with one name.
    """
    levels: list[StorageLevel] = []
    loops: list[LevelMapping] = []
    child_x = hardware.arithmetic.mesh_x
    for storage, level in zip(hardware.levels, mapping.levels, strict=True):
        dimensions = [d for d, _, factor in level.spatial if factor > 1]
        if len(set(dimensions)) < len(dimensions):
            mesh = (child_x, storage.mesh_y)
            levels.append(
                StorageLevel(
                    storage.name + SUFFIX,
                    0,
                    instances=math.prod(mesh),
                    mesh_x=mesh[0],
                    word_bits=storage.word_bits,
                    keeps=frozenset(),
                )
            )
            along_y = tuple(loop for loop in level.spatial if loop[1] == "Y")
            loops.append(LevelMapping((), along_y, frozenset(layer.shape.dataspace_names)))
            along_x = tuple(loop for loop in level.spatial if loop[1] == "X")
            level = replace(level, spatial=along_x)
        levels.append(storage)
        loops.append(level)
        child_x = storage.mesh_x
    return replace(hardware, levels=tuple(levels)), Mapping(tuple(loops))


def require_equal_cost(
    layer: Layer,
    technology: Technology,
    before: tuple[Hardware, Mapping],
    after: tuple[Hardware, Mapping],
) -> None:
    """Refuses a split that changes the cost.

    Raises:
        InputError: cycles or energy differ.
    """
    if before == after:
        return
    (energy, cycles), (other_energy, other_cycles) = (
        price(layer, technology, hardware, mapping) for hardware, mapping in (before, after)
    )
    if cycles != other_cycles or abs(energy - other_energy) > MAX_RELATIVE_ERROR * energy:
        raise InputError(
            f"mapping of {layer.name}: a dimension runs along both X and Y of a level, and the "
            f"two levels that this takes in Timeloop cost {other_energy!r} pJ and {other_cycles} "
            f"cycles, expected {energy!r} and {cycles}"
        )


def price(
    layer: Layer, technology: Technology, hardware: Hardware, mapping: Mapping
) -> tuple[float, int]:
    """Energy in pJ and cycles, counted as Timeloop does.

    Raises:
        InputError: the mapping does not fit.
    """
    costs = Evaluator(layer, hardware, technology).price(MappingBatch.of(layer.shape, [mapping]))
    if not costs.valid[0]:
        level = hardware.levels[int(costs.level[0])].name
        raise InputError(f"mapping of {layer.name}: it does not fit {level}")
    return float(costs.energy_pj[0]), int(costs.cycles[0])


def join(hardware: Hardware, mapping: Mapping | None) -> tuple[Hardware, Mapping]:
    """The inverse of `split`: levels for Y become loops along Y of the level above them.

    Without a mapping, a mapping without loops is used.
    """
    levels: list[StorageLevel] = []
    loops: list[LevelMapping] = []
    held: tuple[tuple[str, str, int], ...] = ()
    entries = mapping.levels if mapping is not None else (LevelMapping(),) * len(hardware.levels)
    for index, (storage, level) in enumerate(zip(hardware.levels, entries, strict=True)):
        above = hardware.levels[index + 1] if index + 1 < len(hardware.levels) else None
        is_ours = above is not None and storage.name == above.name + SUFFIX
        if is_ours and storage.entries == 0 and not level.temporal:
            held = level.spatial
            continue
        levels.append(storage)
        loops.append(replace(level, spatial=level.spatial + held))
        held = ()
    return replace(hardware, levels=tuple(levels)), Mapping(tuple(loops))
