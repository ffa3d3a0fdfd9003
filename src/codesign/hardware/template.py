"""Templates: accelerators whose sizes are formulas over named parameters, within a budget.

A template is all in its hardware file (`docs/files.md`); nothing here knows of any chip.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codesign.errors import InputError
from codesign.hardware.architecture import Hardware
from codesign.hardware.expression import Columns, Condition, Formula, formula
from codesign.hardware.eyeriss import EyerissPoint
from codesign.hardware.levels import UNBOUNDED, read_hardware
from codesign.reading import Fields

MAX_VALUES = 4096
"""Values that a parameter can take."""

_TEXTS = ("name", "technology", "keeps")
_RESERVED = (
    *("experiment", "model", "layer", "hardware", "method", "inner_method", "seed", "trial"),
    *("feasible", "violation", "energy_pj", "cycles", "edp", "best_edp", "edp_of_layers"),
)
"""Columns of result tables, beside which a parameter stands."""

WHOLE = "not a whole number"
MESH = "mesh not a multiple of the one above"


@dataclass(frozen=True)
class TemplatePoint:
    """An accelerator of a template: the value of every parameter, in the template's order."""

    template: str
    values: tuple[tuple[str, float], ...]


Point = EyerissPoint | TemplatePoint
"""How an accelerator of a template is arranged."""


@dataclass(frozen=True)
class Template:
    """A template as its file has it.

    Args:
        name: of the file.
        where: its place, for error messages.
        baseline: of every parameter the value that stands for the chip itself.
        domains: of every parameter the values that a search may choose, ascending.
        budget: more names for formulas, with their values.
        constraints: what must hold of parameters and budget.
        arithmetic, storage: the accelerator, with formulas in place of numbers.

    Raises:
        InputError: the baseline breaks a constraint, or a formula is none.
    """

    name: str
    where: str
    baseline: Mapping[str, float]
    domains: Mapping[str, tuple[float, ...]]
    budget: Mapping[str, float]
    constraints: tuple[str, ...]
    arithmetic: Mapping[str, Any]
    storage: tuple[Mapping[str, Any], ...]

    def __post_init__(self) -> None:
        broken = self.broken(self.columns([self.point]))[0]
        if broken is not None:
            raise InputError(f"{self.where}: parameters break the constraint {broken!r}")

    @property
    def point(self) -> TemplatePoint:
        """The chip itself."""
        return TemplatePoint(self.name, tuple(self.baseline.items()))

    @property
    def names(self) -> tuple[str, ...]:
        """What formulas may speak of: parameters, then budget."""
        return (*self.baseline, *self.budget)

    @cached_property
    def _conditions(self) -> tuple[Condition, ...]:
        where = f"{self.where}: constraints"
        return tuple(Condition(text, self.names, where) for text in self.constraints)

    def columns(self, points: Sequence[TemplatePoint]) -> dict[str, NDArray[np.float64]]:
        """The parameters of points as arrays [B] by name."""
        return {
            name: np.array([dict(point.values)[name] for point in points], np.float64)
            for name in self.baseline
        }

    def _with_budget(self, columns: Columns) -> dict[str, NDArray[np.float64]]:
        size = len(next(iter(columns.values())))
        budget = {name: np.full(size, float(value)) for name, value in self.budget.items()}
        return {**columns, **budget}

    @property
    def rules(self) -> tuple[str, ...]:
        """Everything that `broken` may answer: the constraints, then what any accelerator obeys."""
        return (*self.constraints, WHOLE, MESH)

    def broken(self, columns: Columns) -> list[str | None]:
        """[B], the first rule that each point breaks, or None."""
        rules = self.rules
        return [None if i == len(rules) else rules[i] for i in self.broken_indices(columns)]

    def broken_indices(self, columns: Columns) -> NDArray[np.int64]:
        """[B], the first of `rules` that each point breaks; their number where it breaks none."""
        everything = self._with_budget(columns)
        held = [condition.holds(everything) for condition in self._conditions]
        held += self._shape_rules(everything)
        broken = np.stack([*(~rule for rule in held), np.ones_like(held[0])])
        return np.argmax(broken, axis=0)

    def _shape_rules(self, columns: Columns) -> list[NDArray[np.bool_]]:
        """Whether sizes come out whole, and whether meshes divide."""
        size = len(next(iter(columns.values())))
        whole, divides = np.ones(size, bool), np.ones(size, bool)
        child = None
        # A formula may end in infinity, which nothing divides.
        with np.errstate(invalid="ignore"):
            for mesh in self.meshes(columns):
                x, instances = mesh
                whole &= (x >= 1) & (x % 1 == 0) & (instances % np.maximum(x, 1) == 0)
                y = instances / np.maximum(x, 1)
                if child is not None:
                    fits_x = child[0] % np.maximum(x, 1) == 0
                    divides &= fits_x & (child[1] % np.maximum(y, 1) == 0)
                child = (x, y)
        for level in self.storage:
            for key in ("entries", "depth", "block-size", "cluster-size", "word-bits"):
                if key in level and level[key] != UNBOUNDED:
                    value = self._formula(level, key).of(columns)
                    whole &= (value >= 0) & (value % 1 == 0)
        return [whole, divides]

    def meshes(self, columns: Columns) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
        """(mesh-X, instances), [B] each, of the arithmetic and of every level from the inside."""
        everything = columns if set(self.names) <= set(columns) else self._with_budget(columns)
        found = []
        for level in (self.arithmetic, *self.storage):
            key = "instances" if "instances" in level else None
            one = np.ones(len(next(iter(everything.values()))))
            instances = one if key is None else self._formula(level, key).of(everything)
            x = self._formula(level, "meshX").of(everything) if "meshX" in level else instances
            found.append((x, instances))
        return found

    def _formula(self, level: Mapping[str, Any], key: str) -> Formula:
        where = f"{self.where}: {level.get('name', 'arithmetic')}, {key}"
        return formula(str(level[key]), self.names, where)

    def hardware(self, point: TemplatePoint, name: str) -> Hardware:
        """The accelerator of a point.

        Raises:
            InputError: the point breaks a rule, or a field comes out as it cannot be.
        """
        broken = self.broken(self.columns([point]))[0]
        if broken is not None:
            raise InputError(f"hardware {name}: {dict(point.values)} breaks {broken!r}")
        values = dict(point.values) | dict(self.budget)
        fields = {
            "arithmetic": self._filled(self.arithmetic, values),
            "storage": [self._filled(level, values) for level in self.storage],
        }
        return read_hardware(Fields(fields, self.where), name)

    def _filled(self, level: Mapping[str, Any], values: Mapping[str, float]) -> dict[str, Any]:
        """A level with the values of its formulas, whole where they are."""
        filled = {}
        for key, value in level.items():
            if key in _TEXTS or not isinstance(value, str) or value == UNBOUNDED:
                filled[key] = value
            else:
                filled[key] = as_number(self._formula(level, key)(**values))
        return filled

    def fields(self) -> dict[str, Any]:
        """All of it, for metadata: what decides on a search."""
        return {
            "parameters": dict(self.baseline),
            "space": {name: list(values) for name, values in self.domains.items()},
            "budget": dict(self.budget),
            "constraints": list(self.constraints),
            "arithmetic": dict(self.arithmetic),
            "storage": [dict(level) for level in self.storage],
        }


