"""The option of every layer: the least cost for a drop of quality of at most Q, or the front.

A layer has options, such as widths of its operands. Each option has a drop of quality, and the
drops of layers add up. An option's mappings are a curve (`curve`). For the cost E · D, vertices are
not compared one by one: for any value μ of a cycle, the least Σ (E + μ · D) for every drop is found
by dynamic programming over the layers. It keeps the sums that no other beats in both.

Each such run gives designs, and for every drop Q a line E + μ · D ≥ h(Q) that no design with a drop
of at most Q is below. The least E · D above all lines is at a corner of them (`curve` says why
designs of least E · D are on lines). So the next μ is that of the chord between the designs of the
two lines of the corner; if no design is below the chord, the corner is cut off. This ends when the
best corner of every Q costs as much as the best design.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from codesign.errors import InputError
from codesign.search.exact.incumbent import TIE
from codesign.search.objective import COSTS, EDP, check_objective
from codesign.search.software.curve import Curve, Floats, Ints

MOST_STATES = 4 * 10**6
"""Sums that one layer of the dynamic program may keep."""


@dataclass(frozen=True, eq=False)
class Option:
    """One choice of a layer.

    Args:
        name: for example `4x8`.
        drop: what the quality loses with it, at least 0.
        curve: energy and cycles of its mappings, for all executions of the layer together.
    """

    name: str
    drop: float
    curve: Curve


@dataclass(frozen=True, eq=False)
class Choices:
    """The options of a layer.

    Raises:
        InputError: there is no option, a drop is not a number of at least 0, or no option has a
            mapping.
    """

    layer: str
    options: tuple[Option, ...]

    def __post_init__(self) -> None:
        for option in self.options:
            if not 0 <= option.drop < math.inf:
                raise InputError(
                    f"layer {self.layer}: drop of {option.name} is {option.drop!r}, "
                    "expected a number of at least 0"
                )
        if not any(len(option.curve) for option in self.options):
            raise InputError(f"layer {self.layer}: no option has a mapping, expected one")


@dataclass(frozen=True)
class Selection:
    """One option, and one of its vertices, for every layer.

    Args:
        options, vertices: [L], the option of every layer, and the vertex of its curve.
        drop: the sum of drops.
        energy_pj, cycles: the sums over layers.
        bound: no choice with at most this drop costs less, by the objective of the search.
    """

    options: tuple[int, ...]
    vertices: tuple[int, ...]
    drop: float
    energy_pj: float
    cycles: float
    bound: float

    def cost(self, objective: str) -> float:
        """`edp` (pJ·cycles), `energy` (pJ) or `delay` (cycles)."""
        costs = {"energy_pj": self.energy_pj, "cycles": self.cycles}
        return costs.get(COSTS[objective], self.energy_pj * self.cycles)


def choose(
    layers: Sequence[Choices], objective: str = EDP, most_drop: float | None = None
) -> list[Selection]:
    """The choices of least cost, exactly.

    Args:
        layers: the options of every layer.
        objective: `edp`, `energy` or `delay` of the network.
        most_drop: the largest sum of drops.

    Returns:
        With `most_drop`, the one choice of least cost. Without it, the front: by ascending drop,
        all choices that no other beats in drop and cost.

    Raises:
        InputError: no choice has so little drop, or there are more choices than can be compared.
    """
    check_objective(objective, tuple(COSTS))
    if not layers:
        raise InputError("layers is empty, expected at least one")
    least = math.fsum(
        min(option.drop for option in layer.options if len(option.curve)) for layer in layers
    )
    if most_drop is not None and not most_drop >= least:
        raise InputError(f"most_drop is {most_drop!r}, expected at least {least:g}, the least drop")
    return _Search(layers, objective, math.inf if most_drop is None else most_drop).front()


@dataclass(frozen=True)
class _Line:
    """The dynamic program for one value of a cycle: the sums that no other beats, by drop.

    Args:
        slope: μ; infinite to minimise cycles.
        drop: [B], ascending.
        value: [B], the least Σ (E + μ · D) for at most this drop, descending.
        energy_pj, cycles: [B], the sums.
        origins: for every layer, the sum of the layers before that a sum extends, and the option.
        vertices: for every layer, the vertex of every option.
    """

    slope: float
    drop: Floats
    value: Floats
    energy_pj: Floats
    cycles: Floats
    origins: list[tuple[Ints, Ints]]
    vertices: list[Ints]

    def at(self, drops: Floats) -> Ints:
        """The best sum for each of these drops; they are at least the least one."""
        return np.asarray(np.searchsorted(self.drop, drops, side="right") - 1)

    def path(self, at: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The option and the vertex of every layer that a sum has."""
        options = []
        for before, option in reversed(self.origins):
            options.append(int(option[at]))
            at = int(before[at])
        options.reverse()
        found = zip(self.vertices, options, strict=True)
        return tuple(options), tuple(int(vertices[option]) for vertices, option in found)


