"""Reading templates from hardware files: a chip's own template, or a shipped one."""

from __future__ import annotations

import keyword
from collections.abc import Mapping
from typing import Any

from codesign.columns import RESERVED
from codesign.errors import InputError
from codesign.hardware.architecture import Hardware
from codesign.hardware.dataflow import SlotRule, read_rule
from codesign.hardware.expression import Formula
from codesign.hardware.levels import SPANS
from codesign.hardware.point import PLAIN, Budget
from codesign.hardware.template import Template
from codesign.hardware.templates import families, filled_in, optional
from codesign.hardware.values import MAX_VALUES, as_number, read_values
from codesign.hardware.writing import hardware_fields
from codesign.reading import Fields


def read_template(fields: Fields, name: str) -> Template:
    """The template of a hardware file. The caller calls `fields.done()`.

    Raises:
        InputError: a field is missing or has a bad value.
    """
    if "template" in fields:
        family = fields.text("template", choices=list(families()))
        return _read(Fields(filled_in(family, fields), fields.where), name, family)
    if "parameters" in fields and name in families():
        raise fields.refuse("name", "another, since a shipped template is called so")
    return _read(fields, name, name)


def template_of(
    family: str, name: str, budget: Budget, parameters: Mapping[str, float], where: str
) -> Template:
    """The template of an accelerator from recorded values, without the optional constraints.

    Args:
        family: the shipped template.
        name: the name of the accelerator.
        budget, parameters: as in a hardware file, but with lists of several numbers in the budget.
        where: the place that they are read from, for error messages.

    Raises:
        InputError: a value is bad, or the parameters break a rule.
    """
    lists = {name: list(value) for name, value in budget.items() if isinstance(value, tuple)}
    numbers = {name: value for name, value in budget.items() if name not in lists}
    fields = Fields({"budget": numbers, "parameters": dict(parameters), "space": lists}, where)
    filled = filled_in(family, fields)
    filled["constraints"] = [
        entry
        for entry in filled["constraints"]
        if not set(entry.values()).intersection(optional(family))
    ]
    return _read(Fields(filled, where), name, family)


def plain(hardware: Hardware) -> Template:
    """The template, with nothing to choose, of an accelerator without parameters."""
    fields = hardware_fields(hardware)
    return Template(
        hardware.name, f"hardware {hardware.name}", PLAIN.template, {},
        fields["arithmetic"], tuple(fields["storage"]),
    )  # fmt: skip


def _read(fields: Fields, name: str, family: str) -> Template:
    baseline = _read_parameters(fields) if "parameters" in fields else {}
    arithmetic = _level(fields.fields("arithmetic"))
    storage = tuple(_level(entry) for entry in fields.each("storage"))
    if not baseline:
        return Template(name, fields.where, PLAIN.template, baseline, arithmetic, storage)
    budget = _read_budget(fields, baseline)
    lists = _read_lists(fields, baseline, budget)
    template = Template(
        name,
        fields.where,
        family,
        baseline,
        arithmetic,
        storage,
        _read_space(fields, baseline, family == name),
        budget,
        lists,
        _read_constraints(fields),
        _read_follows(fields, baseline),
        _read_labels(fields, baseline),
        _read_features(fields),
        fields.text("array", None),
        _read_pins(fields, [level.get("name") for level in storage]),
    )
    if family == name:
        _ = template.domains  # refused here rather than when it is searched
    return template


def _level(entry: Fields) -> Mapping[str, Any]:
    """A level as it is in the file. What can be a formula is a number or a text."""
    for key, span in SPANS.items():
        value = entry.data.get(key)
        if isinstance(value, bool) or not isinstance(value, int | float | str | None):
            raise entry.refuse(key, f"{span}, or a formula")
    return entry.data


def _read_parameters(fields: Fields) -> dict[str, float]:
    section = fields.fields("parameters")
    _check_names(section)
    return {name: as_number(section.number(name)) for name in section.data}


