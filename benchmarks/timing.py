"""How things are timed: rounds of all contestants in turn, medians, and ratios within a round."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Timing:
    """One contestant: what was measured, median over rounds, with its quartiles.

    `unit` says whether more is better (`mappings/s`) or less (`s`, `MiB`).
    """

    suite: str
    case: str
    contestant: str
    unit: str
    value: float
    low: float
    high: float


def race(
    suite: str,
    case: str,
    unit: str,
    contestants: Mapping[str, tuple[float, Callable[[], object]]],
    rounds: int = 5,
    is_warm: bool = False,
) -> list[Timing]:
    """Times contestants in turn, round by round, so that what slows one slows all.

    Args:
        suite, case, unit: what is measured, and what a unit of work is.
        contestants: by name, the units of work of a call, and the call. Each is called once
            beforehand, which compiles and warms.
        rounds: how often.
        is_warm: nothing has to be called beforehand.
    """
    if not is_warm:
        for _, call in contestants.values():
            call()
    rates: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, (work, call) in contestants.items():
            began = time.perf_counter()
            call()
            rates[name].append(work / (time.perf_counter() - began))
    return [
        Timing(
            suite, case, name, f"{unit}/s", *(float(np.quantile(r, q)) for q in (0.5, 0.25, 0.75))
        )
        for name, r in rates.items()
    ]