class _Search:
    def __init__(self, layers: Sequence[Choices], objective: str, most_drop: float) -> None:
        self.layers, self.objective, self.most_drop = layers, objective, most_drop
        ends = {"energy": (0.0,), "delay": (math.inf,), EDP: (0.0, math.inf)}[objective]
        self.lines = [self._line(slope) for slope in ends]

    def front(self) -> list[Selection]:
        """By ascending drop, the choices that no other beats; with a largest drop, the best one."""
        if self.objective == EDP:
            while (slope := self._next_slope()) is not None:
                self.lines.append(self._line(slope))
        _losses, bounds, costs, line, at = self._state()
        kept = np.flatnonzero(costs < np.append(np.inf, np.minimum.accumulate(costs)[:-1]))
        found = []
        for row in kept:
            source = self.lines[line[row]]
            options, vertices = source.path(int(at[row]))
            chosen = [layer.options[n] for layer, n in zip(self.layers, options, strict=True)]
            curves = list(zip((option.curve for option in chosen), vertices, strict=True))
            found.append(
                Selection(
                    options,
                    vertices,
                    math.fsum(option.drop for option in chosen),
                    math.fsum(float(curve.energy_pj[vertex]) for curve, vertex in curves),
                    math.fsum(float(curve.cycles[vertex]) for curve, vertex in curves),
                    float(bounds[row]),
                )
            )
        return found

    def _state(self) -> tuple[Floats, Floats, Floats, Ints, Ints]:
        """Lower bounds and costs for the largest drop, or all at which some line has another sum.

        Returns:
            Losses, bounds and costs [Q], and the line and the sum that has the least cost [Q].
        """
        self.lines.sort(key=lambda line: line.slope)
        drops = np.array([self.most_drop])
        if self.most_drop == math.inf:
            drops = np.unique(np.concatenate([line.drop for line in self.lines]))
        costs, best_line, best_at = np.full(len(drops), np.inf), *np.zeros((2, len(drops)), int)
        for number, line in enumerate(self.lines):
            own = self._cost(line)
            # The cheapest sum for at most some drop need not be the one of the largest drop.
            is_new = own < np.append(np.inf, np.minimum.accumulate(own)[:-1])
            cheapest = np.maximum.accumulate(np.where(is_new, np.arange(len(own)), 0))
            at = cheapest[line.at(drops)]
            better = own[at] < costs
            costs[better], best_line[better], best_at[better] = own[at][better], number, at[better]
        if self.objective != EDP:
            return drops, costs, costs, best_line, best_at
        return drops, np.minimum(self._corners(drops)[0], costs), costs, best_line, best_at

    def _cost(self, line: _Line) -> Floats:
        costs = {"energy": line.energy_pj, "delay": line.cycles}
        return costs.get(self.objective, line.energy_pj * line.cycles)

    def _corners(self, drops: Floats) -> tuple[Floats, Ints]:
        """[Q], the least E · D above all lines for each drop; [Q], the corner that has it.

        Corner n is that of the lines n and n + 1 in the order of their slopes. The least E + μ · D
        is concave in μ, so these are the corners of the region above all lines.
        """
        values = [line.value[line.at(drops)] for line in self.lines]
        products = []
        for n, (low, high) in enumerate(itertools.pairwise(self.lines)):
            cycles = values[n + 1]
            if high.slope < math.inf:
                cycles = (values[n + 1] - values[n]) / (high.slope - low.slope)
            products.append((values[n] - low.slope * cycles) * cycles)
        table = np.array(products)
        best = np.argmin(table, axis=0)
        return table[best, np.arange(len(drops))], best

    def _next_slope(self) -> float | None:
        """The value of a cycle for the chord below which the least bound is; None at the end."""
        drops, bounds, costs, *_ = self._state()
        _, corners = self._corners(drops)
        known = {line.slope for line in self.lines}
        is_open = np.flatnonzero(bounds < costs * (1 - TIE))
        for row in is_open[np.argsort(bounds[is_open] / costs[is_open], kind="stable")]:
            low, high = self.lines[corners[row]], self.lines[corners[row] + 1]
            (first,), (last,) = (line.at(drops[row : row + 1]) for line in (low, high))
            saved = low.cycles[first] - high.cycles[last]
            paid = high.energy_pj[last] - low.energy_pj[first]
            if saved > 0 and paid > 0 and float(paid / saved) not in known:
                return float(paid / saved)
        return None

    def _line(self, slope: float) -> _Line:
        """The dynamic program for one value of a cycle."""
        rest = [
            min(option.drop for option in layer.options if len(option.curve))
            for layer in self.layers
        ]
        energy, cycles, drop, value = np.zeros((4, 1))
        origins, vertices = [], []
        for number, layer in enumerate(self.layers):
            usable = [n for n, option in enumerate(layer.options) if len(option.curve)]
            chosen = np.zeros(len(layer.options), np.int64)
            for n in usable:
                chosen[n] = layer.options[n].curve.at(slope)
            own = [
                (
                    layer.options[n].drop,
                    float(layer.options[n].curve.energy_pj[chosen[n]]),
                    float(layer.options[n].curve.cycles[chosen[n]]),
                )
                for n in usable
            ]
            drops, energies, delays = np.array(own).T
            values = delays if slope == math.inf else energies + slope * delays
            if len(drop) * len(usable) > MOST_STATES:
                raise InputError(
                    f"layer {layer.layer}: more than {MOST_STATES} sums of drops and costs, "
                    "expected drops of fewer digits, or fewer options"
                )
            sums = [
                np.add.outer(old, new).reshape(-1)
                for old, new in (
                    (drop, drops),
                    (value, values),
                    (energy, energies),
                    (cycles, delays),
                )
            ]
            room = self.most_drop - math.fsum(rest[number + 1 :])
            kept = _unbeaten(sums[0], sums[1], room + TIE * abs(room))
            drop, value, energy, cycles = (each[kept] for each in sums)
            origins.append((kept // len(usable), np.array(usable)[kept % len(usable)]))
            vertices.append(chosen)
        return _Line(slope, drop, value, energy, cycles, origins, vertices)


def _unbeaten(drop: Floats, value: Floats, most_drop: float) -> Ints:
    """The rows that no other beats in drop and value, by ascending drop, without larger drops."""
    order = np.lexsort((value, drop))
    order = order[drop[order] <= most_drop]
    least = np.append(np.inf, np.minimum.accumulate(value[order])[:-1])
    return np.asarray(order[value[order] < least])