def _check_names(section: Fields) -> None:
    for name in section.data:
        is_word = name.isidentifier() and name.isascii() and not keyword.iskeyword(name)
        if not is_word or name in RESERVED:
            raise InputError(
                f"{section.where}: {name!r}, expected a name of letters, digits and _ "
                "that no column of result tables has"
            )


def _read_budget(fields: Fields, baseline: Mapping[str, float]) -> dict[str, float]:
    """The numbers of the budget. Formulas may use the numbers above them."""
    found: dict[str, float] = {}
    if "budget" not in fields:
        return found
    section = fields.fields("budget")
    _check_names(section)
    for name, value in section.data.items():
        if name in baseline:
            raise InputError(f"{fields.where}: {name} is both a parameter and in the budget")
        if isinstance(value, str) and found:
            value = Formula(value, tuple(found), f"{section.where}: {name}")(**found)
            found[name] = as_number(value)
        else:
            found[name] = as_number(section.number(name))
    return found


def _read_lists(
    fields: Fields, baseline: Mapping[str, float], budget: Mapping[str, float]
) -> dict[str, tuple[float, ...]]:
    """Lists of whole numbers by name: the entries of `values`, each at most `to`."""
    found: dict[str, tuple[float, ...]] = {}
    if "lists" not in fields:
        return found
    named = {name: (value,) for name, value in budget.items()}
    section = fields.fields("lists")
    _check_names(section)
    for name in section.data:
        if name in baseline or name in budget:
            raise InputError(f"{fields.where}: {name} is both a list and a number")
        entry = section.fields(name)
        values = Fields({name: entry.raw("values")}, f"{fields.where}: space")
        most = named.get(entry.text("to"), (0.0,))[0]
        entry.done()
        numbers = read_values(values, name, named)
        if not all(value >= 1 and value == int(value) and value <= most for value in numbers):
            raise values.refuse(name, f"a list of whole numbers from 1 to {most:g}, the budget")
        found[name] = numbers
    return found


def _read_space(fields: Fields, baseline: Mapping[str, float], is_own: bool) -> dict[str, Any]:
    """The values to choose from, by parameter; with the chip's own value if `is_own`.

    `is_own` says that the file brings its own template.
    """
    if "space" not in fields:
        return {}
    space = fields.fields("space")
    found = {}
    for name in baseline:
        if name in space:
            given = space.raw(name)
            entries = given if isinstance(given, list) else [given]
            if isinstance(given, list) and not given:
                raise space.refuse(name, f"1 to {MAX_VALUES} values")
            found[name] = [*entries, baseline[name]] if is_own else given
    space.done()
    return found


def _read_constraints(fields: Fields) -> tuple[tuple[str, str], ...]:
    """Pairs of a name and a comparison: `a <= b`, or `{name: a <= b}`."""
    found = []
    for entry in fields.sequence("constraints", []):
        pairs = list(entry.items()) if isinstance(entry, dict) else [(entry, entry)]
        if len(pairs) != 1 or not all(isinstance(text, str) for text in pairs[0]):
            raise fields.refuse("constraints", "a list of comparisons such as 'a * b <= c'")
        found.append(pairs[0])
    return tuple(found)


def _read_follows(fields: Fields, baseline: Mapping[str, float]) -> dict[str, str]:
    if "follows" not in fields:
        return {}
    section = fields.fields("follows")
    found = {name: section.text(name) for name in baseline if name in section}
    section.done()
    return found


def _read_labels(fields: Fields, baseline: Mapping[str, float]) -> tuple[str, ...]:
    labels = fields.sequence("labels", [])
    if not all(name in baseline for name in labels):
        raise fields.refuse("labels", f"a list of parameters: {', '.join(baseline)}")
    return tuple(labels)


def _read_features(fields: Fields) -> tuple[str, ...] | None:
    features = fields.sequence("features", None)
    return None if features is None else tuple(str(text) for text in features)


def _read_pins(fields: Fields, levels: list[Any]) -> tuple[tuple[str, SlotRule], ...]:
    """Pairs of a comparison (`when`) and the slot rule that is used where it holds."""
    if "pins" not in fields:
        return ()
    return tuple((entry.text("when"), read_rule(entry, levels)) for entry in fields.each("pins"))
