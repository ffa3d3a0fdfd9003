"""Templates: accelerators whose numbers are formulas over named parameters, within a budget.

Every accelerator has a template. An accelerator without parameters has one with nothing to choose.
Templates are data (`docs/files.md`, `templates/`): this code does not depend on any chip.
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
    """A template, as its file gives it.

    Args:
        name: the name of the chip.
        where: its file, for error messages.
        family: the name of the shipped template, or the chip's own name if it brings its own
            template; empty without parameters.
        baseline: the chip's own value of every parameter.
        arithmetic, storage: the accelerator, with formulas in place of numbers.
        space: by parameter, the values that a search may choose, in the form that `read_values`
            reads. The other parameters keep their baseline.
        budget: further names that formulas may use, with their values.
        lists: names of lists of numbers, for `in` and `divisors`.
        comparisons: constraints on parameters and budget: pairs of a name and a comparison.
        follows: parameters that follow from others, with their formulas. If the formula uses a
            list of several numbers, the parameter is chosen like any other.
        labels: parameters whose values have no order.
        features: formulas for the features of a surrogate; None for the default features.
        array: the formula for the number of PEs in the feature "share of PEs that layers fill";
            None for the PEs of the point.
        pins: pairs of a comparison and a slot rule that the dataflow has in addition where the
            comparison holds. Of two rules for the same slot, the first counts.

    Raises:
        InputError: the baseline breaks a rule, or a text is not a formula.
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
        """The point of the chip itself."""
        return Point(self.family, tuple(self.baseline.items()))

    @property
    def levels(self) -> tuple[Mapping[str, Any], ...]:
        """The arithmetic, then the storage levels, innermost first."""
        return (self.arithmetic, *self.storage)

    @cached_property
    def constants(self) -> dict[str, float]:
        """What formulas may use besides parameters: the budget, and lists of a single number."""
        single = {name: values[0] for name, values in self.lists.items() if len(values) == 1}
        return {name: float(value) for name, value in (*self.budget.items(), *single.items())}

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names that formulas may use: parameters, then constants."""
        return (*self.baseline, *self.constants)

    @cached_property
    def domains(self) -> dict[str, tuple[float, ...]]:
        """The values that a search may choose, ascending, of every parameter in `space`.

        Raises:
            InputError: an entry is not a value, or there are too many values.
        """
        named = {name: (value,) for name, value in self.constants.items()} | dict(self.lists)
        space = Fields(dict(self.space), f"{self.where}: space")
        return {name: read_values(space, name, named) for name in self.baseline if name in space}

    @cached_property
    def followers(self) -> dict[str, Formula]:
        """The parameters that follow from others, with their formulas (see `follows`)."""
        several = {name for name, values in self.lists.items() if len(values) > 1}
        found = {}
        for name, text in self.follows.items():
            parsed = formula(text, (*self.names, *sorted(several)), f"{self.where}: {name}")
            if not parsed.names & several:
                found[name] = parsed
        return found

    @cached_property
    def searched(self) -> tuple[str, ...]:
        """The parameters that a search chooses: those in `space` that do not follow from others."""
        return tuple(name for name in self.domains if name not in self.followers)

    @property
    def has_choice(self) -> bool:
        """Whether a search has a choice: some searched parameter has several values."""
        return any(len(self.domains[name]) > 1 for name in self.searched)

    # --- many points at once

    def values(self, points: Sequence[Point]) -> Floats:
        """[B, parameters], points as an array, with columns in the order of `baseline`."""
        rows = [[point.named[name] for name in self.baseline] for point in points]
        return np.array(rows, np.float64).reshape(len(rows), len(self.baseline))

    def point_of(self, row: Floats) -> Point:
        """The point of one row [parameters] of such an array."""
        named = zip(self.baseline, row.tolist(), strict=True)
        return Point(self.family, tuple((name, as_number(value)) for name, value in named))

    def sizes(self, values: Floats) -> Sizes:
        """The values of the formulas at points [B, parameters]."""
        columns: dict[str, Floats | float] = dict(self.constants)
        columns |= {name: values[:, column] for column, name in enumerate(self.baseline)}
        return Sizes(self, columns, len(values))

    def completed(self, values: Floats) -> Floats:
        """Points [B, parameters] with the parameters set that follow from others."""
        values = values.copy()
        columns = self.sizes(values).columns
        for name, follows in self.followers.items():
            values[:, list(self.baseline).index(name)] = follows.of(columns, len(values))
        return values

    # --- rules

    @cached_property
    def constraints(self) -> tuple[Constraint, ...]:
        """The constraints of the file."""
        where = f"{self.where}: constraints"
        return tuple(
            Constraint(name, Condition(text, self.names, where, self.lists))
            for name, text in self.comparisons
        )

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """All rules: the constraints, then the rules for any accelerator."""
        return (*self.constraints, *shape_rules(self))

    def formula_names(self, place: int, *keys: str) -> frozenset[str]:
        """The names in the formulas under `keys` of a level; empty if none is a parameter."""
        found: set[str] = set()
        for key in keys:
            if self._is_formula(self.levels[place], key):
                found |= self.formula(place, key).names
        return frozenset(found) if found & set(self.baseline) else frozenset()

    def _is_formula(self, level: Mapping[str, Any], key: str) -> bool:
        is_text = key in SPANS and isinstance(level.get(key), str) and level[key] != UNBOUNDED
        # Without names there are no formulas: reading the level then refuses a text.
        return bool(self.names) and is_text

    def formula(self, place: int, key: str) -> Formula:
        """The formula under a key of a level."""
        level = self.levels[place]
        where = f"{self.where}: {level.get('name', 'arithmetic')}, {key}"
        return formula(str(level[key]), self.names, where)

    def hold(self, values: Floats, rules: Sequence[Rule] | None = None) -> NDArray[np.bool_]:
        """[B], whether points [B, parameters] meet all `rules`, by default the template's."""
        sizes = self.sizes(values)
        found = np.ones(len(values), bool)
        with np.errstate(all="ignore"):
            for rule in self.rules if rules is None else rules:
                found &= rule.holds(sizes)
        return found

    def first_broken(
        self, values: Floats, rules: Sequence[Rule] | None = None
    ) -> NDArray[np.int64]:
        """[B], the index of the first of `rules` that each point [B, parameters] breaks.

        It is the number of rules for points that break none.
        """
        rules = self.rules if rules is None else rules
        sizes = self.sizes(values)
        found = np.full(len(values), len(rules), np.int64)
        with np.errstate(all="ignore"):
            for number, rule in reversed(list(enumerate(rules))):
                found[~rule.holds(sizes)] = number
        return found

    def complaint(self, point: Point) -> str | None:
        """The first rule that a point breaks, as a message; None if it breaks none."""
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
            InputError: the point breaks a rule, or a field gets a value that it cannot have.
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
        """The fields of a level with the values of its formulas in place of these."""
        level = self.levels[place]
        return {
            key: as_number(self.formula(place, key)(**values))
            if self._is_formula(level, key)
            else value
            for key, value in level.items()
        }

    def dataflow(self, point: Point) -> Dataflow:
        """The dataflow of a point: free, except for the pins whose comparison holds."""
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
        """The template with another point as its baseline."""
        return replace(self, baseline=dict(point.named))

    def choosing(self, name: str, values: Sequence[float]) -> Template:
        """The template with other values to choose from for one parameter."""
        return replace(self, space={**self.space, name: list(values)})

    def constrained(self, *comparisons: str) -> Template:
        """The template with more constraints."""
        return replace(
            self, comparisons=(*self.comparisons, *((text, text) for text in comparisons))
        )

    def without(self, comparison: str) -> Template:
        """The template without one of its constraints, given by the text of its comparison.

        Raises:
            InputError: it has no such constraint.
        """
        rest = tuple(pair for pair in self.comparisons if pair[1] != comparison)
        if len(rest) == len(self.comparisons):
            raise InputError(f"{self.where}: it has no constraint {comparison!r}")
        return replace(self, comparisons=rest)

    def require(self, family: str, what: str) -> None:
        """Raises `InputError` if the template is of another family; `what` begins the reason."""
        if self.family != family:
            raise InputError(
                f"hardware {self.name}: {what} expects a file with 'template: {family}'"
            )

    @cached_property
    def recorded_budget(self) -> Budget:
        """What a point's accelerator depends on besides the point: numbers and lists of several."""
        several = {name: values for name, values in self.lists.items() if len(values) > 1}
        is_shipped = self.family in families()
        names = given_numbers(self.family, "budget") if is_shipped else self.budget
        return {name: self.budget[name] for name in names} | several

    def fields(self) -> dict[str, Any]:
        """All that a search depends on, for metadata."""
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