def as_number(value: float) -> float:
    """The value, as a whole number where it is one."""
    return int(value) if float(value).is_integer() else float(value)


def read_template(fields: Fields, name: str) -> Template:
    """The template that a hardware file describes; the caller says `done`.

    Raises:
        InputError: a name or a number is not what it should be.
    """
    baseline = _read_numbers(fields, "parameters")
    budget = _read_numbers(fields, "budget") if "budget" in fields else {}
    for known in baseline:
        if known in budget:
            raise InputError(f"{fields.where}: {known} is both a parameter and in the budget")
    arithmetic = fields.fields("arithmetic").data
    storage = tuple(entry.data for entry in fields.each("storage"))
    constraints = fields.sequence("constraints", [])
    if not all(isinstance(text, str) for text in constraints):
        raise fields.refuse("constraints", "a list of comparisons such as 'a * b <= c'")
    return Template(
        name,
        fields.where,
        baseline,
        _read_domains(fields, baseline, budget),
        budget,
        tuple(constraints),
        arithmetic,
        storage,
    )


def _read_numbers(fields: Fields, key: str) -> dict[str, float]:
    section = fields.fields(key)
    for name in section.data:
        if not name.isidentifier() or not name.isascii() or name in _RESERVED:
            raise InputError(
                f"{section.where}: {name!r}, expected a name of letters, digits and _ "
                "that no column of result tables has"
            )
    return {name: as_number(section.number(name)) for name in section.data}


def _read_domains(
    fields: Fields, baseline: Mapping[str, float], budget: Mapping[str, float]
) -> dict[str, tuple[float, ...]]:
    """The values of every parameter: those of `space`, and the baseline's."""
    domains: dict[str, tuple[float, ...]] = {name: (value,) for name, value in baseline.items()}
    if "space" not in fields:
        return domains
    space = fields.fields("space")
    for name in baseline:
        if name in space:
            values = {*_read_values(space, name, budget), baseline[name]}
            domains[name] = tuple(sorted(values))
    space.done()
    return domains


def _read_values(space: Fields, name: str, budget: Mapping[str, float]) -> Iterable[float]:
    """A list, `{from, to, step}`, `{from, to, times}`, or `{divisors: N}`."""
    if isinstance(space.raw(name), list):
        numbers = Fields({str(i): v for i, v in enumerate(space.raw(name))}, space.where)
        if not 0 < len(numbers.data) <= MAX_VALUES:
            raise space.refuse(name, f"1 to {MAX_VALUES} values")
        return [as_number(numbers.number(key)) for key in numbers.data]
    entry = space.fields(name)
    if "divisors" in entry:
        known = entry.raw("divisors")
        is_named = isinstance(known, str) and known in budget
        total = budget[known] if is_named else entry.integer("divisors")
        entry.done()
        if total != int(total) or not 1 <= total <= 2**24:
            raise entry.refuse("divisors", f"a whole number or one of {', '.join(budget)}")
        return [n for n in range(1, int(total) + 1) if total % n == 0]
    first, last = entry.number("from"), entry.number("to")
    step, times = entry.number("step", 0.0), entry.number("times", 1.0, minimum=1.0)
    entry.done()
    if last < first or (step <= 0) == (times <= 1) or (times > 1 and first <= 0):
        raise space.refuse(name, "from and to with either a step above 0 or times above 1")
    values = [first]
    while values[-1] * times + step <= last and len(values) < MAX_VALUES:
        values.append(values[-1] * times + step)
    return [as_number(value) for value in values]
