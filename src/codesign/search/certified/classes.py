"""Classes of accelerators, and which of them no search needs to look at.

A point of `HardwareSpace` is H1 … H12. For a proof most of them need no look, whatever the layer:

* **H7, H8.** Both spread loops over the global buffers, in one level, and no cost depends on the
  axis. H7 = H6 with H8 = 1 allows every pair of factors that another H7 · H8 = H6 allows.
* **H9.** A block of b words costs b times what a word costs, or more, and is paid whole. A block
  whose size divides it, at no more pJ a word, needs no more.
* **H11, H12.** 2 leaves every mapping that 1 leaves.
* **H3, H4, H5.** Of two register files that hold a tile, the smaller is no dearer (`__init__` of
  `PooledModel` refuses energy tables that say otherwise). So words are what mappings need, and a
  class has bounds for them instead of sizes.

What is left is the fan-outs H2 below a global buffer along Y and H1 / H6 along X, H6 and H10. And
where no tiles of a layer overlap, since each of its axes has one dimension of more than 1:

* **H2.** H2 · H1 / H6 along Y and 1 along X allows every mapping that another H2 allows: what runs
  along X may run along Y, inside the loops of the dummy buffer, which keeps nothing. Steps change,
  tiles do not, and without overlaps only these count.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from codesign.hardware.eyeriss import EyerissPoint, eyeriss
from codesign.hardware.files import Chip
from codesign.space.hardware_space import HardwareSpace, local_words
from codesign.workload.layer import Layer

Words = tuple[int, int, int]
"""Words of the register files as the levels have them: outputs, weights, inputs (H5, H4, H3)."""


@dataclass(frozen=True)
class HardwareClass:
    """All accelerators that differ from `point` only in words of register files.

    Args:
        point: H1, H2 and H6 to H12; its H3 to H5 mean nothing.
        least, most: bounds of the words, each a size that register files have.
    """

    point: EyerissPoint
    least: Words
    most: Words

    def member(self, words: Words) -> EyerissPoint:
        """The point with these words."""
        outputs, weights, inputs = words
        return replace(self.point, h3=inputs, h4=weights, h5=outputs)

    def holds(self, words: Words) -> bool:
        """Whether words are within the bounds."""
        return all(a <= w <= b for a, w, b in zip(self.least, words, self.most, strict=True))

    def halves(self, file: int, at: int, above: int) -> tuple[HardwareClass, HardwareClass]:
        """The class below and above a bound of one file: at most `at`, at least `above` words."""
        most, least = list(self.most), list(self.least)
        most[file], least[file] = at, above
        below = replace(self, most=(most[0], most[1], most[2]))
        return below, replace(self, least=(least[0], least[1], least[2]))


def hardware_classes(chip: Chip, layers: Sequence[Layer]) -> list[HardwareClass]:
    """The classes of a chip's budget that are left by the rules above, in a fixed order."""
    any_row = any(_overlaps(layer) for layer in layers)
    space = HardwareSpace(chip)
    budget, domains = space.budget, dict(chip.domains)
    sizes = local_words(budget)
    most = max(w for w in sizes if w <= budget.local_words - 2 * sizes[0])
    options = {name: max(domains[name]) for name in ("h11", "h12")}
    found = []
    for rows, columns, buffers in fan_outs(budget.pes):
        if buffers > budget.global_words or (columns > 1 and not any_row):
            continue
        for cluster in (c for c in domains["h10"] if buffers % c == 0):
            point = EyerissPoint(
                buffers * columns,
                rows,
                *(sizes[0],) * 3,
                buffers,
                buffers,
                1,
                h10=cluster,
                **options,
            )
            for block in _blocks(chip, point, domains["h9"]):
                point = replace(point, h9=block)
                found.append(HardwareClass(point, (sizes[0],) * 3, (most,) * 3))
    return found


def _overlaps(layer: Layer) -> bool:
    """Whether some axis has two dimensions of more than 1."""
    return any(
        sum(layer.size(name) > 1 for name, _ in axis.terms) > 1
        for space in layer.shape.dataspaces
        for axis in space.axes
    )


def fan_outs(pes: int) -> Iterator[tuple[int, int, int]]:
    """Every way to write the PEs as rows · columns · global buffers."""
    divisors = [d for d in range(1, pes + 1) if pes % d == 0]
    for rows, columns in itertools.product(divisors, divisors):
        if pes % (rows * columns) == 0:
            yield rows, columns, pes // (rows * columns)


def _blocks(chip: Chip, point: EyerissPoint, sizes: tuple[int, ...]) -> list[int]:
    """Block sizes that no other makes needless."""
    assert chip.budget is not None
    price = {}
    for block in sizes:
        buffer = eyeriss("class", replace(point, h9=block), chip.budget).levels[-2]
        price[block] = chip.technology.vector_energy_pj(buffer) / block
    return [
        b
        for b in sizes
        if not any(b % o == 0 and price[o] <= price[b] * (1 + 1e-12) for o in sizes if o < b)
    ]


def count_points(chip: Chip) -> int:
    """How many accelerators the hardware space has."""
    space = HardwareSpace(chip)
    budget, domains = space.budget, dict(chip.domains)
    sizes = local_words(budget)
    words = sum(a + b + c <= budget.local_words for a, b, c in itertools.product(sizes, repeat=3))
    meshes = 0
    for h1 in (d for d in range(1, budget.pes + 1) if budget.pes % d == 0):
        for h7, h8 in itertools.product(range(1, h1 + 1), range(1, budget.pes // h1 + 1)):
            if h1 % h7 == 0 and budget.pes // h1 % h8 == 0 and h7 * h8 <= budget.global_words:
                meshes += sum(h7 * h8 % c == 0 for c in domains["h10"])
    return words * meshes * math.prod(len(domains[name]) for name in ("h9", "h11", "h12"))
