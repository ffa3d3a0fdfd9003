"""The bounds that `check` computes again, by plain code that is independent of the search.

In the names of the cost model: with fixed spatial factors, an instance of level s works on
seen_s[d] = |d| / (spatial factors further out) iterations of every dimension. So D_s is at least
the number of words that these need. A sum of n dimensions has at least Σ sizes - n + 1 values.
All costs are linear in the D_s, so a bound on them gives a bound on the costs.

A tile that fits gives a better bound on the D_s of a level, if all tiles are tried
(`SplitBounder.tight`; docs/proofs.md has the reasons).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from codesign.accounting import POSITION, rules_of
from codesign.search.task import MappingTask
from codesign.workload.shape import Dataspace

Split = tuple[tuple[int, ...], ...]
"""For every level, the spatial factor of every dimension, with X and Y multiplied."""

Sizes = tuple[int, ...]
"""For every dimension, what its factors multiply to."""

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Forms:
    """Costs as linear forms of the words that levels receive: of 1 and of D, [1 + J].

    Args:
        energy: the energy in pJ.
        ports: the cycles that each port needs.
        steps: the product of the temporal loops.
        least: [J], the least words.
    """

    energy: Array
    ports: list[Array]
    steps: float
    least: list[float]


class SplitBounder:
    """Bounds on energy and cycles from a spatial split (`docs/cost-model.md`, sections 4 to 10
    and 17 to 19)."""

    def __init__(self, task: MappingTask) -> None:
        self.task, self.layer, self.levels = task, task.layer, task.hardware.levels
        self.rules = rules_of(task.accounting)
        technology, hardware = task.technology, task.hardware
        self.late_cycles = hardware.arithmetic.latency - 1
        for level in self.levels:
            self.late_cycles += level.network_fill_latency + level.network_drain_latency
        self.leak_pj = technology.leak.chip(hardware) + math.fsum(
            [
                technology.leak.mac(hardware.arithmetic) * hardware.pes,
                *(technology.leak.memory(level) * level.instances for level in self.levels),
            ]
        )
        word_bits = hardware.arithmetic.word_bits
        self.mac_pj = technology.mac_energy_pj(word_bits, self.layer.operand_bits(word_bits))
        self.read_pj = [technology.vector_energy_pj(level) for level in self.levels]
        self.write_pj = [technology.write_energy_pj(level) for level in self.levels]
        self.address_pj = [
            technology.address_generator_pj
            if v.address_pj is None or v.address_pj < 0
            else v.address_pj
            for v in self.levels
        ]
        self.places = [
            (s, w)
            for s, level in enumerate(self.levels[:-1])
            for w, space in enumerate(self.layer.shape.dataspaces)
            if level.may_hold(space.name)
        ]
        self.known: dict[tuple[int, Sizes, Sizes], Array] = {}

    def floor(self, sizes: Sizes, pes: int | None = None) -> tuple[float, float]:
        """Lower bounds on energy in pJ and on cycles of all mappings with these products.

        Every operation accesses a word of a dataspace in the innermost level that holds it, shared
        with at most all other children up to there. Every word is accessed in the outermost level.

        Args:
            pes: the most PEs that are busy; all of them by default.
        """
        macs, sharing = math.prod(sizes), 1
        energy, waiting = macs * self.mac_pj, {space.name for space in self.layer.shape.dataspaces}
        counts = dict(zip(self.layer.shape.dimensions, sizes, strict=True))
        top = self.levels[-1]
        for s, (level, (x, y)) in enumerate(
            zip(self.levels, self.task.hardware.fanouts, strict=True)
        ):
            sharing *= x * y
            for space, width in zip(self.layer.shape.dataspaces, self.layer.widths, strict=True):
                if space.name not in waiting or not level.may_hold(space.name):
                    continue
                waiting.discard(space.name)
                energy += macs / sharing * self._access_pj(s, space, width)
                if level is not top:
                    energy += self._values(space, counts) * self._access_pj(-1, space, width)
        delay = macs / (pes or self.task.hardware.pes) + self.late_cycles
        return energy + self.leak_pj * delay, delay

    def _access_pj(self, level: int, space: Dataspace, width: int | None) -> float:
        """The least that an access to an element costs: a read, or of outputs a write."""
        storage, block_pj = self.levels[level], self.read_pj[level]
        if storage.cluster_size > 1:
            return 0.0
        write_pj = self.write_pj[level]
        if space.read_write and write_pj is not None:
            block_pj = min(block_pj, write_pj)
        return block_pj * (width or storage.word_bits) / (storage.block_size * storage.word_bits)

    def bounds(self, split: Split, sizes: Sizes) -> tuple[float, float]:
        """Lower bounds on energy in pJ and on cycles, whatever the levels can hold."""
        forms = self.forms(split, sizes)
        words = np.array([1.0, *forms.least])
        return self._whole(
            float(forms.energy @ words), [float(port @ words) for port in forms.ports], forms.steps
        )

    def tight(self, split: Split, sizes: Sizes) -> tuple[float, float]:
        """Lower bounds on energy in pJ and on cycles, with tiles that fit; infinite without one."""
        forms = self.forms(split, sizes)
        used = [math.prod(column) for column in zip(*split, strict=True)]
        left = tuple(n // u for n, u in zip(sizes, used, strict=True))
        energy, ports = float(forms.energy[0]), [float(port[0]) for port in forms.ports]
        for s in sorted({s for s, _ in self.places}):
            inside = tuple(math.prod(column) for column in zip(*split[: s + 1], strict=True))
            words = self._words(s, inside, left)
            if not len(words):
                return math.inf, math.inf
            some = [1 + j for j, (level, _) in enumerate(self.places) if level == s]
            energy += float((words @ forms.energy[some]).min())
            for n, port in enumerate(forms.ports):
                ports[n] += float((words @ port[some]).min())
        return self._whole(energy, ports, forms.steps)

    def _whole(self, energy: float, ports: list[float], steps: float) -> tuple[float, float]:
        delay = max(steps, *ports) + self.late_cycles
        return energy + self.leak_pj * delay, delay

    def forms(self, split: Split, sizes: Sizes) -> Forms:
        layer, top = self.layer, len(self.levels) - 1
        busy = [math.prod(row) for row in split]
        used = [math.prod(busy[s + 1 :]) for s in range(top + 1)]
        macs = math.prod(sizes)
        steps = macs / math.prod(busy)
        one = np.eye(1 + len(self.places))
        energy, ports = macs * self.mac_pj * one[0], np.zeros((top + 1, 2, len(one)))
        least = [0.0] * len(self.places)
        for w, (space, width) in enumerate(zip(layer.shape.dataspaces, layer.widths, strict=True)):
            asked = steps * one[0]
            for s, level in enumerate(self.levels):
                asked = asked * self._values(
                    space, dict(zip(layer.shape.dimensions, split[s], strict=True))
                )
                if not level.may_hold(space.name):
                    continue
                seen = {
                    letter: sizes[d] // math.prod(row[d] for row in split[s + 1 :])
                    for d, letter in enumerate(layer.shape.dimensions)
                }
                first = self._values(space, seen) * one[0]
                fills = 0 * one[0]
                if s < top:
                    at = self.places.index((s, w))
                    least[at], fills = float(first[0]), one[1 + at]
                received = fills
                reads, updates, additions = asked, 0 * asked, 0 * asked
                if space.read_write:
                    updates, reads = asked, asked - first
                    additions = reads
                    if s < top and not self.rules.first_fills:
                        fills = fills - first
                paid, decoders = self._paid(s, used[s])
                addresses = (updates if space.read_write else reads) + fills
                bits = width or level.word_bits
                block = bits / (level.block_size * level.word_bits)
                read_pj, write_pj = self.read_pj[s], self.write_pj[s]
                write_pj = read_pj if write_pj is None else write_pj
                energy = energy + (reads * read_pj + (updates + fills) * write_pj) * block * paid
                energy = energy + addresses * self.address_pj[s] * decoders
                energy = energy + additions * self.task.technology.adder_pj * used[s]
                share = bits / (level.transfer_bits or level.word_bits)
                ports[s][0] += reads * share
                ports[s][1] += (updates + fills) * share
                asked = received
        cycles = []
        for level, (reads, writes) in zip(self.levels, ports, strict=True):
            cycles.append(reads / (level.read_bandwidth or math.inf))
            cycles.append(writes / (level.write_bandwidth or math.inf))
            cycles.append((reads + writes) / (level.shared_bandwidth or math.inf))
        return Forms(energy, cycles, steps, least)

    def _words(self, s: int, inside: Sizes, left: Sizes) -> Array:
        """[n, J], the least words that level s receives: for tiles that fit, and for every kind of
        loop that may be the innermost one further out.

        Args:
            inside: what its instances work on in parallel.
            left: the temporal iterations, inside and further out.
        """
        key = (s, inside, left)
        if key not in self.known:
            if len(self.known) > 10**4:
                self.known.clear()
            self.known[key] = self._find_words(s, inside, left)
        return self.known[key]

    def _find_words(self, s: int, inside: Sizes, left: Sizes) -> Array:
        shape, spaces = self.layer.shape, [w for level, w in self.places if level == s]
        seen = np.array(inside, np.int64) * np.array(left, np.int64)
        choices = [list_factors(n, is_exact=True) for n in left]
        sliding = {
            name
            for space in shape.dataspaces
            for axis in space.sliding_axes
            for name, _ in axis.terms
        }
        plain = [d for d, name in enumerate(shape.dimensions) if name not in sliding]
        last = max(plain, key=lambda d: len(choices[d]), default=-1)
        loops = np.ones((1, len(left)), np.int64)
        for d, factors in enumerate(choices):
            if d == last:
                continue
            loops = np.repeat(loops, len(factors), axis=0)
            loops[:, d] = np.tile(factors, len(loops) // len(factors))
            loops = loops[self.fits(s, loops * inside)]
        if last >= 0 and len(loops):
            # The words depend on this factor only through the loops further out: the more of them
            # are inside, the fewer words.
            loops = loops[self.fits(s, loops * inside)]
            best = loops.copy()
            for factor in choices[last]:
                best[:, last] = factor
                fits = self.fits(s, best * inside)
                loops[fits, last] = factor
        outer = np.array(left) // loops
        found = []
        patterns = {tuple(self.enters(w, d) for w in spaces): None for d in range(len(left))}
        for pattern in patterns:
            same = [
                d for d in range(len(left)) if tuple(self.enters(w, d) for w in spaces) == pattern
            ]
            leads = (outer[:, same] > 1).any(axis=1) | (outer == 1).all(axis=1)
            if last in same and len(choices[last]) > 1:
                leads[:] = True
            columns = [
                self.union(w, loops[leads] * np.array(inside, np.int64), seen)
                * self._repeats(w, outer[leads], enters)
                for w, enters in zip(spaces, pattern, strict=True)
            ]
            found.append(np.stack(columns, axis=1))
        return _lowest(np.concatenate(found))

    def fits(self, s: int, tiles: NDArray[np.int64]) -> NDArray[np.bool_]:
        level = self.levels[s]
        if level.capacity is None:
            return np.ones(len(tiles), np.bool_)
        held = np.zeros(len(tiles))
        names = self.layer.shape.dimensions
        for space, width in zip(self.layer.shape.dataspaces, self.layer.widths, strict=True):
            if level.may_hold(space.name):
                words = np.full(len(tiles), float(width or level.word_bits))
                for axis in space.axes:
                    words *= 1 + sum(
                        (tiles[:, names.index(name)] - 1) * self.layer.coefficient(c)
                        for name, c in axis.terms
                    )
                held += words
        return np.asarray(held <= level.capacity * level.word_bits)

    def enters(self, w: int, d: int) -> int:
        """How a dimension enters a dataspace: 0 not at all, 1 plainly, 2 along a sliding axis."""
        for axis in self.layer.shape.dataspaces[w].axes:
            if self.layer.shape.dimensions[d] in [name for name, _ in axis.terms]:
                return 1 if axis.is_plain else 2
        return 0

    def _repeats(self, w: int, outer: NDArray[np.int64], leader: int) -> Array:
        """By what loops further out multiply the words at least, if one of a kind is innermost."""
        enters = np.array([self.enters(w, d) for d in range(outer.shape[1])])
        rest = outer[:, enters == 0].prod(axis=1).astype(np.float64)
        if leader == 1:
            return rest
        if leader == 0 or self.rules.window == POSITION:
            return np.ones_like(rest)
        return np.where((outer[:, enters > 0] > 1).any(axis=1), rest, 1.0)

    def union(self, w: int, tiles: NDArray[np.int64], seen: NDArray[np.int64]) -> Array:
        """The fewest words in all boxes of a tile: boxes cover gaps that indices leave."""
        names = self.layer.shape.dimensions
        total = np.ones(len(tiles))
        for axis in self.layer.shape.dataspaces[w].axes:
            terms = [(names.index(name), self.layer.coefficient(c)) for name, c in axis.terms]
            if axis.is_plain:
                total *= seen[..., terms[0][0]]
                continue
            extent = 1.0 + sum((tiles[:, d] - 1) * step for d, step in terms)
            words = np.maximum(extent, 1 + sum(seen[..., d] - 1 for d, _ in terms))
            for d, step in terms:
                steps = seen[..., d] // tiles[:, d]
                covered = extent + (steps - 1) * np.minimum(tiles[:, d] * step, extent)
                for other, _ in terms:
                    if other != d:
                        covered = covered + seen[..., other] // tiles[:, other] - 1
                words = np.maximum(words, covered)
            total *= words
        return total

    def _values(self, space: Dataspace, counts: dict[str, int]) -> float:
        """The fewest different words that these counts of iterations need, by dimension."""
        return float(
            math.prod(
                sum(counts[name] for name, _ in axis.terms) - len(axis.terms) + 1
                for axis in space.axes
            )
        )

    def _paid(self, level: int, used: int) -> tuple[float, float]:
        """The accesses paid, and the addresses generated, per access of one instance."""
        cluster = self.levels[level].cluster_size
        if self.rules.lockstep:
            decoders = -(-used // cluster)
            return decoders * cluster, decoders
        paid = min(used, self.levels[level].instances // cluster)
        return paid, paid


def list_factors(number: int, is_exact: bool) -> list[int]:
    """The divisors of a number, or what it gives rounded up if it is divided, ascending."""
    root = math.isqrt(number)
    if is_exact:
        small = [f for f in range(1, root + 1) if number % f == 0]
        return sorted({*small, *(number // f for f in small)})
    return sorted({*range(1, root + 1), *(-(-number // f) for f in range(1, root + 2))})


def _lowest(points: Array) -> Array:
    """The points [n, J] that no other one is below."""
    kept, width = [], points.shape[1]
    points = points[np.argsort(points.sum(axis=1), kind="stable")]
    while len(points):
        kept.append(points[0])
        points = points[(points < points[0]).any(axis=1)]
    return np.array(kept).reshape(len(kept), width)
