"""Rules that the accelerators of a template must meet, each checked for many points at once.

A template has one list of rules (`Template.rules`). All code that proposes accelerators, checks
them, or proves something about all of them uses that list.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from codesign.hardware.expression import Columns, Condition, Floats
from codesign.hardware.levels import SPANS, UNBOUNDED

if TYPE_CHECKING:
    from codesign.hardware.template import Template


class Sizes:
    """The values of a template's formulas at B points, each computed when it is first needed.

    Args:
        template: the template with the formulas.
        columns: the parameters, each an array [B], and the numbers of the budget.
        count: the number B of points.
    """

    def __init__(self, template: Template, columns: Columns, count: int) -> None:
        self.template, self.columns, self.count = template, columns, count
        self._known: dict[object, Floats] = {}

    def of(self, place: int, key: str) -> Floats:
        """[B], the number under `key` of the arithmetic (place 0) or of a level (1 for innermost).

        A key that the file leaves out has its default. An unbounded capacity is infinite.
        """
        value = self.template.levels[place].get(key)
        if value is None and key == "meshX":
            return self.of(place, "instances")
        known = _DEFAULTS[key] if value is None else value
        if known not in self._known:
            self._known[known] = self._work_out(place, key, known)
        return self._known[known]

    def _work_out(self, place: int, key: str, value: float | str) -> Floats:
        if value == UNBOUNDED:
            return np.full(self.count, np.inf)
        if isinstance(value, str):
            return self.template.formula(place, key).of(self.columns, self.count)
        return np.full(self.count, float(value))

    def words(self, place: int) -> Floats:
        """[B], words per instance of a level, from whichever key gives the capacity."""
        level = self.template.levels[place]
        if "entries" in level:
            return self.of(place, "entries")
        if "depth" in level:
            return self.of(place, "depth") * self.of(place, "block-size")
        if "sizeKB" in level:
            return np.floor(self.of(place, "sizeKB") * 8192) // self.of(place, "word-bits")
        return np.full(self.count, np.inf)

    def mesh(self, place: int) -> tuple[Floats, Floats]:
        """([B], [B]), the mesh along X and along Y of the arithmetic or of a level."""
        x, instances = self.of(place, "meshX"), self.of(place, "instances")
        key = "mesh-Y", id(x), id(instances)
        if key not in self._known:
            self._known[key] = instances / x
        return x, self._known[key]

    def fan_outs(self) -> list[tuple[Floats, Floats]]:
        """([B], [B]), X and Y, from every level to the one below it, innermost level first."""
        meshes = [self.mesh(place) for place in range(len(self.template.levels))]
        return [
            (inner[0] / outer[0], inner[1] / outer[1])
            for inner, outer in itertools.pairwise(meshes)
        ]


_DEFAULTS = {"instances": 1.0, "word-bits": 16.0, "block-size": 1.0}


class Rule(Protocol):
    """A rule that every accelerator of a template must meet."""

    @property
    def name(self) -> str:
        """The name of the rule in tables and messages."""

    @property
    def names(self) -> frozenset[str]:
        """The parameters, numbers and lists that it uses."""

    def holds(self, sizes: Sizes) -> NDArray[np.bool_]:
        """[B], whether each point meets the rule."""


@dataclass(frozen=True)
class Constraint:
    """A rule of the hardware file: a comparison.

    Args:
        name: the name that the file gives, or the text of the comparison.
        condition: the comparison.
    """

    name: str
    condition: Condition

    @property
    def text(self) -> str:
        """The text of the comparison."""
        return self.condition.text

    @property
    def names(self) -> frozenset[str]:
        """The parameters, numbers and lists that it uses."""
        return self.condition.names

    def holds(self, sizes: Sizes) -> NDArray[np.bool_]:
        """[B], whether each point meets it; False where a side is undefined."""
        return self.condition.holds(sizes.columns, sizes.count)


@dataclass(frozen=True)
class InSpan:
    """The rule that the value of a formula is in the span of its key."""

    level: str
    place: int
    key: str
    names: frozenset[str]

    @property
    def name(self) -> str:
        """`Buffer: entries is a whole number from 0 to 1099511627776`."""
        return f"{self.level}: {self.key} is {SPANS[self.key]}"

    def holds(self, sizes: Sizes) -> NDArray[np.bool_]:
        """[B], whether the value is in the span."""
        return SPANS[self.key].holds(sizes.of(self.place, self.key))


@dataclass(frozen=True)
class EqualRows:
    """The rule that the instances of a level are in rows of equal length."""

    level: str
    place: int
    names: frozenset[str]

    @property
    def name(self) -> str:
        """`Buffer: meshX divides instances`."""
        return f"{self.level}: meshX divides instances"

    def holds(self, sizes: Sizes) -> NDArray[np.bool_]:
        """[B], whether the rows are equal."""
        return _divides(sizes.of(self.place, "meshX"), sizes.of(self.place, "instances"))


@dataclass(frozen=True)
class Nested:
    """The rule that a mesh is a multiple of the next level's outwards, along X and along Y."""

    level: str
    outer: str
    place: int
    names: frozenset[str]

    @property
    def name(self) -> str:
        """`PEs: mesh is a multiple of that of Buffer`."""
        return f"{self.level}: mesh is a multiple of that of {self.outer}"

    def holds(self, sizes: Sizes) -> NDArray[np.bool_]:
        """[B], whether the inner mesh is a multiple of the outer one."""
        inner, outer = sizes.mesh(self.place), sizes.mesh(self.place + 1)
        return _divides(outer[0], inner[0]) & _divides(outer[1], inner[1])


def _divides(divisors: Floats, numbers: Floats) -> NDArray[np.bool_]:
    """Whether `numbers` are multiples of `divisors`; False for infinity and NaN."""
    return np.asarray(numbers % divisors == 0)


def shape_rules(template: Template) -> Iterable[Rule]:
    """The rules for any accelerator, as far as they depend on parameters.

    Numbers are within their spans, rows are equal, meshes are multiples of each other. A rule
    that two levels have in common is given once.
    """
    levels = [str(level.get("name", "arithmetic")) for level in template.levels]
    seen: set[object] = set()
    for place, level in enumerate(template.levels):
        for key, span in SPANS.items():
            names, asked = template.formula_names(place, key), (span, level.get(key))
            if names and asked not in seen:
                yield InSpan(levels[place], place, key, names)
            seen.add(asked)
    meshes = [_mesh(level) for level in template.levels]
    speak_of = [template.formula_names(p, "instances", "meshX") for p in range(len(levels))]
    for place, mesh in enumerate(meshes):
        if speak_of[place] and mesh[0] != mesh[1] and mesh not in seen:
            yield EqualRows(levels[place], place, speak_of[place])
        seen.add(mesh)
    for place, (inner, outer) in enumerate(itertools.pairwise(meshes)):
        names = speak_of[place] | speak_of[place + 1]
        if names and inner != outer:
            yield Nested(levels[place], levels[place + 1], place, names)


def _mesh(level: Mapping[str, Any]) -> tuple[object, object]:
    """`meshX` and `instances` of a level, as in the file: numbers or formulas."""
    instances = level.get("instances", 1)
    return level.get("meshX", instances), instances
