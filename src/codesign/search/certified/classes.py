"""Classes of accelerators, and the classes that a proof need not look at.

A point of the Eyeriss template is H1 … H12. For a proof, most values need not be tried, for any
layer:

* **H7, H8.** Both spread loops over the global buffers, in one level, and no cost depends on the
  axis. H7 = H6 with H8 = 1 allows every pair of factors that another H7 · H8 = H6 allows.
* **H9.** A block of b words costs at least b times as much as a word, and is always paid as a
  whole. A smaller block whose size divides b does not need more energy, if it does not cost more
  per word.
* **H11, H12.** The value 2 allows every mapping that 1 allows.
* **H3, H4, H5.** If two register files can hold a tile, the smaller one does not cost more
  (`PooledFacts` refuses energy tables in which it does). So the words are those that mappings need,
  and a class has bounds for the words instead of sizes.

What is left is the fan-out below a global buffer, H2 along Y and H1 / H6 along X, with H6 and H10.
One more rule holds if no tiles of a layer overlap, because each of its axes has only one dimension
with a size above 1:

* **H2.** A fan-out of H2 · H1 / H6 along Y and 1 along X allows every mapping that another H2
  allows. Loops along X can run along Y, inside the loops of the dummy buffer, which does not keep
  any dataspace. Steps change, tiles do not; and without overlaps, only tiles count.

Each rule replaces a point by another one, which must be in the space as well. So the rules assume
that the space has all constraints in `ASSUMED`. Further constraints of the chip may use only the
parameters in `FURTHER`: H6 and H10, which no rule changes, and H9, H11 and H12, whose replacement
is chosen among points that meet the chip's constraints. A proof refuses all other constraints
(`check_assumptions`).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from codesign.errors import InputError
from codesign.factors import DIVISORS
from codesign.hardware.files import Chip
from codesign.hardware.leak import NO_LEAK
from codesign.hardware.point import Point
from codesign.hardware.template import Template
from codesign.workload.layer import Layer

FileSizes = tuple[int, int, int]
"""Words of the register files in the order of levels: outputs, weights, inputs (H5, H4, H3)."""

ASSUMED = (
    "H1 * H2 in PEs",
    "H3 + H4 + H5 <= local_words",
    "H7 * H8 == H6",
    "H1 % H7 == 0",
    "H2 % H8 == 0",
    "H6 % H10 == 0",
    "H6 <= global_words",
)
"""The constraints that the rules above need, and that the space must have.

