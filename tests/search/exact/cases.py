"""Random mapping tasks small enough to be enumerated, with what makes mappers go wrong.

Windows with strides and dilations, groups, levels that keep nothing or everything, fanouts at any
level, buffers that hardly hold anything, ports that stall, networks, and dataflows that pin.
"""

from __future__ import annotations

import random
from dataclasses import replace

from codesign.errors import InputError
from codesign.hardware import PAT, Arithmetic, Hardware, StorageLevel, Technology
from codesign.hardware.dataflow import FREE, Dataflow, SlotRule
from codesign.hardware.leak import Leak
from codesign.search.task import MappingTask
from codesign.workload import CONV, GROUPED_CONV, Layer
from tests.cost.strategies import IMAGE_FILTER, SUBSAMPLING, TENSOR_PRODUCT, VOLUME_CONV

COSTLY = Technology(
    "costly",
    regfile_pj_per_vector="0.3 * word_bits * block_size / 16 + 0.01 * kb",
    adder_pj=0.017,
    address_generator_pj=0.029,
    wire_pj_per_bit_mm=0.041,
)
LEAKY = replace(
    COSTLY,
    name="leaky",
    leak=Leak("0.2", "0.4 + kb", "0.01 * entries", "0.7", "pes / 16"),
)
"""In which cycles cost about as much as accesses."""

LOPSIDED = replace(
    COSTLY,
    name="lopsided",
    mac_pj="a_bits * b_bits / 256 + sum_bits / 64",
    sram_write_pj_per_vector="0.4 * block_size",
    regfile_write_pj_per_vector="3 * block_size + kb",
    dram_write_pj_per_vector="90 * block_size",
)
"""In which writing costs more than reading, or less."""

DRAM = StorageLevel("DRAM", None, technology="DRAM")


def random_layer(rng: random.Random) -> Layer:
    """A layer of 2 to some hundred operations."""
    few, more = (1, 1, 2), (1, 2, 3, 4)
    kind = rng.choice(("conv", "conv", "row", "gemm", "grouped", "other"))
    if kind == "other":
        shape = rng.choice((TENSOR_PRODUCT, VOLUME_CONV, IMAGE_FILTER, SUBSAMPLING))
        sizes = dict.fromkeys(shape.dimensions, 1)
        for name in rng.sample(shape.dimensions, 3):
            sizes[name] = rng.choice(more)
    elif kind == "row":
        shape, sizes = CONV, {"P": rng.choice((4, 6, 8)), "R": rng.choice((2, 3)), "K": 2}
    elif kind == "gemm":
        shape, sizes = CONV, {name: rng.choice((2, 4, 6)) for name in "PCK"}
    elif kind == "conv":
        shape = CONV
        sizes = {name: rng.choice(few) for name in "RSPQCKN"} | {"P": rng.choice(more)}
    else:
        shape = GROUPED_CONV
        sizes = {name: rng.choice(few) for name in "SQCK"}
        sizes |= {"G": rng.choice((2, 3)), "R": rng.choice((1, 2, 3)), "P": rng.choice((2, 4))}
    sizes |= {name: rng.choice((1, 1, 2, 3)) for name in shape.coefficients}
    return Layer.of(shape, "layer", **sizes)


def random_hardware(rng: random.Random, names: tuple[str, ...]) -> Hardware:
    """Two to four levels that keep any of the dataspaces."""
    count = rng.choice((2, 3, 3, 4, 4))
    meshes = [(1, 1)]
    for _ in range(count):
        x, y = meshes[-1]
        if rng.random() < 0.5:
            x, y = rng.choice(((2 * x, y), (3 * x, y), (4 * x, y), (x, 2 * y), (2 * x, 2 * y)))
        meshes.append((x, y))
    pes, *meshes = meshes[::-1]
    levels = []
    for s, (x, y) in enumerate(meshes):
        is_last = s == count - 1
        keeps = None if rng.random() < 0.25 else frozenset(n for n in names if rng.random() < 0.55)
        entries = 0 if keeps == frozenset() else rng.choice((3, 6, 12, 24, 64)) * (s + 1)
        levels.append(
            StorageLevel(
                f"level{s}",
                None if is_last else entries,
                instances=x * y,
                mesh_x=x,
                block_size=rng.choice((1, 1, 2, 4)),
                cluster_size=1 if is_last else rng.choice((1, 1, 1, x * y)),
                read_bandwidth=rng.choice((None, None, 0.5, 1.0, 2.0)),
                write_bandwidth=rng.choice((None, None, 1.0, 2.0)),
                technology="DRAM" if is_last else rng.choice(("SRAM", "RegFile")),
                multiple_buffering=rng.choice((1.0, 1.0, 2.0)),
                min_utilization=rng.choice((0.0,) * 9 + (0.1,)),
                keeps=None if is_last else keeps,
                vector_access_pj=None if is_last else rng.choice((None, 0.3, 2.0, 9.0)),
                address_pj=rng.choice((None, 0.1)),
                hop_pj=rng.choice((None, None, 0.2)),
            )
        )
    return Hardware("hardware", Arithmetic("MACs", pes[0] * pes[1], pes[0]), tuple(levels))


