"""Why one design costs less than another: a sentence made from the parts of their costs."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from codesign.study.anatomy import FULL, IDLE, shares

SMALL = 0.005
"""Differences of less than half a percent are not worth a sentence."""


def reason(
    model: str,
    eyeriss: pd.Series[Any],
    found: pd.Series[Any],
    eyeriss_parts: pd.DataFrame,
    found_parts: pd.DataFrame,
) -> dict[str, str | float]:
    """What the found design saves and where, as numbers and as a sentence.

    Args:
        model: the network.
        eyeriss, found: rows with `energy_pj`, `cycles`, `edp`.
        eyeriss_parts, found_parts: their parts (`anatomy.parts_of`).

    Returns:
        `energy_ratio`, `cycles_ratio`, `edp_ratio` (found / Eyeriss), `delay_share` (the delay's
        share of log EDP saved), the component of energy and that of delay that change most
        (`energy_component`, `energy_change`, `delay_component`, `delay_change`, as a share of
        Eyeriss's energy or delay), and the `sentence`.
    """
    ratios = {name: float(found[name] / eyeriss[name]) for name in ("energy_pj", "cycles", "edp")}
    log_edp = math.log(ratios["edp"])
    energy = _changes(eyeriss_parts, found_parts, "energy_pj", float(eyeriss["energy_pj"]))
    delay = _changes(eyeriss_parts, found_parts, "cycles", float(eyeriss["cycles"]))
    row: dict[str, str | float] = {
        "model": model,
        "energy_ratio": ratios["energy_pj"],
        "cycles_ratio": ratios["cycles"],
        "edp_ratio": ratios["edp"],
        "delay_share": math.log(ratios["cycles"]) / log_edp if log_edp else math.nan,
    }
    for name, changes in (("energy", energy), ("delay", delay)):
        most = _largest(changes)
        row[f"{name}_component"] = most
        row[f"{name}_change"] = float(changes.loc[most, "found"] - changes.loc[most, "eyeriss"])
    return row | {"sentence": " ".join(_sentences(model, ratios, energy, delay))}


def _changes(
    eyeriss: pd.DataFrame, found: pd.DataFrame, quantity: str, total: float
) -> pd.DataFrame:
    """Every component's share of Eyeriss's total, on Eyeriss and on the found design."""
    columns = {"eyeriss": shares(eyeriss, quantity, total), "found": shares(found, quantity, total)}
    return pd.DataFrame(columns).fillna(0.0)


def _largest(changes: pd.DataFrame) -> str:
    return str((changes["found"] - changes["eyeriss"]).abs().idxmax())


def _sentences(
    model: str, ratios: dict[str, float], energy: pd.DataFrame, delay: pd.DataFrame
) -> list[str]:
    edp = ratios["edp"]
    if abs(edp - 1) < SMALL:
        return [f"{model}: the found design costs what Eyeriss costs."]
    side = "below" if edp < 1 else "above"
    told = (
        f"{model}: EDP is {100 * abs(1 - edp):.1f} % {side} Eyeriss's, with energy "
        f"× {ratios['energy_pj']:.3f} and delay × {ratios['cycles']:.3f}; {_weights(ratios)}."
    )
    texts = [
        _component_text("energy", energy, ""),
        _component_text("delay", delay, " cycles"),
    ]
    # The larger change first.
    order = sorted(range(2), key=lambda at: -abs(_change((energy, delay)[at])))
    return [told, *(texts[at] for at in order if texts[at])]


def _weights(ratios: dict[str, float]) -> str:
    """How energy and delay share the change."""
    energy, delay = math.log(ratios["energy_pj"]), math.log(ratios["cycles"])
    if energy * delay < 0 and min(abs(energy), abs(delay)) > SMALL:
        gains, costs = ("energy", "delay") if energy < 0 else ("delay", "energy")
        return f"it trades {costs} for {gains}"
    part = 100 * delay / (energy + delay)
    part = min(100.0, max(0.0, part))
    if part >= 50:
        return f"{part:.0f} % of that, in logarithms, is delay"
    return f"{100 - part:.0f} % of that, in logarithms, is energy"


def _change(changes: pd.DataFrame) -> float:
    most = _largest(changes)
    return float(changes.loc[most, "found"] - changes.loc[most, "eyeriss"])


def _component_text(quantity: str, changes: pd.DataFrame, kind: str) -> str:
    """The component that changes most, in words; nothing where no change is worth telling."""
    most = _largest(changes)
    before, after = (100 * float(changes.loc[most, name]) for name in ("eyeriss", "found"))
    if abs(after - before) < 100 * SMALL:
        return ""
    named = {
        FULL: "the operations on a full array",
        IDLE: "cycles lost to idle PEs",
    }.get(most, f"cycles lost to {most}'s bandwidth" if kind else f"energy of {most}")
    verb = "fall" if after < before else "rise"
    if not kind:
        verb += "s"
    return (
        f"Of {quantity}, what changes most: {named} {verb} from {before:.1f} to {after:.1f} % "
        f"of Eyeriss's {quantity}."
    )
