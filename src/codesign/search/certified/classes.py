"""Classes of accelerators, and which of them no search needs to look at.

A point of the Eyeriss template is H1 … H12. For a proof most of them need no look, whatever the
layer:

* **H7, H8.** Both spread loops over the global buffers, in one level, and no cost depends on the
  axis. H7 = H6 with H8 = 1 allows every pair of factors that another H7 · H8 = H6 allows.
* **H9.** A block of b words costs b times what a word costs, or more, and is paid whole. A block
  whose size divides it, at no more pJ a word, needs no more.
* **H11, H12.** 2 leaves every mapping that 1 leaves.
* **H3, H4, H5.** Of two register files that hold a tile, the smaller costs no more (`__init__` of
  `PooledFacts` refuses energy tables that say otherwise). So words are what mappings need, and a
  class has bounds for them instead of sizes.

What is left is the fan-outs H2 below a global buffer along Y and H1 / H6 along X, H6 and H10. And
where no tiles of a layer overlap, since each of its axes has one dimension of more than 1:

* **H2.** H2 · H1 / H6 along Y and 1 along X allows every mapping that another H2 allows: what runs
  along X may run along Y, inside the loops of the dummy buffer, which keeps nothing. Steps change,
  tiles do not, and without overlaps only these count.

Each rule replaces a point by another, which must be in the space as well. So the rules assume the
constraints in `ASSUMED`, no fewer and no others, of the parameters that they replace freely. What
a chip asks for beyond them may speak of `ASKED` alone: H6 and H10, which no rule changes, and H9,
H11 and H12, whose replacement is taken from what the chip's constraints leave. A proof refuses any
other constraint (`check_assumptions`).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from codesign.errors import InputError
from codesign.hardware.files import Chip
from codesign.hardware.point import Point
from codesign.hardware.template import Template
from codesign.workload.layer import Layer

FileSizes = tuple[int, int, int]
"""Words of the register files as the levels have them: outputs, weights, inputs (H5, H4, H3)."""

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

The first, with those of H7 and H8, is what the rules of H7, H8 and H2 leave as it is: PEs, H6 and
the divisions. The second is what `PooledModel` asks of words. The last two speak of H6 and H10
alone; without them there would be accelerators that no class has.
"""

ASKED = ("H6", "H9", "H10", "H11", "H12")
"""What other constraints may speak of, besides the budget."""


@dataclass(frozen=True)
class HardwareClass:
    """All accelerators that differ from `point` only in words of register files.

    Args:
        point: H1, H2 and H6 to H12; its H3 to H5 mean nothing.
        least, most: bounds of the words, each a size that register files have.
    """

    point: Point
    least: FileSizes
    most: FileSizes

    def member(self, words: FileSizes) -> Point:
        """The point with these words."""
        outputs, weights, inputs = words
        return self.point.having(H3=inputs, H4=weights, H5=outputs)

    def holds(self, words: FileSizes) -> bool:
        """Whether words are within the bounds."""
        return all(a <= w <= b for a, w, b in zip(self.least, words, self.most, strict=True))

    def halves(self, file: int, at: int, above: int) -> tuple[HardwareClass, HardwareClass]:
        """The class below and above a bound of one file: at most `at`, at least `above` words."""
        most, least = list(self.most), list(self.least)
        most[file], least[file] = at, above
        below = replace(self, most=(most[0], most[1], most[2]))
        return below, replace(self, least=(least[0], least[1], least[2]))


def check_assumptions(template: Template) -> None:
    """Refuses, in one sentence, a space of which the rules above do not hold.

    Raises:
        InputError: it is of another template, has a constraint that they cannot honour, or lacks
            one that they assume.
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
        beyond = sorted((constraint.names & set(template.baseline)) - set(ASKED))
        if constraint.text not in ASSUMED and beyond:
            raise InputError(
                f"hardware {template.name}: a proof over accelerators cannot honour the "
                f"constraint {constraint.text!r}, which speaks of {', '.join(beyond)}, expected "
                f"constraints on {', '.join(ASKED)} alone"
            )
    _check_choices(template)


def _check_choices(template: Template) -> None:
    """Meshes are any that divide the PEs, and the three register files come in the same sizes."""
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
    """The words that a register file can have, ascending."""
    return tuple(int(words) for words in template.domains["H3"])


def hardware_classes(chip: Chip, layers: Sequence[Layer]) -> list[HardwareClass]:
    """The classes of a chip's space that are left by the rules above, in a fixed order.

    Raises:
        InputError: the rules do not hold of the space (`check_assumptions`).
    """
    template = chip.template
    check_assumptions(template)
    any_row = any(_overlaps(layer) for layer in layers)
    sizes, budget = file_sizes(template), template.budget["local_words"]
    most = max(w for w in sizes if w <= budget - 2 * sizes[0])
    found = []
    for pes in template.lists["PEs"]:
        for rows, columns, buffers in fan_outs(int(pes)):
            if columns > 1 and not any_row:
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


def _undominated(chip: Chip, point: Point) -> list[Point]:
    """The H9, H11, H12 that the space allows with the rest of a point, but for needless ones."""
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

    def stands_for(other: Point, one: Point) -> bool:
        """Whether `other` allows all that `one` allows, at no more energy."""
        options = all(other[name] >= one[name] for name in ("H11", "H12"))
        is_same = other["H9"] == one["H9"]
        is_finer = other["H9"] < one["H9"] and one["H9"] % other["H9"] == 0
        is_cheap = price[other["H9"]] <= price[one["H9"]] * (1 + 1e-12)
        return other != one and options and (is_same or (is_finer and is_cheap))

    return [p for p in allowed if not any(stands_for(other, p) for other in allowed)]


def count_points(chip: Chip) -> int:
    """How many accelerators the hardware space has."""
    template = chip.template
    sizes, budget = file_sizes(template), template.budget["local_words"]
    words = sum(a + b + c <= budget for a, b, c in itertools.product(sizes, repeat=3))
    names = ("H1", "H2", "H7", "H8", "H9", "H10", "H11", "H12")
    free = [name for name in names if name not in template.followers]
    columns = list(template.baseline)
    least = template.point.having(H3=sizes[0], H4=sizes[0], H5=sizes[0])
    found = 0
    # One mesh at a time, which bounds the memory that takes.
    for h1 in template.domains["H1"]:
        grid = np.meshgrid(*((h1,) if n == "H1" else template.domains[n] for n in free))
        values = np.tile(template.values([least]), (grid[0].size, 1))
        for name, column in zip(free, grid, strict=True):
            values[:, columns.index(name)] = column.ravel()
        found += int(template.hold(template.completed(values)).sum())
    return words * found