def small_eyeriss(rng: random.Random) -> Hardware:
    """Eyeriss's six levels with room for a handful of words."""
    x, y = rng.choice((1, 2, 3, 4)), rng.choice((1, 2, 3, 4))
    port = rng.choice((None, 2.0, 1.0, 0.5))

    def level(name: str, entries: int, keeps: str, **more: object) -> StorageLevel:
        more = {"instances": x * y, "mesh_x": x} | more
        kept = frozenset(keeps.split())
        return StorageLevel(name, entries, keeps=kept, read_bandwidth=port, **more)  # type: ignore[arg-type]

    one = {"instances": 1, "mesh_x": 1, "block_size": rng.choice((1, 4))}
    return Hardware(
        "small-eyeriss",
        Arithmetic("MACs", x * y, x),
        (
            level("PsumRegFile", rng.choice((1, 2, 4)), "Outputs"),
            level("WeightRegFile", rng.choice((1, 2, 4)), "Weights"),
            level("InputRegFile", rng.choice((1, 2, 3, 6)), "Inputs"),
            level("DummyBuffer", 0, "", instances=x),
            level("GlobalBuffer", rng.choice((8, 12, 20, 40)), "Inputs Outputs", **one),
            DRAM,
        ),
    )


def random_dataflow(rng: random.Random, layer: Layer, hardware: Hardware) -> Dataflow:
    """Mostly none; else a pin, an order or a list of free dimensions at one or two slots."""
    rules = []
    for level in rng.sample(hardware.levels, rng.choice((0, 0, 0, 1, 2))):
        names = [n for n, size in zip(layer.shape.dimensions, layer.sizes, strict=True) if size > 1]
        kind = rng.choice(("temporal", "temporal", "spatial-x"))
        pins = ((rng.choice(names), rng.choice((1, "all", "fit"))),) if names else ()
        rules.append(
            SlotRule(
                level.name,
                kind,
                rng.choice(((), (), pins)),
                rng.choice((None, None, tuple(rng.sample(names, len(names) // 2)))),
                rng.choice((None, tuple(rng.sample(names, len(names))))),
            )
        )
    return Dataflow("random", tuple(rules)) if rules else FREE


def random_task(seed: int) -> tuple[MappingTask, str]:
    """A task and an objective; the task may have no feasible mapping."""
    rng = random.Random(seed)
    layer = random_layer(rng)
    if layer.shape.name in ("conv", "grouped-conv") and rng.random() < 0.35:
        hardware = small_eyeriss(rng)
    else:
        hardware = random_hardware(rng, layer.shape.dataspace_names)
    task = MappingTask(
        layer,
        hardware,
        rng.choice((PAT, PAT, COSTLY)),
        random_dataflow(rng, layer, hardware),
        rng.choice(("timeloop", "timeloop", "exact")),
    )
    objective = rng.choice(("edp", "edp", "energy", "delay"))
    if rng.random() < 0.4:
        task = replace(task, accounting=rng.choice(("timeloop-4", "timeloop-4", "timeloop-2022")))
    if rng.random() < 0.3:
        slow = [
            replace(level, shared_bandwidth=rng.choice((None, 0.7, 1.5, 4.0)))
            for level in hardware.levels
        ]
        task = replace(task, hardware=replace(hardware, levels=tuple(slow)))
    if rng.random() < 0.3:
        task = replace(task, technology=LEAKY)
    if rng.random() < 0.3:
        *inner, outer = task.hardware.levels
        filled = replace(outer, network_fill_latency=rng.choice((1, 20)), network_drain_latency=2)
        macs = replace(task.hardware.arithmetic, latency=rng.choice((1, 5)))
        late = replace(task.hardware, arithmetic=macs, levels=(*inner, filled))
        task = replace(task, hardware=late)
    if rng.random() < 0.3:
        task = replace(task, technology=LOPSIDED)
    if rng.random() < 0.4:
        names = layer.shape.dataspace_names
        widths = {
            name: rng.choice((1, 4, 5, 8, 16, 24, 32)) for name in names[rng.choice((0, 1)) :]
        }
        levels = [
            replace(level, transfer_bits=rng.choice((None, None, 8, 24)))
            for level in task.hardware.levels
        ]
        wide = replace(task.hardware, levels=tuple(levels))
        task = replace(task, layer=layer.with_bits(widths), hardware=wide)
    return task, objective


def is_feasible(task: MappingTask) -> bool:
    """Whether a task has mappings; a dataflow may pin what the layer does not have."""
    try:
        return task.problem is None
    except InputError:
        return False
