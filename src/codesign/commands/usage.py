"""The output of `codesign show --usage`: a table of levels, and the levels that may shrink."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codesign.store.usage import on_minimal_hardware, usage

if TYPE_CHECKING:
    from codesign.store.design import Design
    from codesign.store.usage import LevelUsage


def usage_text(design: Design) -> str:
    """The use of every level by the mappings, the levels that may shrink, and the savings."""
    import pandas as pd

    found = usage(design)[::-1]
    is_shared = any(each.shared_bandwidth is not None for each in found)
    rows = [
        {
            "level": each.level,
            "words": _of(each.used_entries, each.entries),
            "filled by": each.by_layer if each.used_entries else "",
            "instances": _of(each.used_instances, each.instances),
            "children X": _of(each.used_fanout[0], each.fanout[0]),
            "children Y": _of(each.used_fanout[1], each.fanout[1]),
            "reads/cycle": _of(each.used_read, each.read_bandwidth),
            "writes/cycle": _of(each.used_write, each.write_bandwidth),
        }
        | ({"both/cycle": _of(each.used_shared, each.shared_bandwidth)} if is_shared else {})
        for each in found
    ]
    lines = ["used by the most demanding layer, of what there is:", ""]
    lines += [pd.DataFrame(rows).to_string(index=False), ""]
    shrinking = [text for each in found if (text := _shrinks(each))]
    lines.append("may be smaller, and no layer would take longer:")
    lines += [f"  {text}" for text in shrinking] or ["  nothing"]
    smaller = on_minimal_hardware(design)
    for before, after in zip(design.networks, smaller.networks, strict=True):
        ratio = after.energy_pj / before.energy_pj if before.energy_pj else 1.0
        lines.append(
            f"{before.name} on such an accelerator: {after.energy_pj:.6g} pJ "
            f"({100 * (ratio - 1):+.2f} %), "
            f"{after.cycles:.0f} cycles (now {before.cycles:.0f})"
        )
    return "\n".join(lines)


def _of(used: float, has: float | None) -> str:
    told = str(int(used)) if used == int(used) else f"{used:.4g}"
    limit = "∞" if has is None else f"{has:.10g}"
    return f"{told} of {limit}"


def _shrinks(each: LevelUsage) -> str:
    """The part of a level that is not needed, as a text."""
    parts = []
    if each.entries is not None and each.used_entries < each.entries:
        parts.append(f"{each.entries} → {each.used_entries} words")
    for axis, has, used in zip("XY", each.fanout, each.used_fanout, strict=True):
        if used < has:
            parts.append(f"{has} → {used} children along {axis}")
    for rate, used_rate, verb in (
        (each.read_bandwidth, each.used_read, "reads"),
        (each.write_bandwidth, each.used_write, "writes"),
        (each.shared_bandwidth, each.used_shared, "reads and writes"),
    ):
        if rate is not None and used_rate < rate:
            parts.append(f"{rate:g} → {used_rate:.4g} {verb} per cycle")
    return f"{each.level}: {', '.join(parts)}" if parts else ""
