"""Why one design costs less than another: sentences made from the parts of their costs."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import pandas as pd

from codesign.study.results.r8.parts import FULL, IDLE, shares

_DELAYS = {FULL: "the operations on a full array", IDLE: "cycles lost to idle PEs"}

SMALL = 0.005
"""Smaller relative differences get no sentence."""


def reason(
    model: str,
    eyeriss: pd.Series[Any],
    found: pd.Series[Any],
    eyeriss_parts: pd.DataFrame,
    found_parts: pd.DataFrame,
) -> dict[str, str | float]:
    """The savings of the found design and their causes, as numbers and as sentences.

    Args:
        model: the name of the model.
        eyeriss, found: rows with `energy_pj`, `cycles`, `edp`.
        eyeriss_parts, found_parts: the parts of both designs (`anatomy.parts_of`).

    Returns:
        `energy_ratio`, `cycles_ratio`, `edp_ratio` (found / Eyeriss); `delay_share`, the share of
        delay in the saving of log EDP; the components of energy and of delay that change most,
        with their changes relative to Eyeriss's energy or delay (`energy_component`,
        `energy_change`, `delay_component`, `delay_change`); and the text, `sentence`.
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
    for name, change in (("energy", energy), ("delay", delay)):
        row |= {f"{name}_component": change.component, f"{name}_change": change.size}
    return row | {"sentence": " ".join(_sentences(model, ratios, energy, delay))}


class _Change(NamedTuple):
    """A component's share of Eyeriss's total, on Eyeriss and on the found design."""

    component: str
    before: float
    after: float

    @property
    def size(self) -> float:
        return self.after - self.before


def _changes(eyeriss: pd.DataFrame, found: pd.DataFrame, quantity: str, total: float) -> _Change:
    """The component whose share of Eyeriss's total changes most; the first if several do."""
    before = {str(name): float(v) for name, v in shares(eyeriss, quantity, total).items()}
    after = {str(name): float(v) for name, v in shares(found, quantity, total).items()}
    changes = [
        _Change(name, before.get(name, 0.0), after.get(name, 0.0))
        for name in dict.fromkeys([*before, *after])
    ]
    return max(changes, key=lambda change: abs(change.size))


def _sentences(model: str, ratios: dict[str, float], energy: _Change, delay: _Change) -> list[str]:
    edp = ratios["edp"]
    if abs(edp - 1) < SMALL:
        return [f"{model}: the found design costs what Eyeriss costs."]
    side = "below" if edp < 1 else "above"
    total = (
        f"{model}: EDP is {100 * abs(1 - edp):.1f} % {side} Eyeriss's, with energy "
        f"× {ratios['energy_pj']:.3f} and delay × {ratios['cycles']:.3f}; {_weights(ratios)}."
    )
    # The larger change comes first, and small ones are left out.
    parts = sorted((("energy", energy), ("delay", delay)), key=lambda part: -abs(part[1].size))
    return [total, *(_text(*part) for part in parts if abs(part[1].size) >= SMALL)]


def _weights(ratios: dict[str, float]) -> str:
    """The shares of energy and delay in the change, as a text."""
    energy, delay = math.log(ratios["energy_pj"]), math.log(ratios["cycles"])
    if energy * delay < 0 and min(abs(energy), abs(delay)) > SMALL:
        gains, costs = ("energy", "delay") if energy < 0 else ("delay", "energy")
        return f"it trades {costs} for {gains}"
    part = min(100.0, max(0.0, 100 * delay / (energy + delay)))
    larger, share = ("delay", part) if part >= 50 else ("energy", 100 - part)
    return f"{share:.0f} % of that, in logarithms, is {larger}"


def _text(quantity: str, change: _Change) -> str:
    """A sentence about the component that changes most."""
    verb = "fall" if change.size < 0 else "rise"
    if quantity == "energy":
        named, verb = f"energy of {change.component}", f"{verb}s"
    elif change.component in _DELAYS:
        named = _DELAYS[change.component]
    else:
        named = f"cycles lost to {change.component}'s bandwidth"
    return (
        f"Of {quantity}, what changes most: {named} {verb} from {100 * change.before:.1f} to "
        f"{100 * change.after:.1f} % of Eyeriss's {quantity}."
    )
