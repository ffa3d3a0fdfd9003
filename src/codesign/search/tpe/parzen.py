"""The fast Parzen estimators: Hyperopt's densities, with components per value, not per trial.

Hyperopt's `adaptive_parzen_normal` gives every trial a Gaussian. Its width is the larger gap to
the neighbours in sorted order, but at least `(n - 1) / min(100, 2 + trials)`. The trials here are
on the grid 0 … n - 1, so most have the same value as others. In a run of equal values, only the
first and the last trial have a gap; those between have the least width. So there are at most three
widths per value. Gaps are whole multiples of one half (the prior is in the middle). So a table,
made once, has the mass that a component gives to a cell; only the row for the least width changes
with the trials.

The table grows with the square of the number of a parameter's values. For a parameter with more
than `MOST_TABLED` values, masses are computed whenever a component needs them. This is slower, but
its memory grows only in proportion to the values.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from codesign.compiled import compiled
from codesign.search.history import Floats, Ints
from codesign.search.tpe.grid import Grid

MOST_TABLED = 512
"""The most values of a parameter with components in the table, which then takes 8 MB."""

INNER, EDGE = range(2)
"""Second index of `Masses.table`: inner cells are 1 wide, the cells at both ends one half."""


class Masses(NamedTuple):
    """The masses that components give to cells, for the S spans of a `Grid`.

    Args:
        table: [2n - 1 + S, 2, n], by row, kind of cell, and distance of the cell from the mean;
            n is the most values of an ordered parameter, up to `MOST_TABLED`. Row g is for the
            width g / 2. The last S rows are for the least widths of each span.
        prior: [S, N], the mass that the prior gives to each cell; N is the most values of all.
    """

    table: Floats
    prior: Floats


class Sums(NamedTuple):
    """Sums over trials by value, arrays [V]: the first, last and total weight, and the number."""

    first: Floats
    last: Floats
    total: Floats
    number: Ints


class FastEstimator:
    """The densities of Hyperopt's TPE as tables. `make_estimator` describes the arguments."""

    def __init__(self, grid: Grid, prior_weight: float, forgetting: int) -> None:
        self.grid = grid
        self.prior_weight = float(prior_weight)
        self.forgetting = forgetting
        spans = grid.spans
        fixed = _fixed_rows(int(spans[spans <= MOST_TABLED].max(initial=2)))
        table = np.concatenate([fixed, np.zeros((len(spans), *fixed.shape[1:]))])
        self._masses = Masses(table, np.zeros((len(spans), int(spans.max(initial=2)))))
        fill_prior(grid.spans, self._masses.prior)
        first, last, total = np.zeros((3, grid.values))
        self._sums = Sums(first, last, total, np.zeros(grid.values, np.int64))

    def __call__(self, codes: Ints, labels: Ints, wanted: int) -> Floats:
        """As in `Estimator`."""
        densities = np.empty(self.grid.values)
        members = sum_up(codes, labels, wanted, self.forgetting, self.grid.offsets, self._sums)
        fill_least(self.grid.spans, members, self._masses.table)
        tabulate(self.grid, members, self.prior_weight, self._masses, self._sums, densities)
        return densities


@lru_cache(maxsize=16)
def _fixed_rows(widest: int) -> NDArray[np.float64]:
    table = np.zeros((2 * widest - 1, 2, widest))
    fill_fixed(table)
    return table


@compiled
def fill_fixed(table) -> None:  # type: ignore[no-untyped-def]
    """Fills the rows of `Masses.table` for the widths one half, one, and so on."""
    for gap in range(1, len(table)):
        fill_row(gap / 2, table, gap)


@compiled
def fill_least(spans, members, table) -> None:  # type: ignore[no-untyped-def]
    """Fills the rows of `Masses.table` for the least widths with `members` trials."""
    base = len(table) - len(spans)
    for s in range(len(spans)):
        if spans[s] <= table.shape[2]:
            fill_row(least_width(spans[s], members), table, base + s)


@compiled
def least_width(size, members) -> float:  # type: ignore[no-untyped-def]
    """The least width: `minsigma` of `adaptive_parzen_normal`, which also counts the prior."""
    return (size - 1) / min(100.0, 2.0 + members)


@compiled
def fill_row(width, table, row) -> None:  # type: ignore[no-untyped-def]
    """Fills a row of `Masses.table`: probabilities of a Gaussian between half-integers."""
    scale = 0.5 / (math.sqrt(2.0) * width)
    table[row, INNER, 0] = math.erf(scale)
    table[row, EDGE, 0] = 0.5 * math.erf(scale)
    for distance in range(1, table.shape[2]):
        near = math.erf((2 * distance - 1) * scale)
        middle = math.erf(2 * distance * scale)
        far = math.erf((2 * distance + 1) * scale)
        table[row, INNER, distance] = 0.5 * (far - near)
        table[row, EDGE, distance] = 0.5 * (middle - near)


@compiled
def fill_prior(spans, prior) -> None:  # type: ignore[no-untyped-def]
    """Fills `Masses.prior`: a Gaussian in the middle, as wide as the whole range."""
    for s in range(len(spans)):
        high = spans[s] - 1
        for cell in range(spans[s]):
            left, right = max(cell - 0.5, 0.0), min(cell + 0.5, 1.0 * high)
            scale = 1.0 / (math.sqrt(2.0) * max(high, 1))
            below = math.erf((left - 0.5 * high) * scale)
            prior[s, cell] = 0.5 * (math.erf((right - 0.5 * high) * scale) - below)


