"""Templates: accelerators whose sizes are formulas over named parameters, within a budget.

Every accelerator is of a template; one without parameters is a template with nothing to choose.
A template is data (`docs/files.md`, `templates/`): nothing here knows of any chip.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codesign.errors import InputError
from codesign.hardware.architecture import Hardware
from codesign.hardware.dataflow import FREE, Dataflow, SlotRule
from codesign.hardware.expression import Condition, Floats, Formula, formula
from codesign.hardware.levels import SPANS, UNBOUNDED, read_hardware
from codesign.hardware.point import Budget, Point
from codesign.hardware.rules import Constraint, InSpan, Rule, Sizes, shape_rules
from codesign.hardware.templates import families, given_numbers
from codesign.hardware.values import as_number, read_values
from codesign.reading import Fields


@dataclass(frozen=True)
class Template:
    """A template as its file has it.

    Args:
        name: the chip's.
        where: its file, for error messages.
        family: the shipped template that it is of, or its own name; empty without parameters.
        baseline: of every parameter the value that stands for the chip itself.
        arithmetic, storage: the accelerator, with formulas in place of numbers.
        space: of parameters the values that a search may choose, as `read_values` reads them;
            the others stay as they are.
        budget: more names for formulas, with their values.
        lists: names for several numbers, for `in` and `divisors`.
        comparisons: what must hold of parameters and budget: pairs of a name and a comparison.
        follows: parameters that are no choice of their own, with the formula that they follow.
            Where that speaks of a list of several numbers, they are chosen like any other.
        labels: parameters without an order.
        features: formulas that a surrogate looks at; None for what it does by itself.
        array: PEs of which a surrogate looks at the share that layers fill; None for the point's.
        pins: comparisons, and what a dataflow asks for in addition where they hold. Of two for
            the same slot, the first counts.

    Raises:
        InputError: the baseline breaks a rule, or a formula is not one.
    """

    name: str
    where: str
    family: str
    baseline: Mapping[str, float]
    arithmetic: Mapping[str, Any]
    storage: tuple[Mapping[str, Any], ...]
    space: Mapping[str, Any] = field(default_factory=dict)
    budget: Mapping[str, float] = field(default_factory=dict)
    lists: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    comparisons: tuple[tuple[str, str], ...] = ()
    follows: Mapping[str, str] = field(default_factory=dict)
    labels: tuple[str, ...] = ()
    features: tuple[str, ...] | None = None
    array: str | None = None
    pins: tuple[tuple[str, SlotRule], ...] = ()

    def __post_init__(self) -> None:
        broken = self.complaint(self.point)
        if broken is not None:
            raise InputError(f"{self.where}: {broken}")

    # --- names

    @property
    def point(self) -> Point:
        """The chip itself."""
        return Point(self.family, tuple(self.baseline.items()))

    @property
    def levels(self) -> tuple[Mapping[str, Any], ...]:
        """The arithmetic, then the storage levels, innermost first."""
        return (self.arithmetic, *self.storage)

    @cached_property
    def constants(self) -> dict[str, float]:
        """Names for formulas beside the parameters: the budget, and lists of a single number."""
        single = {name: values[0] for name, values in self.lists.items() if len(values) == 1}
        return {name: float(value) for name, value in (*self.budget.items(), *single.items())}

    @cached_property
    def names(self) -> tuple[str, ...]:
        """What formulas may speak of: parameters, then budget."""
        return (*self.baseline, *self.constants)

    @cached_property
    def domains(self) -> dict[str, tuple[float, ...]]:
        """The values that a search may choose, ascending, of the parameters that have any.

        Raises:
            InputError: there are too many of them.
        """
        named = {name: (value,) for name, value in self.constants.items()} | dict(self.lists)
        space = Fields(dict(self.space), f"{self.where}: space")
        return {name: read_values(space, name, named) for name in self.baseline if name in space}

    @cached_property
    def followers(self) -> dict[str, Formula]:
        """The parameters that follow from others, with their formulas."""
        several = {name for name, values in self.lists.items() if len(values) > 1}
        found = {}
        for name, text in self.follows.items():
            parsed = formula(text, (*self.names, *sorted(several)), f"{self.where}: {name}")
            if not parsed.names & several:
                found[name] = parsed
        return found

    @cached_property
    def searched(self) -> tuple[str, ...]:
        """The parameters that a search chooses: those of `space` that do not follow from others."""
        return tuple(name for name in self.domains if name not in self.followers)

    @property
    def has_choice(self) -> bool:
        """Whether some parameter has several values."""
        return any(len(self.domains[name]) > 1 for name in self.searched)

    # --- many points at once

    def values(self, points: Sequence[Point]) -> Floats:
        """[B, parameters], points as an array, columns in the template's order."""
        rows = [[point.named[name] for name in self.baseline] for point in points]
        return np.array(rows, np.float64).reshape(len(rows), len(self.baseline))

    def point_of(self, row: Floats) -> Point:
        """A row of such an array by name."""
        named = zip(self.baseline, row.tolist(), strict=True)
        return Point(self.family, tuple((name, as_number(value)) for name, value in named))

    def sizes(self, values: Floats) -> Sizes:
        """What the formulas come to at points [B, parameters]."""
        columns: dict[str, Floats | float] = dict(self.constants)
        columns |= {name: values[:, column] for column, name in enumerate(self.baseline)}
        return Sizes(self, columns, len(values))

    def completed(self, values: Floats) -> Floats:
        """Points [B, parameters] with what follows from other parameters put right."""
        values = values.copy()
        columns = self.sizes(values).columns
        for name, follows in self.followers.items():
            values[:, list(self.baseline).index(name)] = follows.of(columns, len(values))
        return values

    # --- rules

    @cached_property
    def constraints(self) -> tuple[Constraint, ...]:
        """What the file asks for."""
        where = f"{self.where}: constraints"
        return tuple(
            Constraint(name, Condition(text, self.names, where, self.lists))
            for name, text in self.comparisons
        )

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """All that must hold: the constraints, then what any accelerator obeys."""
        return (*self.constraints, *shape_rules(self))

    def formula_names(self, place: int, *keys: str) -> frozenset[str]:
        """What the formulas under some keys of a level speak of; nothing if of the budget alone."""
        found: set[str] = set()
        for key in keys:
            if self._is_formula(self.levels[place], key):
                found |= self.formula(place, key).names
        return frozenset(found) if found & set(self.baseline) else frozenset()

    def _is_formula(self, level: Mapping[str, Any], key: str) -> bool:
        is_text = key in SPANS and isinstance(level.get(key), str) and level[key] != UNBOUNDED
        # Without names there are no formulas: texts are then told to be none.
        return bool(self.names) and is_text

    def formula(self, place: int, key: str) -> Formula:
        """The formula under a key of a level."""
        level = self.levels[place]
        where = f"{self.where}: {level.get('name', 'arithmetic')}, {key}"
        return formula(str(level[key]), self.names, where)

    def hold(self, values: Floats, rules: Sequence[Rule] | None = None) -> NDArray[np.bool_]:
        """[B], whether points [B, parameters] keep to `rules`: those of the template if None."""
        sizes = self.sizes(values)
        found = np.ones(len(values), bool)
        with np.errstate(all="ignore"):
            for rule in self.rules if rules is None else rules:
                found &= rule.holds(sizes)
        return found

    def first_broken(
        self, values: Floats, rules: Sequence[Rule] | None = None
    ) -> NDArray[np.int64]:
        """[B], which of `rules` points [B, parameters] break first; their number where none."""
        rules = self.rules if rules is None else rules
        sizes = self.sizes(values)
        found = np.full(len(values), len(rules), np.int64)
        with np.errstate(all="ignore"):
            for number, rule in reversed(list(enumerate(rules))):
                found[~rule.holds(sizes)] = number
        return found

    def complaint(self, point: Point) -> str | None:
        """Which rule a point breaks, in words; None where it breaks none."""
        if not self.rules:
            return None
        values = self.values([point])
        broken = int(self.first_broken(values)[0])
        if broken == len(self.rules):
            return None
        rule = self.rules[broken]
        if isinstance(rule, InSpan):
            value = float(self.sizes(values).of(rule.place, rule.key)[0])
            formula_text = self.levels[rule.place][rule.key]
            return (
                f"{rule.level}, {rule.key} is {value:.10g} ({formula_text}) with these parameters, "
                f"expected {SPANS[rule.key]}"
            )
        known: dict[str, Any] = {**point.named, **self.constants, **self.lists}
        told = ", ".join(f"{name} = {_told(known[name])}" for name in known if name in rule.names)
        text = rule.text if isinstance(rule, Constraint) else rule.name
        return f"parameters break the constraint {text!r} ({told})"

    # --- accelerators

    def hardware(self, point: Point, name: str) -> Hardware:
        """The accelerator of a point.

        Raises:
            InputError: the point breaks a rule, or a field comes out as it cannot be.
        """
        broken = self.complaint(point)
        if broken is not None:
            raise InputError(f"hardware {name}: {broken}")
        values = self.constants | point.named
        fields = {
            "arithmetic": self._filled(0, values),
            "storage": [self._filled(place + 1, values) for place in range(len(self.storage))],
        }
        return read_hardware(Fields(fields, self.where), name)

    def _filled(self, place: int, values: Mapping[str, float]) -> dict[str, Any]:
        """A level with the values of its formulas, whole where they are."""
        level = self.levels[place]
        return {
            key: as_number(self.formula(place, key)(**values))
            if self._is_formula(level, key)
            else value
            for key, value in level.items()
        }

    def dataflow(self, point: Point) -> Dataflow:
        """The map-space that a point leaves its mappings: free, but for its pins."""
        columns = self.sizes(self.values([point])).columns
        held = [rule for condition, rule in self._pins if condition.holds(columns, 1)[0]]
        return FREE.also(*held)

    @cached_property
    def _pins(self) -> tuple[tuple[Condition, SlotRule], ...]:
        where = f"{self.where}: pins"
        return tuple(
            (Condition(text, self.names, where, self.lists), rule) for text, rule in self.pins
        )

    # --- the same with a change

    def at(self, point: Point) -> Template:
        """The template of a chip that is arranged otherwise."""
        return replace(self, baseline=dict(point.named))

    def choosing(self, name: str, values: Sequence[float]) -> Template:
        """The template with other values for one parameter to choose from."""
        return replace(self, space={**self.space, name: list(values)})

    def constrained(self, *comparisons: str) -> Template:
        """The template with more constraints."""
        return replace(
            self, comparisons=(*self.comparisons, *((text, text) for text in comparisons))
        )

    def without(self, comparison: str) -> Template:
        """The template without one of its constraints.

        Raises:
            InputError: it has no such constraint.
        """
        rest = tuple(pair for pair in self.comparisons if pair[1] != comparison)
        if len(rest) == len(self.comparisons):
            raise InputError(f"{self.where}: it has no constraint {comparison!r}")
        return replace(self, comparisons=rest)

    def require(self, family: str, what: str) -> None:
        """Refuses a template of another family, in a sentence that says for what."""
        if self.family != family:
            raise InputError(
                f"hardware {self.name}: {what} expects a file with 'template: {family}'"
            )

    @cached_property
    def recorded_budget(self) -> Budget:
        """What beside a point decides on its accelerator: the budget, and lists of several."""
        several = {name: values for name, values in self.lists.items() if len(values) > 1}
        is_shipped = self.family in families()
        names = given_numbers(self.family, "budget") if is_shipped else self.budget
        return {name: self.budget[name] for name in names} | several

    def fields(self) -> dict[str, Any]:
        """All that decides on a search, for metadata."""
        return {
            "parameters": dict(self.baseline),
            "space": {name: list(values) for name, values in self.domains.items()},
            "budget": dict(self.budget),
            "lists": {name: list(values) for name, values in self.lists.items()},
            "constraints": [text for _, text in self.comparisons],
            "pins": [
                {"when": text, "level": rule.level, "kind": rule.kind} for text, rule in self.pins
            ],
            "arithmetic": dict(self.arithmetic),
            "storage": [dict(level) for level in self.storage],
        }


def _told(value: float | tuple[float, ...]) -> str:
    return ", ".join(f"{v:.10g}" for v in value) if isinstance(value, tuple) else f"{value:.10g}"