The first one and those of H7 and H8 stay true under the rules of H7, H8 and H2, which do not change
PEs, H6 and the divisions. The second one is the condition for words in `PooledFacts`. The last two
use only H6 and H10; without them, some accelerators would not be in any class.
"""

FURTHER = ("H6", "H9", "H10", "H11", "H12")
"""The parameters that further constraints may use, besides the budget."""


@dataclass(frozen=True)
class HardwareClass:
    """All accelerators that differ from `point` only in words of register files.

    Args:
        point: H1, H2 and H6 to H12; its H3 to H5 are not used.
        least, most: bounds on the words, which are sizes of register files.
    """

    point: Point
    least: FileSizes
    most: FileSizes

    def member(self, words: FileSizes) -> Point:
        """The point of the class with these words."""
        outputs, weights, inputs = words
        return self.point.having(H3=inputs, H4=weights, H5=outputs)

    def holds(self, words: FileSizes) -> bool:
        """Whether the words are within the bounds."""
        return all(a <= w <= b for a, w, b in zip(self.least, words, self.most, strict=True))

    def halves(self, file: int, at: int, above: int) -> tuple[HardwareClass, HardwareClass]:
        """Two halves of the class: at most `at` words in register file `file`, and at least
        `above` words."""
        most, least = list(self.most), list(self.least)
        most[file], least[file] = at, above
        below = replace(self, most=(most[0], most[1], most[2]))
        return below, replace(self, least=(least[0], least[1], least[2]))


def check_assumptions(template: Template) -> None:
    """Checks that the rules above hold for a template.

    Raises:
        InputError: it is of another family, lacks a constraint that the rules assume, or has one
            that they cannot honour.
    """
    template.require("eyeriss", "a proof over accelerators")
    texts = [constraint.text for constraint in template.constraints]
    for text in ASSUMED:
        if text not in texts:
            raise InputError(
                f"hardware {template.name}: a proof over accelerators assumes the constraint "
                f"{text!r}, which its space does not have"
            )
    for constraint in template.constraints:
        beyond = sorted((constraint.names & set(template.baseline)) - set(FURTHER))
        if constraint.text not in ASSUMED and beyond:
            raise InputError(
                f"hardware {template.name}: a proof over accelerators cannot honour the "
                f"constraint {constraint.text!r}, which uses {', '.join(beyond)}, expected "
                f"constraints on {', '.join(FURTHER)} only"
            )
    _check_choices(template)


def _check_choices(template: Template) -> None:
    """Checks that meshes may be any divisors of the PEs, and that H3, H4, H5 have equal values."""
    for name in ("H1", "H2", "H6", "H7", "H8"):
        if template.space.get(name) != {"divisors": "PEs"}:
            raise InputError(
                f"hardware {template.name}: a proof over accelerators assumes that {name} may be "
                "any divisor of the PEs"
            )
    if len({template.domains[name] for name in ("H3", "H4", "H5")}) > 1:
        raise InputError(
            f"hardware {template.name}: a proof over accelerators assumes the same values of H3, "
            "H4 and H5"
        )


def file_sizes(template: Template) -> tuple[int, ...]:
    """The numbers of words that a register file may have, ascending."""
    return tuple(int(words) for words in template.domains["H3"])


def hardware_classes(chip: Chip, layers: Sequence[Layer]) -> list[HardwareClass]:
    """The classes of a chip's space that a proof must look at, in a fixed order.

    Raises:
        InputError: the rules above do not hold for the space (`check_assumptions`), its energy
            table has static energies, which depend on the words that mappings choose, or energies
            of writing, or a layer has widths.
    """
    template = chip.template
    check_assumptions(template)
    if chip.technology.leak != NO_LEAK:
        raise InputError(
            f"technology {chip.technology.name}: it has static energies (leak), which a proof over "
            "accelerators does not cover"
        )
    if chip.factors != DIVISORS:
        raise InputError(
            f"{chip.template.name}: factors is {chip.factors!r}, expected {DIVISORS!r}, since a "
            "proof over accelerators does not cover others"
        )
    if chip.technology.has_writes:
        raise InputError(
            f"technology {chip.technology.name}: writing costs something else than reading, which "
            "a proof over accelerators does not cover"
        )
    for layer in layers:
        if layer.bits:
            raise InputError(
                f"layer {layer.name}: it gives the bits of its dataspaces, which a proof over "
                "accelerators does not cover"
            )
    has_overlaps = any(_overlaps(layer) for layer in layers)
    sizes, budget = file_sizes(template), template.budget["local_words"]
    most = max(w for w in sizes if w <= budget - 2 * sizes[0])
    found = []
    for pes in template.lists["PEs"]:
        for rows, columns, buffers in fan_outs(int(pes)):
            if columns > 1 and not has_overlaps:
                continue
            point = template.point.having(
                H1=buffers * columns, H2=rows, H3=sizes[0], H4=sizes[0], H5=sizes[0],
                H6=buffers, H7=buffers, H8=1,
            )  # fmt: skip
            for cluster in template.domains["H10"]:
                for each in _undominated(chip, point.having(H10=cluster)):
                    found.append(HardwareClass(each, (sizes[0],) * 3, (most,) * 3))
    return found


def _overlaps(layer: Layer) -> bool:
    """Whether some axis of a dataspace has two dimensions with sizes above 1."""
    return any(
        sum(layer.size(name) > 1 for name, _ in axis.terms) > 1
        for space in layer.shape.dataspaces
        for axis in space.axes
    )


def fan_outs(pes: int) -> Iterator[tuple[int, int, int]]:
    """All ways to write the PEs as rows · columns · global buffers."""
    divisors = [d for d in range(1, pes + 1) if pes % d == 0]
    for rows, columns in itertools.product(divisors, divisors):
        if pes % (rows * columns) == 0:
            yield rows, columns, pes // (rows * columns)


def _undominated(chip: Chip, point: Point) -> list[Point]:
    """The point with all H9, H11 and H12 that the space allows and no other choice replaces."""
    template = chip.template
    domains = [template.domains[name] for name in ("H9", "H11", "H12")]
    points = [
        point.having(H9=block, H11=width, H12=height)
        for block, width, height in itertools.product(*domains)
    ]
    kept = template.hold(template.values(points))
    allowed = [each for each, is_kept in zip(points, kept, strict=True) if is_kept]
    price = {
        block: chip.technology.vector_energy_pj(
            template.hardware(next(p for p in allowed if p["H9"] == block), "class").levels[-2]
        )
        / block
        for block in sorted({p["H9"] for p in allowed})
    }

    def replaces(other: Point, one: Point) -> bool:
        """Whether `other` allows all mappings that `one` allows, without more energy."""
        options = all(other[name] >= one[name] for name in ("H11", "H12"))
        is_same = other["H9"] == one["H9"]
        is_finer = other["H9"] < one["H9"] and one["H9"] % other["H9"] == 0
        is_cheap = price[other["H9"]] <= price[one["H9"]] * (1 + 1e-12)
        return other != one and options and (is_same or (is_finer and is_cheap))

    return [p for p in allowed if not any(replaces(other, p) for other in allowed)]


def count_points(chip: Chip) -> int:
    """The number of points in the hardware space of a chip."""
    template = chip.template
    sizes, budget = file_sizes(template), template.budget["local_words"]
    words = sum(a + b + c <= budget for a, b, c in itertools.product(sizes, repeat=3))
    names = ("H1", "H2", "H7", "H8", "H9", "H10", "H11", "H12")
    free = [name for name in names if name not in template.followers]
    columns = list(template.baseline)
    least = template.point.having(H3=sizes[0], H4=sizes[0], H5=sizes[0])
    found = 0
    # One H1 at a time, which limits the memory.
    for h1 in template.domains["H1"]:
        grid = np.meshgrid(*((h1,) if n == "H1" else template.domains[n] for n in free))
        values = np.tile(template.values([least]), (grid[0].size, 1))
        for name, column in zip(free, grid, strict=True):
            values[:, columns.index(name)] = column.ravel()
        found += int(template.hold(template.completed(values)).sum())
    return words * found
