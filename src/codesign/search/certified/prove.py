"""The best accelerator of a budget for a network, with proof: branch and bound over classes.

1. Every accelerator of the hardware space is in one of some dozen classes, or not better than one
   that is (`classes`).
2. The bound of a class is the sum of bounds of its layers. First, these are the bounds of spatial
   splits (`layers`); then they come from the exact mapper, which also chooses the words of the
   register files (`pooled`). Layers are solved one by one, each with a cut-off: the most that it
   may cost if the network is to be better than the best known design and the other layers cost
   their least.
3. Bounds on sums give bounds on products by lines (`hyperbola`).
4. If the layers of a class agree on the words, they are a design. If not, the class is halved at
   the words of one register file. Layers whose mapping fits into a half need not be searched again.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import replace

import numpy as np

from codesign.errors import InputError
from codesign.hardware.files import Chip
from codesign.mapping import MappingBatch
from codesign.search.certified.classes import (
    FileSizes,
    HardwareClass,
    count_points,
    hardware_classes,
)
from codesign.search.certified.hyperbola import chord, least_product, left_over
from codesign.search.certified.layers import LayerBounds, Solution, minimise
from codesign.search.certified.node import Node
from codesign.search.certified.pooled import NothingFitsError, PooledFacts
from codesign.search.certified.proof import CertifiedDesign, ClassRecord, Proof
from codesign.search.exact.incumbent import TIE
from codesign.search.hardware import search_hardware
from codesign.search.settings import Search
from codesign.workload.workload import Workload

START = (20, 60)
"""Hardware trials, and mapping trials per layer, of the search for a first design."""

_CLIMB_FROM = 1.01
"""A cut-off is loose if it is above a layer's bound by more than this factor."""

STEPS = (0.02, 0.005)
"""All classes are settled to within these shares of the EDP before any is settled exactly. So a
proof that stops early has a good bound."""

_SEEDS = 32
"""A search begins with so many of the layer's latest best mappings."""


def prove_codesign(
    workload: Workload,
    chip: Chip,
    accounting: str = "timeloop",
    most_work: float = math.inf,
    tolerance: float = 0.0,
    seed: int = 0,
) -> Proof:
    """The accelerator of least EDP for a network within a chip's budget.

    Args:
        workload: the network.
        chip: the chip with the hardware space.
        accounting: the accounting of the cost model.
        most_work: pairs and nodes after which it stops with the bound proven so far.
        tolerance: classes that cannot be better by more than this share are dropped; the lower
            bound takes this into account.
        seed: the seed of the search for a first design.

    Raises:
        InputError: the rules of the proof do not hold for the space (`classes`), or no accelerator
            was found that can map the network.
    """
    return _Prover(workload, chip, accounting, most_work, tolerance, seed).run()


