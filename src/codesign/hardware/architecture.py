"""An accelerator: a list of storage levels above an array of multipliers (MACs)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from codesign.display import Displayed, plural
from codesign.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

TECHNOLOGIES = ("SRAM", "RegFile", "DRAM")
MAX_LEVELS = 12


@dataclass(frozen=True)
class Arithmetic:
    """The array of MACs: `instances` of them, in rows of `mesh_x`.

    `leak_pj_per_cycle` is the static energy of one, in place of the energy table's. `latency` is
    the number of cycles from the operands of a MAC to its result.
    """

    name: str = "MACs"
    instances: int = 1
    mesh_x: int = 1
    word_bits: int = 16
    leak_pj_per_cycle: float | None = None
    latency: int = 1

    def __post_init__(self) -> None:
        _check_mesh(self.name, self.instances, self.mesh_x)


@dataclass(frozen=True)
class StorageLevel:
    """A level of the memory hierarchy, in Timeloop's terms.

    Args:
        entries: words per instance; None for unbounded memory (DRAM).
        instances, mesh_x: number of instances, and number per row of the mesh.
        word_bits, block_size: bits per word, and words that are read or written at once.
        cluster_size: instances that share one address decoder.
        read_bandwidth, write_bandwidth: words per cycle and instance; None for unlimited.
        shared_bandwidth: words per cycle and instance, reads and writes together; None for
            unlimited.
        multiple_buffering: the capacity is divided by it (2 for double buffering).
        keeps: names of the dataspaces that the level may keep; None for all of them.
        may_bypass: those of them that searches may also send past the level. The others are kept.
        vector_access_pj: pJ per access to one block, in place of the energy table's.
        address_pj: pJ per generated address; None or negative for the energy table's.
        hop_pj: pJ per word and hop; None for the energy table's.
        router_pj: pJ per word and router.
        wire_pj_per_bit_mm: pJ per bit and mm of wire; None for the energy table's.
        tile_width_um: length of a hop's wire in µm; None for 0.
        leak_pj_per_cycle: static energy of one instance in pJ per cycle; None for the energy
            table's.
        network_fill_latency, network_drain_latency: cycles in which the network below the level
            fills, and drains, once per layer.
        transfer_bits: bits of a word of the bandwidths; None for `word_bits`.

    Raises:
        InputError: the mesh does not divide the instances, a DRAM is clustered, or a dataspace may
            be bypassed that may not be kept.
    """

    name: str
    entries: int | None
    instances: int = 1
    mesh_x: int = 1
    word_bits: int = 16
    block_size: int = 1
    cluster_size: int = 1
    read_bandwidth: float | None = None
    write_bandwidth: float | None = None
    shared_bandwidth: float | None = None
    technology: str = "SRAM"
    multiple_buffering: float = 1.0
    min_utilization: float = 0.0
    keeps: frozenset[str] | None = None
    may_bypass: frozenset[str] = frozenset()
    vector_access_pj: float | None = None
    address_pj: float | None = None
    hop_pj: float | None = None
    router_pj: float = 0.0
    wire_pj_per_bit_mm: float | None = None
    tile_width_um: float | None = None
    leak_pj_per_cycle: float | None = None
    network_fill_latency: int = 0
    network_drain_latency: int = 0
    transfer_bits: int | None = None

    def __post_init__(self) -> None:
        _check_mesh(self.name, self.instances, self.mesh_x)
        if self.technology == "DRAM" and self.cluster_size != 1:
            raise InputError(
                f"level {self.name}: cluster size is {self.cluster_size}, expected 1 for DRAM"
            )

        if self.keeps is not None and not self.may_bypass <= self.keeps:
            names = ", ".join(sorted(self.may_bypass - self.keeps))
            raise InputError(
                f"level {self.name}: may_bypass has {names}, expected dataspaces of keeps"
            )

    @property
    def mesh_y(self) -> int:
        """Rows of the mesh."""
        return self.instances // self.mesh_x

    def may_hold(self, dataspace: str) -> bool:
        """Whether it may store tiles of a dataspace; a level without words stores nothing."""
        return self.entries != 0 and (self.keeps is None or dataspace in self.keeps)

    @property
    def capacity(self) -> int | None:
        """Words of tiles that fit an instance; None without bound."""
        return None if self.entries is None else int(self.entries / self.multiple_buffering)


@dataclass(frozen=True, repr=False)
class Hardware(Displayed):
    """An accelerator: storage levels, innermost first, above the MACs.

    Raises:
        InputError: a mesh is not a whole multiple of the mesh of the next level outwards, a name
            occurs twice, or the outermost level does not keep every dataspace.
    """

    name: str
    arithmetic: Arithmetic
    levels: tuple[StorageLevel, ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.levels) <= MAX_LEVELS:
            raise InputError(
                f"hardware {self.name}: {len(self.levels)} storage levels, "
                f"expected 1 to {MAX_LEVELS}"
            )
        names = [self.arithmetic.name, *(level.name for level in self.levels)]
        for name in names:
            if names.count(name) > 1:
                raise InputError(f"hardware {self.name}: two levels are called {name!r}")
        child_x, child_y = self.arithmetic.mesh_x, self.pes // self.arithmetic.mesh_x
        child = self.arithmetic.name
        for level in self.levels:
            for axis, inner, outer in ("X", child_x, level.mesh_x), ("Y", child_y, level.mesh_y):
                if inner % outer:
                    raise InputError(
                        f"hardware {self.name}: mesh-{axis} of {child} is {inner}, expected "
                        f"a multiple of {level.name}'s, which is {outer}"
                    )
            child, child_x, child_y = level.name, level.mesh_x, level.mesh_y
        if self.levels[-1].keeps is not None:
            raise InputError(
                f"hardware {self.name}: the outermost level {child} must keep every dataspace"
            )
        if self.levels[-1].may_bypass:
            raise InputError(
                f"hardware {self.name}: may_bypass of the outermost level {child} is "
                f"{', '.join(sorted(self.levels[-1].may_bypass))}, expected none"
            )

    def summary(self) -> str:
        """Name, MACs and storage levels."""
        chain = " < ".join(level.name for level in self.levels)
        return f"{self.name}: {plural(self.pes, 'MAC')}, {chain}"

    def to_frame(self) -> pd.DataFrame:
        """One row per level, outermost first: sizes, meshes, bandwidths, and what it keeps."""
        import pandas as pd

        rows: list[dict[str, object]] = [
            {
                "level": level.name,
                "instances": level.instances,
                "mesh_x": level.mesh_x,
                "words": level.entries,
                "word_bits": level.word_bits,
                "block_size": level.block_size,
                "technology": level.technology,
                "reads_per_cycle": level.read_bandwidth,
                "writes_per_cycle": level.write_bandwidth,
                "words_per_cycle": level.shared_bandwidth,
                "keeps": "all" if level.keeps is None else ", ".join(sorted(level.keeps)),
            }
            for level in reversed(self.levels)
        ]
        macs = self.arithmetic
        rows.append(
            {
                "level": macs.name,
                "instances": macs.instances,
                "mesh_x": macs.mesh_x,
                "word_bits": macs.word_bits,
            }
        )
        return pd.DataFrame(rows).convert_dtypes()

    @property
    def pes(self) -> int:
        """The number of MACs."""
        return self.arithmetic.instances

    @property
    def late_cycles(self) -> int:
        """The cycles in which the pipeline fills and drains, once per layer."""
        latencies = (v.network_fill_latency + v.network_drain_latency for v in self.levels)
        return self.arithmetic.latency - 1 + sum(latencies)

    @property
    def fanouts(self) -> tuple[tuple[int, int], ...]:
        """(X, Y) fan-out from every level to its child, innermost level first."""
        xs = [self.arithmetic.mesh_x, *(level.mesh_x for level in self.levels)]
        ys = [self.pes // self.arithmetic.mesh_x, *(level.mesh_y for level in self.levels)]
        return tuple((xs[i] // xs[i + 1], ys[i] // ys[i + 1]) for i in range(len(self.levels)))

    def index(self, name: str) -> int:
        """The position of the level called `name`; the innermost level has 0.

        Raises:
            InputError: there is no level of that name.
        """
        for index, level in enumerate(self.levels):
            if level.name == name:
                return index
        known = ", ".join(level.name for level in self.levels)
        raise InputError(f"hardware {self.name}: no level {name!r}, it has {known}")


def _check_mesh(name: str, instances: int, mesh_x: int) -> None:
    if instances < 1 or mesh_x < 1 or instances % mesh_x:
        raise InputError(
            f"level {name}: {instances} instances in rows of {mesh_x}, "
            "expected rows of equal length"
        )
