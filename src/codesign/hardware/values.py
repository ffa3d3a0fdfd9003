"""The values that a parameter may have, as the section `space` of a hardware file gives them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from codesign.errors import InputError
from codesign.reading import MAX_NUMBER, Fields, shown

MAX_VALUES = 4096
"""The most values that a parameter may have."""

MOST_DIVIDED = 2**24
"""The largest number that `divisors` accepts."""

Named = Mapping[str, tuple[float, ...]]
"""Numbers by name, from the budget (one number) and from lists (several)."""


def as_number(value: float) -> float:
    """The value, as an `int` if it is whole."""
    return int(value) if float(value).is_integer() else float(value)


def read_values(space: Fields, name: str, named: Named) -> tuple[float, ...]:
    """The values of parameter `name`, ascending, each once.

    `space` gives a list or a single range. The entries of a list are numbers, names of numbers,
    or ranges. A range is `{from, to, step}`, `{from, to, times}`, or `{divisors: N}`.

    Raises:
        InputError: it is something else, or there are no values, or more than `MAX_VALUES`.
    """
    given = space.raw(name)
    entries = given if isinstance(given, list) else [given]
    found: set[float] = set()
    for index, entry in enumerate(entries):
        if isinstance(entry, dict):
            place = name if entry is given else f"{name}[{index}]"
            found.update(_range(Fields(entry, f"{space.where}: {place}"), named))
        elif isinstance(given, list):
            found.add(_number(space, name, entry, named))
        else:
            raise space.refuse(name, "a list of numbers, or from and to")
        if len(found) > MAX_VALUES:
            break
    if not 0 < len(found) <= MAX_VALUES:
        raise space.refuse(name, f"1 to {MAX_VALUES} values")
    return tuple(as_number(value) for value in sorted(found))


def _number(space: Fields, name: str, entry: Any, named: Named) -> float:
    if isinstance(entry, str) and len(named.get(entry, ())) == 1:
        return named[entry][0]
    is_number = isinstance(entry, int | float) and not isinstance(entry, bool)
    if not is_number or not 0 <= entry <= MAX_NUMBER:
        raise InputError(
            f"{space.where}: {name} is {shown(space.raw(name))}, in which an entry is "
            f"{shown(entry)}, expected a number from 0 to {MAX_NUMBER:g}"
        )
    return float(entry)


def _range(entry: Fields, named: Named) -> list[float]:
    if "divisors" in entry:
        return _divisors(entry, named)
    first, last = (_bound(entry, key, named) for key in ("from", "to"))
    step, times = entry.number("step", 0.0), entry.number("times", 1.0, minimum=1.0)
    entry.done()
    if last < first and isinstance(entry.raw("to"), str):
        return []  # the budget, not the file, made the range empty
    if last < first or (step <= 0) == (times <= 1) or (times > 1 and first <= 0):
        raise InputError(
            f"{entry.where} is {shown(entry.data)}, expected from and to with either a step above "
            "0 or times above 1"
        )
    values = [first]
    while values[-1] * times + step <= last:
        if len(values) == MAX_VALUES:
            raise InputError(
                f"{entry.where} is {shown(entry.data)}, expected at most {MAX_VALUES} values"
            )
        values.append(values[-1] * times + step)
    return values


def _bound(entry: Fields, key: str, named: Named) -> float:
    given = entry.raw(key)
    if isinstance(given, str) and len(named.get(given, ())) == 1:
        return named[given][0]
    return float(entry.number(key))


def _divisors(entry: Fields, named: Named) -> list[float]:
    given = entry.raw("divisors")
    totals = named.get(given, ()) if isinstance(given, str) else (entry.integer("divisors"),)
    entry.done()
    if not totals or any(t != int(t) or not 1 <= t <= MOST_DIVIDED for t in totals):
        known = f" or one of {', '.join(named)}" if named else ""
        raise entry.refuse("divisors", f"a whole number up to {MOST_DIVIDED}{known}")
    found: set[int] = set()
    for total in map(int, totals):
        small = [n for n in range(1, math.isqrt(total) + 1) if total % n == 0]
        found.update(small, (total // n for n in small))
    return [float(n) for n in sorted(found)]