class _Prover:
    def __init__(
        self,
        workload: Workload,
        chip: Chip,
        accounting: str,
        most_work: float,
        tolerance: float,
        seed: int,
    ) -> None:
        self.workload, self.chip, self.accounting = workload.distinct(), chip, accounting
        self.most_work, self.tolerance, self.seed = most_work, tolerance, seed
        self.counts = np.array(self.workload.counts, np.float64)
        self.heap: list[Node] = []
        self.numbers = 0
        self.slack = 0.0
        self.parked: list[tuple[Node, str, int]] = []
        self.good: list[list[MappingBatch]] = [[] for _ in self.workload.layers]

    def run(self) -> Proof:
        """Settles classes in the order of their bounds until none is open."""
        classes = hardware_classes(self.chip, self.workload.layers)
        first = self._first_design()
        self.proof = Proof(first, math.inf, count_points(self.chip), len(classes))
        for hardware_class in classes:
            self._open(hardware_class)
        last = max(self.tolerance, TIE)
        for self.slack in (*(step for step in STEPS if step > last), last):
            for node, *_ in self.parked:
                heapq.heappush(self.heap, node)
            self.parked.clear()
            while self.heap and self.heap[0].bound < self.goal and not self._is_over:
                self._settle(heapq.heappop(self.heap))
            if self._is_over:
                break
        for node, verdict, work in self.parked:
            self.proof.records.append(ClassRecord(node.hardware_class, verdict, node.bound, work))
        for node in sorted(self.heap):
            verdict = "bounds" if node.bound >= self.goal else "open"
            self.proof.records.append(ClassRecord(node.hardware_class, verdict, node.bound, 0))
        records = [record.lower_bound_edp for record in self.proof.records]
        self.proof.lower_bound_edp = min([*records, self.proof.best.edp])
        return self.proof

    @property
    def goal(self) -> float:
        """Nodes with a bound of at least this are settled in the current step."""
        return self.proof.best.edp * (1 - self.slack)

    @property
    def _is_over(self) -> bool:
        return self.proof.work >= self.most_work

    def _first_design(self) -> CertifiedDesign:
        trials, mappings = START
        run = search_hardware(
            [self.workload],
            self.chip,
            Search("tpe", trials, self.seed),
            Search("tpe", mappings, self.seed),
            accounting=self.accounting,
            start=False,
        )
        if run.best is None:
            raise InputError(f"{self.workload.name}: no accelerator that was tried can map it")
        network = run.networks[run.best][0]
        found = [layer.best_mapping for layer in network.runs]
        mappings_found = tuple(mapping for mapping in found if mapping is not None)
        costs = tuple(
            (float(layer.costs.energy_pj[layer.best]), float(layer.costs.cycles[layer.best]))
            for layer in network.runs
        )
        return CertifiedDesign(
            run.points[run.best], mappings_found, costs, network.energy_pj, network.cycles
        )

    def _record(self, node: Node, verdict: str, bound: float, work: int = 0) -> None:
        self.proof.records.append(ClassRecord(node.hardware_class, verdict, bound, work))

    def _park(self, node: Node, verdict: str, bound: float, work: int = 0) -> None:
        """Marks a node as settled in this step, and keeps it for the next step."""
        node.bound, node.reached = max(node.bound, bound), 0.0
        self.parked.append((node, verdict, work))

    def _open(self, hardware_class: HardwareClass) -> None:
        """Puts a class on the heap with the bound of its spatial splits."""
        layers = []
        for layer in self.workload.layers:
            try:
                layers.append(
                    LayerBounds(PooledFacts(layer, hardware_class, self.chip, self.accounting))
                )
            except NothingFitsError:
                # No accelerator of the class maps this layer.
                self.proof.records.append(ClassRecord(hardware_class, "infeasible", math.inf, 0))
                return
        node = Node(0.0, self.numbers, hardware_class, layers, [[] for _ in layers])
        self.numbers += 1
        self._tighten(node)
        heapq.heappush(self.heap, node)

    def _tighten(self, node: Node) -> tuple[float, float]:
        """Drops splits that take too long, updates the bound, and returns the least energy and
        cycles of the network."""
        for _ in range(2):
            energy = self._sum([layer.least_energy for layer in node.layers])
            least = [layer.least_cycles for layer in node.layers]
            total = self._sum(least)
            if not energy * total < self.goal:
                break
            room = self.proof.best.edp / energy - total
            node.layers = [
                layer.within(cycles + room / count)
                for layer, cycles, count in zip(node.layers, least, self.counts, strict=True)
            ]
        node.bound = max(node.bound, energy * total)
        return energy, total

    def _sum(self, values: list[float]) -> float:
        return math.fsum(np.array(values) * self.counts)

    def _settle(self, node: Node) -> None:
        """Proves that a node is not better than the goal, halves it, or finds a better design."""
        a, least_delay = self._tighten(node)
        if node.bound >= self.goal:
            self._park(node, "bounds", node.bound)
            return
        before = self.proof.work
        # Ranges that were left for one goal do not hold for a higher one.
        is_known = self.goal <= node.reached
        ranges = list(node.ranges) if is_known else [(a, self.goal / least_delay)]
        while ranges:
            low, high = ranges.pop()
            low, high = max(low, a), min(high, self.goal / least_delay)
            if low >= high:
                continue
            slope, height = chord(self.goal, low, high)
            solutions = self._lower(node, slope, height)
            total = self._sum([s.lower for s in solutions])
            if total >= height * (1 - TIE):
                continue
            if any(s.best is None for s in solutions):
                # The budget ran out in the middle of a layer.
                bound = least_product(a, least_delay, slope, total)
                self._record(node, "open", max(bound, node.bound), self.proof.work - before)
                return
            words = self._consider(node, solutions, slope, height)
            rest = left_over(self.goal, low, high, slope, total)
            if words is not None or rest != [(low, high)]:
                ranges += rest
                continue
            node.bound = max(node.bound, least_product(low, least_delay, slope, total))
            self._halve(node, solutions, [*ranges, (low, high)])
            self._record(node, "halved", math.inf, self.proof.work - before)
            return
        verdict = "mapper" if self.proof.work > before else "lines"
        self._park(node, verdict, self.goal, self.proof.work - before)

    def _lower(self, node: Node, slope: float, height: float) -> list[Solution]:
        """Solutions of the layers, solved as far as needed to reach `height` or to miss it.

        First, a layer has to prove only its share of the height, divided as in the best known
        design. This is fast if the class is not promising. Only if it fails for some layer, the
        others are solved completely.
        """
        solutions = [
            self._known(node, index, layer, slope) for index, layer in enumerate(node.layers)
        ]
        shares = [energy + slope * cycles for energy, cycles in self.proof.best.layers]
        untried = set(range(len(solutions)))
        while True:
            waiting = [i for i, solution in enumerate(solutions) if solution.best is None]
            slack = height - self._sum([solution.lower for solution in solutions])
            if slack <= height * TIE or not waiting:
                return solutions
            rest = height - math.fsum(
                solution.lower * count
                for i, (solution, count) in enumerate(zip(solutions, self.counts, strict=True))
                if i not in untried
            )
            whole = math.fsum(shares[i] * self.counts[i] for i in untried)
            cutoffs = {}
            for i in waiting:
                most = solutions[i].lower + slack / self.counts[i]
                mine = shares[i] * rest / whole if i in untried else most
                cutoffs[i] = min(max(mine, solutions[i].lower), most)
            easy = [i for i in waiting if i in untried]
            splits = {i: int((node.layers[i].sums(slope) < cutoffs[i]).sum()) for i in waiting}
            index = min(easy or waiting, key=lambda i: (splits[i], i))
            untried.discard(index)
            if cutoffs[index] <= solutions[index].lower * (1 + TIE):
                continue
            loose = cutoffs[index] > solutions[index].lower * _CLIMB_FROM
            found = minimise(
                node.layers[index].facts, slope, cutoffs[index],
                max(0.0, self.most_work - self.proof.work), loose, self.good[index][-_SEEDS:],
            )  # fmt: skip
            if found.best is not None:
                self.good[index].append(found.best)
            self.proof.work += found.work
            self.proof.solves += 1
            solutions[index] = replace(found, lower=max(found.lower, solutions[index].lower))
            node.known[index].append(solutions[index])
            if found.best is None and found.lower < cutoffs[index] * (1 - TIE):
                return solutions

    def _known(self, node: Node, index: int, layer: LayerBounds, slope: float) -> Solution:
        """The bound of a layer from its splits and from earlier solutions.

        The least sum grows with the slope, but at most in proportion to it.
        """
        lower = float(layer.sums(slope).min(initial=math.inf))
        for earlier in node.known[index]:
            if earlier.slope == slope and earlier.best is not None:
                return earlier
            share = 1.0 if slope >= earlier.slope else slope / earlier.slope
            lower = max(lower, earlier.lower * share)
        return Solution(slope, lower)

    def _consider(
        self, node: Node, solutions: list[Solution], slope: float, height: float
    ) -> FileSizes | None:
        """Makes one design from the layers' mappings. Returns the words if the layers agree on
        them, else None.

        If the words exceed the budget together, the file with the most words gets the next smaller
        number that some layer needs, until they do not. Then the layers are mapped on that
        accelerator.
        """
        chosen = np.array([solution.words for solution in solutions])
        most = chosen.max(axis=0)
        local_words = int(self.chip.template.budget["local_words"])
        fits = most.sum() <= local_words
        while most.sum() > local_words:
            file = max(
                (f for f in range(len(most)) if (chosen[:, f] < most[f]).any()),
                key=lambda f: (int(most[f]), f),
            )
            most[file] = chosen[chosen[:, file] < most[file], file].max()
        words: FileSizes = (int(most[0]), int(most[1]), int(most[2]))
        if not fits:
            single = self._part(node, replace(node.hardware_class, least=words, most=words), [])
            if single is None:
                return None
            solutions = self._lower(single, slope, height)
        found = [solution.best for solution in solutions]
        if all(mapping is not None for mapping in found):
            self._price(node.hardware_class, words, found)
        return words if fits and (chosen == most).all() else None

    def _price(
        self, hardware_class: HardwareClass, words: FileSizes, mappings: list[MappingBatch | None]
    ) -> None:
        """Prices mappings on one accelerator, and keeps the design if it is the best so far."""
        fixed = replace(hardware_class, least=words, most=words)
        energy, cycles, found = [], [], []
        for layer, mapping in zip(self.workload.layers, mappings, strict=True):
            assert mapping is not None
            costs = PooledFacts(layer, fixed, self.chip, self.accounting).price(mapping)
            energy.append(float(costs.energy_pj[0]))
            cycles.append(float(costs.cycles[0]))
            found.append(mapping.mapping(0))
        design = CertifiedDesign(
            fixed.member(words), tuple(found), tuple(zip(energy, cycles, strict=True)),
            self._sum(energy), self._sum(cycles),
        )  # fmt: skip
        if design.edp < self.proof.best.edp:
            self.proof.best = design

    def _halve(
        self, node: Node, solutions: list[Solution], ranges: list[tuple[float, float]]
    ) -> None:
        """Divides a class in two at the words of the register file on which layers differ most."""
        chosen = np.array([solution.words for solution in solutions])
        spread = np.log2(chosen.max(axis=0) / chosen.min(axis=0))
        file = int(np.argmax(spread))
        sizes = node.layers[0].facts.choices
        low, high = np.searchsorted(sizes, [chosen[:, file].min(), chosen[:, file].max()])
        middle = math.sqrt(float(sizes[low]) * float(sizes[high]))
        at = int(np.clip(np.searchsorted(sizes, middle, "right") - 1, low, high - 1))
        for half in node.hardware_class.halves(file, int(sizes[at]), int(sizes[at + 1])):
            if sum(half.least) > node.layers[0].facts.local_words:
                continue
            child = self._part(node, half, ranges)
            if child is not None:
                heapq.heappush(self.heap, child)

    def _part(
        self, node: Node, half: HardwareClass, ranges: list[tuple[float, float]]
    ) -> Node | None:
        """The node for a part of a class; None if some layer has no mapping on it."""
        found = node.part(
            half, self.chip, self.accounting, self.numbers + 1, ranges, reached=self.goal
        )
        self.numbers += found is not None
        return found
