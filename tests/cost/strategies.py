"""Hypothesis strategies: small layers, odd hardware, and mappings that mostly fit.

Everything is small enough to be walked: at most `MAX_MACS` operations, hence iterations, and
`MAX_PES` MACs. What is simple is listed first, so that counterexamples shrink to it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from hypothesis import strategies as st

from codesign.hardware import PAT, Arithmetic, Hardware, StorageLevel, Technology
from codesign.mapping import LevelMapping, Mapping
from codesign.workload import CONV, GROUPED_CONV, Axis, Dataspace, Layer, ProblemShape

MAX_MACS = 3000
MAX_PES = 64

Case = tuple[Layer, Hardware, Mapping]


def _axes(*texts: str) -> tuple[Axis, ...]:
    """Axes from text: "P" is a dimension, "P*u+R" a sum with a coefficient."""
    return tuple(
        Axis(tuple((term[0], term[2:] or None) for term in text.split("+"))) for text in texts
    )


TENSOR_PRODUCT = ProblemShape(
    "tensor-product",
    ("I", "J", "K", "L"),
    (),
    (
        Dataspace("Result", _axes("I", "J"), read_write=True),
        Dataspace("First", _axes("I", "K", "L")),
        Dataspace("Second", _axes("J", "K")),
        Dataspace("Third", _axes("L", "J")),
    ),
)
"""Four dataspaces, the read-write one first."""

POOLING = ProblemShape(
    "pooling",
    ("P", "R", "C"),
    ("u",),
    (
        Dataspace("Inputs", _axes("P*u+R", "C")),
        Dataspace("Outputs", _axes("C", "P"), read_write=True),
    ),
)
"""Two dataspaces only."""

VOLUME_CONV = ProblemShape(
    "volume-conv",
    ("P", "Q", "D", "R", "S", "T", "K"),
    ("u", "v", "w"),
    (
        Dataspace("Weights", _axes("K", "R", "S", "T")),
        Dataspace("Inputs", _axes("P*u+R", "Q+S*v", "D*u+T*w")),
        Dataspace("Outputs", _axes("K", "P", "Q", "D"), read_write=True),
    ),
)
"""Three axes with sliding windows."""

SUBSAMPLING = ProblemShape(
    "subsampling",
    ("P", "Q", "C", "K"),
    ("u",),
    (
        Dataspace("Weights", _axes("C", "K")),
        Dataspace("Inputs", _axes("C", "P*u", "Q")),
        Dataspace("Outputs", _axes("K", "P", "Q"), read_write=True),
    ),
)
"""An axis of one dimension with a stride: its boxes never overlap, but are wider than they seem."""

SHAPES = (CONV, GROUPED_CONV, TENSOR_PRODUCT, POOLING, VOLUME_CONV, SUBSAMPLING)


@st.composite
def layers(draw: st.DrawFn, shapes: Sequence[ProblemShape] = SHAPES) -> Layer:
    """Layers of every shape; some are GEMMs or depthwise, having dimensions of size 1."""
    shape = draw(st.sampled_from(shapes))
    unit = frozenset[str]()
    if shape is CONV:
        # Mostly channels; a convolution with all its loops; a GEMM; mostly windows, in 2-D and 1-D.
        units = ["N", "", "RSQN", "CKN", "CSQN"]
        unit = frozenset(draw(st.sampled_from(units)))
    if shape is GROUPED_CONV:
        # Depthwise; grouped; batched GEMM.
        unit = frozenset(draw(st.sampled_from(["CK", "N", "RSQN"])))
    left = MAX_MACS
    sizes: dict[str, int] = {}
    for dimension in draw(st.permutations(shape.dimensions)):
        choices = [size for size in (2, 1, 3, 4, 5, 6, 8, 12) if size <= left]
        sizes[dimension] = 1 if dimension in unit else draw(st.sampled_from(choices))
        left //= sizes[dimension]
    coefficients = {name: draw(st.sampled_from([1, 2, 3])) for name in shape.coefficients}
    return Layer.of(shape, "layer", **sizes, **coefficients)


def _maybe(values: Sequence[float]) -> st.SearchStrategy[float | None]:
    return st.none() | st.sampled_from(values)


@st.composite
def _storage_levels(
    draw: st.DrawFn, name: str, mesh: tuple[int, int], is_outermost: bool
) -> StorageLevel:
    instances = math.prod(mesh)
    technology = draw(
        st.sampled_from(["DRAM", "DRAM", "SRAM"] if is_outermost else ["SRAM", "RegFile"])
    )
    clusters = [1] if technology == "DRAM" else [c for c in (1, 2, 3, 4) if instances % c == 0]
    inner_sizes = [5_000, 1_203, 20_000, 0, 5_000, 1_203, 20_000, 60, 5_000, 1_203, 20_000, 6]
    sizes = [100_000, 20_001, None] if is_outermost else inner_sizes
    return StorageLevel(
        name,
        draw(st.sampled_from(sizes)),
        instances=instances,
        mesh_x=mesh[0],
        word_bits=draw(st.sampled_from([16, 8, 32])),
        block_size=draw(st.sampled_from([1, 2, 3, 4])),
        cluster_size=draw(st.sampled_from(clusters)),
        read_bandwidth=draw(_maybe([2.0, 1.0, 16.0, 0.3])),
        write_bandwidth=draw(_maybe([2.0, 1.0, 16.0, 0.7])),
        technology=technology,
        multiple_buffering=draw(st.sampled_from([1.0, 1.0, 1.0, 2.0, 1.5])),
        min_utilization=draw(st.sampled_from([0.0] * 15 + [0.002])),
        vector_access_pj=draw(_maybe([3.25])),
        address_pj=draw(_maybe([0.0625])),
        hop_pj=draw(_maybe([0.37])),
        router_pj=draw(st.sampled_from([0.0, 0.11])),
        wire_pj_per_bit_mm=draw(_maybe([0.0, 0.083])),
        tile_width_um=draw(_maybe([120.0])),
    )


@st.composite
def hardwares(draw: st.DrawFn) -> Hardware:
    """Accelerators of 2 to 6 levels, with a fanout along X, Y or both at any of them."""
    count = draw(st.integers(2, 6))
    x, y = draw(st.sampled_from([(1, 1), (1, 1), (1, 1), (2, 1), (1, 2)]))
    meshes = [(x, y)]
    for _ in range(count):
        x *= draw(st.sampled_from([n for n in (1, 2, 3, 4, 6) if x * y * n <= MAX_PES]))
        y *= draw(st.sampled_from([n for n in (1, 2, 3, 4) if x * y * n <= MAX_PES]))
        meshes.append((x, y))
    levels = [
        draw(_storage_levels(f"level{s}", meshes[count - 1 - s], is_outermost=s == count - 1))
        for s in range(count)
    ]
    word_bits = draw(st.sampled_from([16, 8]))
    return Hardware("hardware", Arithmetic("MACs", x * y, x, word_bits), tuple(levels))


def _divisors(number: int, most: int) -> list[int]:
    return [n for n in range(1, min(number, most) + 1) if number % n == 0]


@st.composite
def mappings(draw: st.DrawFn, layer: Layer, hardware: Hardware) -> Mapping:
    """Mappings of `layer` on `hardware`; one in sixteen may ask for too many children."""
    left = dict(zip(layer.shape.dimensions, layer.sizes, strict=True))
    is_reckless = draw(st.integers(0, 15)) == 15
    spatial: list[tuple[tuple[str, str, int], ...]] = []
    for fanout in hardware.fanouts:
        loops: list[tuple[str, str, int]] = []
        for axis, children in zip("XY", fanout, strict=True):
            for dimension in draw(st.permutations(layer.shape.dimensions)):
                most = children + 2 if is_reckless else children
                factor = draw(st.sampled_from(_divisors(left[dimension], most)))
                left[dimension] //= factor
                children //= factor
                if factor > 1 or draw(st.integers(0, 9)) == 9:
                    loops.append((dimension, axis, factor))
        spatial.append(tuple(loops))
    levels = []
    for s, storage in enumerate(hardware.levels):
        is_outermost = s == len(hardware.levels) - 1
        temporal = []
        for dimension in draw(st.permutations(layer.shape.dimensions)):
            most = left[dimension]
            factors = [most] if is_outermost else _divisors(most, most)
            factor = draw(st.sampled_from(factors))
            left[dimension] //= factor
            if factor > 1 or draw(st.integers(0, 9)) == 9:
                temporal.append((dimension, factor))
        levels.append(
            LevelMapping(tuple(temporal), spatial[s], draw(_bypasses(layer, storage, is_outermost)))
        )
    return Mapping(tuple(levels))


def _bypasses(
    layer: Layer, storage: StorageLevel, is_outermost: bool
) -> st.SearchStrategy[frozenset[str]]:
    names = layer.shape.dataspace_names
    if is_outermost:
        return st.just(frozenset())
    if storage.entries == 0:
        return st.just(frozenset(names))
    return st.frozensets(st.sampled_from(names))


@st.composite
def cases(draw: st.DrawFn, shapes: Sequence[ProblemShape] = SHAPES) -> Case:
    """A layer, an accelerator, and a mapping of the one on the other."""
    layer, hardware = draw(layers(shapes)), draw(hardwares())
    return layer, hardware, draw(mappings(layer, hardware))


def technologies() -> st.SearchStrategy[Technology]:
    """Timeloop's table, and one in which everything costs something and has an area."""
    costly = Technology(
        "costly",
        regfile_pj_per_vector="0.3 * word_bits * block_size / 16 + 0.01 * kb",
        adder_pj=0.017,
        address_generator_pj=0.029,
        wire_pj_per_bit_mm=0.041,
        mac_um2="7 * word_bits",
        sram_um2="900 * kb",
    )
    return st.sampled_from([PAT, costly])
