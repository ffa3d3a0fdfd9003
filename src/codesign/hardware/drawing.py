"""An accelerator as text: a tree from the outermost memory down to the multipliers."""

from __future__ import annotations

from codesign.display import plural
from codesign.hardware.architecture import Arithmetic, Hardware, StorageLevel


def hardware_text(hardware: Hardware) -> str:
    """A tree with one line per level, outermost first, each below the level that feeds it."""
    lines = []
    total = 1
    for depth, (level, fanout) in enumerate(
        zip(reversed(hardware.levels), reversed(hardware.fanouts), strict=True)
    ):
        lines.append(f"{_branch(depth)}{level.name}{_times(level)}: {_storage(level)}")
        total = fanout[0] * fanout[1]
        if total > 1:
            lines.append(f"{'   ' * depth}│  feeds {fanout[0]} × {fanout[1]} (X × Y)")
    arithmetic = hardware.arithmetic
    mesh = f"{arithmetic.mesh_x} × {arithmetic.instances // arithmetic.mesh_x}"
    lines.append(
        f"{_branch(len(hardware.levels))}{arithmetic.name}: {arithmetic.instances} in a mesh of "
        f"{mesh}, {arithmetic.word_bits} bit{_further(arithmetic)}"
    )
    return "\n".join(lines)


def _further(arithmetic: Arithmetic) -> str:
    """What most multipliers lack: a latency, and a static energy of their own."""
    told = f", latency {arithmetic.latency}" if arithmetic.latency != 1 else ""
    leak = arithmetic.leak_pj_per_cycle
    return told if leak is None else f"{told}, leak {leak:g} pJ/cycle"


def _branch(depth: int) -> str:
    return "   " * (depth - 1) + "└─ " if depth else ""


def _times(level: StorageLevel) -> str:
    return f" × {level.instances}" if level.instances > 1 else ""


def _storage(level: StorageLevel) -> str:
    if level.entries == 0:
        return "no storage"
    if level.entries is None:
        parts = ["unbounded"]
    else:
        parts = [f"{level.entries} words ({_bytes(level.entries * level.word_bits / 8)})"]
    if level.block_size > 1:
        parts.append(f"blocks of {level.block_size}")
    if level.cluster_size > 1:
        parts.append(f"clusters of {level.cluster_size}")
    if level.transfer_bits is not None:
        parts.append(f"transfers of {level.transfer_bits} bit")
    for rate, verb in (
        (level.read_bandwidth, "reads"),
        (level.write_bandwidth, "writes"),
        (level.shared_bandwidth, "reads and writes"),
    ):
        if rate is not None:
            parts.append(f"{verb} {rate:g}/cycle")
    fill, drain = level.network_fill_latency, level.network_drain_latency
    if fill or drain:
        parts.append(f"fills in {plural(fill, 'cycle')}, drains in {drain}")
    if level.leak_pj_per_cycle is not None:
        parts.append(f"leaks {level.leak_pj_per_cycle:g} pJ/cycle")
    keeps = "all" if level.keeps is None else ", ".join(sorted(level.keeps)) or "nothing"
    parts.append(f"keeps {keeps}")
    if level.may_bypass:
        parts.append(f"may bypass {', '.join(sorted(level.may_bypass))}")
    return ", ".join(parts)


def _bytes(size: float) -> str:
    for unit in ("B", "KiB", "MiB"):
        if size < 1024:
            return f"{size:g} {unit}"
        size /= 1024
    return f"{size:g} GiB"
