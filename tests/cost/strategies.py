"""Hypothesis strategies: small layers, odd hardware, and mappings that mostly fit.

Everything is small enough to be walked: at most `MAX_MACS` operations, hence iterations, and
`MAX_PES` MACs. What is simple is listed first, so that counterexamples shrink to it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence, Set

from hypothesis import strategies as st

from codesign.hardware import PAT, Arithmetic, Hardware, StorageLevel, Technology
from codesign.hardware.leak import Leak
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

IMAGE_FILTER = ProblemShape(
    "image-filter",
    ("R", "S", "P", "Q"),
    ("u", "v"),
    (
        Dataspace("Weights", _axes("R", "S")),
        Dataspace("Inputs", _axes("P*u+R", "Q+S*v")),
        Dataspace("Outputs", _axes("P", "Q"), read_write=True),
    ),
)
"""Nothing but windows, which move along both axes at once more often than in other layers."""

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

# Convolutions occur twice: most errors are in windows.
SHAPES = (CONV, GROUPED_CONV, TENSOR_PRODUCT, POOLING, CONV, VOLUME_CONV, SUBSAMPLING)
WINDOWED = (IMAGE_FILTER, CONV, VOLUME_CONV, POOLING)


@st.composite
def layers(draw: st.DrawFn, shapes: Sequence[ProblemShape] = SHAPES) -> Layer:
    """Layers of every shape; some are GEMMs or depthwise, having dimensions of size 1."""
    shape = draw(st.sampled_from(shapes))
    unit = frozenset[str]()
    if shape is CONV:
        # All but batches; all; a GEMM; windows only, in 2-D and in 1-D over several channels.
        units = ["N", "", "RSQN", "CKN", "CSQN", "CKN"]
        unit = frozenset(draw(st.sampled_from(units)))
    if shape is GROUPED_CONV:
        # Depthwise; grouped; batched GEMM.
        unit = frozenset(draw(st.sampled_from(["CK", "N", "RSQN"])))
    least = draw(st.sampled_from([1, 2]))
    left = MAX_MACS
    sizes: dict[str, int] = {}
    for dimension in draw(st.permutations(shape.dimensions)):
        choices = [size for size in (1, 2, 3, 4, 5, 6, 8, 12) if least <= size <= left]
        if dimension in unit or not choices:
            choices = [1]
        sizes[dimension] = draw(st.sampled_from(choices))
        left //= sizes[dimension]
    coefficients = {name: draw(st.sampled_from([1, 2, 3])) for name in shape.coefficients}
    layer = Layer.of(shape, "layer", **sizes, **coefficients)
    widths = draw(st.just({}) | st.just({}) | _widths(shape))
    return layer.with_bits(widths)


def _widths(shape: ProblemShape) -> st.SearchStrategy[dict[str, int]]:
    """Widths of some dataspaces: narrower and wider than words, and no divisors of them."""
    return st.dictionaries(
        st.sampled_from(shape.dataspace_names), st.sampled_from([8, 4, 1, 5, 16, 24, 33])
    )


def _maybe(values: Sequence[float]) -> st.SearchStrategy[float | None]:
    return st.none() | st.sampled_from(values)


def _rarely(draw: st.DrawFn) -> bool:
    return draw(st.sampled_from([False] * 19 + [True]))


@st.composite
def _storage_levels(
    draw: st.DrawFn, name: str, mesh: tuple[int, int], is_outermost: bool
) -> StorageLevel:
    instances = math.prod(mesh)
    technology = draw(
        st.sampled_from(["DRAM", "DRAM", "SRAM"] if is_outermost else ["SRAM", "RegFile"])
    )
    clusters = [1] if technology == "DRAM" else [c for c in (1, 2, 3, 4) if instances % c == 0]
    sizes = [100_000, 20_001, None] if is_outermost else [50_000, 5_003, 0]
    if not is_outermost and _rarely(draw):
        sizes = [60, 6]
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
        shared_bandwidth=draw(_maybe([3.0, 1.5, 24.0, 0.9])),
        technology=technology,
        multiple_buffering=draw(st.sampled_from([1.0, 1.0, 1.0, 2.0, 1.5])),
        min_utilization=0.002 if _rarely(draw) else 0.0,
        vector_access_pj=draw(_maybe([3.25])),
        address_pj=draw(_maybe([0.0625])),
        hop_pj=draw(_maybe([0.37])),
        router_pj=draw(st.sampled_from([0.0, 0.11])),
        wire_pj_per_bit_mm=draw(_maybe([0.0, 0.083])),
        tile_width_um=draw(_maybe([120.0])),
        leak_pj_per_cycle=draw(_maybe([0.19])),
        network_fill_latency=draw(st.sampled_from([0, 0, 7])),
        network_drain_latency=draw(st.sampled_from([0, 0, 3])),
        transfer_bits=draw(_maybe([32, 7])),
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
    leak, latency = draw(_maybe([0.023])), draw(st.sampled_from([1, 1, 4]))
    macs = Arithmetic("MACs", x * y, x, word_bits, leak, latency)
    return Hardware("hardware", macs, tuple(levels))


def _divisors(number: int, most: int) -> list[int]:
    return [n for n in range(1, min(number, most) + 1) if number % n == 0]


@st.composite
def mappings(draw: st.DrawFn, layer: Layer, hardware: Hardware) -> Mapping:
    """Mappings of `layer` on `hardware`; a few ask for too many children."""
    left = dict(zip(layer.shape.dimensions, layer.sizes, strict=True))
    # Children whose boxes coincide on a diagonal of a window are rare otherwise.
    windows = [axis for space in layer.shape.dataspaces for axis in space.sliding_axes]
    eager = draw(st.sampled_from([frozenset(), *({d for d, _ in a.terms} for a in windows)]))
    spare = 2 if _rarely(draw) else 0
    spatial = [
        tuple(
            (dimension, axis, factor)
            for axis, children in zip("XY", fanout, strict=True)
            for dimension, factor in _spatial_loops(draw, left, children, spare, eager)
        )
        for fanout in hardware.fanouts
    ]
    levels = []
    for s, storage in enumerate(hardware.levels):
        is_outermost = s == len(hardware.levels) - 1
        temporal = tuple(_temporal_loops(draw, left, is_outermost))
        bypass = draw(_bypasses(layer, storage, is_outermost))
        levels.append(LevelMapping(temporal, spatial[s], bypass))
    return Mapping(tuple(levels))


def _spatial_loops(
    draw: st.DrawFn, left: dict[str, int], children: int, spare: int, eager: Set[str]
) -> Iterator[tuple[str, int]]:
    """Loops over at most `children` + `spare`, the largest over the `eager` dimensions first."""
    order = sorted(draw(st.permutations(list(left))), key=lambda dimension: dimension not in eager)
    for dimension in order:
        factors = _divisors(left[dimension], children + spare)
        factor = draw(st.sampled_from(factors[-1:] if dimension in eager else factors))
        left[dimension] //= factor
        children //= factor
        if factor > 1 or _rarely(draw):
            yield dimension, factor


def _temporal_loops(
    draw: st.DrawFn, left: dict[str, int], is_outermost: bool
) -> Iterator[tuple[str, int]]:
    """Loops in any order over a part of what is left; over all of it at the outermost level.

    Loops of bound 1 are written down at times: they must not matter.
    """
    for dimension in draw(st.permutations(list(left))):
        most = left[dimension]
        factor = most if is_outermost else draw(st.sampled_from(_divisors(most, most)))
        left[dimension] //= factor
        if factor > 1 or _rarely(draw):
            yield dimension, factor


def _bypasses(
    layer: Layer, storage: StorageLevel, is_outermost: bool
) -> st.SearchStrategy[frozenset[str]]:
    names = layer.shape.dataspace_names
    if is_outermost:
        return st.just(frozenset())
    if storage.entries == 0:
        return st.just(frozenset(names))
    return st.frozensets(st.sampled_from(names), max_size=len(names) - 1)


@st.composite
def cases(draw: st.DrawFn, shapes: Sequence[ProblemShape] = SHAPES) -> Case:
    """A layer, an accelerator, and a mapping of the one on the other."""
    layer, hardware = draw(layers(shapes)), draw(hardwares())
    return layer, hardware, draw(mappings(layer, hardware))


def technologies() -> st.SearchStrategy[Technology]:
    """Timeloop's table, and one in which everything costs something."""
    costly = Technology(
        "costly",
        regfile_pj_per_vector="0.3 * word_bits * block_size / 16 + 0.01 * kb",
        adder_pj=0.017,
        address_generator_pj=0.029,
        wire_pj_per_bit_mm=0.041,
        mac_pj="0.3 * a_bits * b_bits / 256 + 0.1 * sum_bits / 16 + word_bits / 100",
        sram_write_pj_per_vector="1.3 * block_size + 0.2 * kb",
        leak=Leak(
            "0.001 * word_bits",
            "0.5 * kb + block_size / 64",
            "0.002 * entries",
            "0.7 * word_bits",
            "3 + pes / 8",
        ),
    )
    return st.sampled_from([PAT, costly])