@compiled
def sum_up(codes, labels, wanted, forgetting, offsets, sums) -> int:  # type: ignore[no-untyped-def]
    """Fills `sums` with the trials' weights by value, and returns the number of trials used."""
    first, last, total, number = sums
    for value in range(len(total)):
        total[value] = 0.0
        number[value] = 0
    members = 0
    for trial in range(len(labels)):
        members += wanted >> labels[trial] & 1
    rank = 0
    for trial in range(len(labels)):
        if wanted >> labels[trial] & 1:
            weight = remembered(rank, members, forgetting)
            for parameter in range(len(offsets)):
                value = offsets[parameter] + codes[trial, parameter]
                if number[value] == 0:
                    first[value] = weight
                last[value] = weight
                total[value] += weight
                number[value] += 1
            rank += 1
    return members


@compiled
def remembered(rank, members, forgetting) -> float:  # type: ignore[no-untyped-def]
    """`linear_forgetting_weights`: the weight of the trial that is younger than `rank` others."""
    ramp = members - forgetting
    if rank >= ramp:
        return 1.0
    if ramp == 1:
        return 1.0 / members
    return 1.0 / members + rank * (1.0 - 1.0 / members) / (ramp - 1)


@compiled
def tabulate(grid, members, prior_weight, masses, sums, densities) -> None:  # type: ignore[no-untyped-def]
    """Fills the densities of all parameters from the sums of the trials' weights."""
    sizes, offsets, is_ordered, spans, span = grid
    for parameter in range(len(sizes)):
        size, base = sizes[parameter], offsets[parameter]
        if not is_ordered[parameter]:
            # `tpe_cat_pseudocounts`
            for cell in range(base, base + size):
                densities[cell] = sums.total[cell] + prior_weight
        elif size == 1:
            densities[base] = 1.0
        else:
            s = span[parameter]
            for cell in range(size):
                densities[base + cell] = prior_weight * masses.prior[s, cell]
            least = len(masses.table) - len(spans) + s
            add_components(size, base, members, least, masses.table, sums, densities)
        # Divides by the mass within the range (`p_accept`) and by the sum of weights in one step.
        mass = 0.0
        for cell in range(base, base + size):
            mass += densities[cell]
        for cell in range(base, base + size):
            densities[cell] /= mass


@compiled
def add_components(size, base, members, least, table, sums, densities) -> None:  # type: ignore[no-untyped-def]
    """Adds the Gaussians of the trials of one ordered parameter. Gaps and the prior's place are
    in units of one half."""
    first, last, total, number = sums
    prior = size - 1
    before, value = -1, 0
    while value < size and number[base + value] == 0:
        value += 1
    while value < size:
        after = value + 1
        while after < size and number[base + after] == 0:
            after += 1
        # The neighbours in sorted order. The prior is one of them, before trials of equal value.
        below = 0 if before < 0 else 2 * (value - before)
        if prior <= 2 * value and (before < 0 or prior > 2 * before):
            below = 2 * value - prior
        above = 0 if after == size else 2 * (after - value)
        if prior > 2 * value and (after == size or prior <= 2 * after):
            above = prior - 2 * value
        cell = base + value
        if members == 1:
            # A single trial has half of the prior's width.
            add(1.0, size - 1, size, base, value, members, least, table, densities)
        elif number[cell] == 1:
            width = max(below, above)
            add(total[cell], width, size, base, value, members, least, table, densities)
        else:
            add(first[cell], below, size, base, value, members, least, table, densities)
            add(last[cell], above, size, base, value, members, least, table, densities)
            if number[cell] > 2:
                between = total[cell] - first[cell] - last[cell]
                add(between, 0, size, base, value, members, least, table, densities)
        before, value = value, after


@compiled
def add(weight, gap, size, base, value, members, least, table, densities) -> None:  # type: ignore[no-untyped-def]
    """Adds `weight` times a Gaussian at `value`, with the width gap / 2 or the least width."""
    if size > table.shape[2]:
        add_wide(weight, max(0.5 * gap, least_width(size, members)), size, base, value, densities)
        return
    row = gap
    if 0.5 * gap <= least_width(size, members):
        row = least
    densities[base] += weight * table[row, EDGE, value]
    for cell in range(1, value + 1):
        if cell < size - 1:
            densities[base + cell] += weight * table[row, INNER, value - cell]
    for cell in range(value + 1, size - 1):
        densities[base + cell] += weight * table[row, INNER, cell - value]
    densities[base + size - 1] += weight * table[row, EDGE, size - 1 - value]


@compiled
def add_wide(weight, width, size, base, value, densities) -> None:  # type: ignore[no-untyped-def]
    """As `add`, without the table: outwards from `value` until the Gaussian has no mass left."""
    scale = 0.5 / (math.sqrt(2.0) * width)
    for cell, distance in ((0, value), (size - 1, size - 1 - value)):
        # The end cells are half as wide as the others, because the range ends there.
        near = math.erf((2 * distance - 1) * scale) if distance > 0 else 0.0
        middle = math.erf(2 * distance * scale) if distance > 0 else math.erf(scale)
        densities[base + cell] += weight * 0.5 * (middle - near)
    if 0 < value < size - 1:
        densities[base + value] += weight * math.erf(scale)
    near, distance = math.erf(scale), 1
    while near < 1.0 and distance < size:
        far = math.erf((2 * distance + 1) * scale)
        mass = weight * 0.5 * (far - near)
        if 0 < value - distance < size - 1:
            densities[base + value - distance] += mass
        if 0 < value + distance < size - 1:
            densities[base + value + distance] += mass
        near, distance = far, distance + 1
