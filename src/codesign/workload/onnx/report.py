"""What became of a model, in sentences."""

from __future__ import annotations

from collections import Counter

from codesign.workload.onnx.extract import Extract, Skipped
from codesign.workload.onnx.operators.registry import Bits

MAX_LINES = 20
"""Single operators that are listed; all of them are counted."""


def sentences(found: Extract) -> list[str]:
    """Lines for people: what was read, what was not, and how much that is."""
    workload = found.workload
    lines = [
        f"{sum(workload.counts)} layers, {len(workload.layers)} of them different, "
        f"{workload.macs:,} multiply-accumulates"
    ]
    lines += _widths(found)
    if found.ignored:
        kinds = ", ".join(f"{kind} × {count}" for kind, count in found.ignored.items())
        lines.append(f"nothing to multiply and accumulate: {kinds}")
    lines += _left_out(found)
    return [*lines, *(f"note: {note}" for note in found.notes)]


def share(found: Extract) -> float:
    """The part of the network's multiply-accumulates that was left out, as far as it is known."""
    whole = found.workload.macs + found.skipped_macs
    return found.skipped_macs / whole


def _left_out(found: Extract) -> list[str]:
    if not found.skipped:
        return []
    kinds: dict[str, list[Skipped]] = {}
    for item in found.skipped:
        kinds.setdefault(item.kind, []).append(item)
    told = ", ".join(f"{kind} × {_count(items)} ({_macs(items)})" for kind, items in kinds.items())
    lines = [
        f"left out: {found.skipped_macs:,} multiply-accumulates, {100 * share(found):.3g} % of the "
        f"network's: {told}"
    ]
    lines += [f"left out: {i.name} ({i.kind}): {i.reason}" for i in found.skipped[:MAX_LINES]]
    if len(found.skipped) > MAX_LINES:
        lines.append(f"left out: {len(found.skipped) - MAX_LINES} more")
    return lines


def _count(items: list[Skipped]) -> int:
    return sum(item.times for item in items)


def _macs(items: list[Skipped]) -> str:
    known = sum(item.macs or 0 for item in items)
    is_known = all(item.macs is not None for item in items)
    if is_known:
        return f"{known:,}"
    return f"{known:,} and an unknown number" if known else "an unknown number"


def _widths(found: Extract) -> list[str]:
    """How wide the words are, where not all of them are of one width."""
    macs: Counter[Bits] = Counter()
    for layer, count, bits in zip(
        found.workload.layers, found.workload.counts, found.bits, strict=True
    ):
        macs[bits] += count * layer.macs
    kinds = {width for bits in macs for width in (bits.weights, bits.inputs, bits.outputs)}
    if len(kinds) < 2:
        return []
    whole = found.workload.macs
    return [
        f"bits of weights × inputs → outputs: {_bits(bits)} in {100 * number / whole:.3g} % of the "
        "multiply-accumulates"
        for bits, number in macs.most_common(MAX_LINES)
    ]


def _bits(bits: Bits) -> str:
    weights, inputs, outputs = (
        "?" if width is None else str(width) for width in (bits.weights, bits.inputs, bits.outputs)
    )
    return f"{weights} × {inputs} → {outputs}"
