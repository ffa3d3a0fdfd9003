"""The shipped templates, each a YAML file in this folder, and chips that use them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from codesign.hardware.values import as_number
from codesign.reading import MAX_INTEGER, Fields, read_yaml

FOLDER = Path(__file__).parent

REQUIRED = "required"
"""In a template, the place of a number that the chip's file must give."""


@cache
def families() -> tuple[str, ...]:
    """The names of the shipped templates."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


@cache
def _shipped(family: str) -> dict[str, Any]:
    return read_yaml(FOLDER / f"{family}.yaml").data


def optional(family: str) -> tuple[str, ...]:
    """The names of the constraints of a template that a space may leave out."""
    return tuple(_shipped(family)["optional"])


def shipped_dataflows(family: str) -> dict[str, Any]:
    """The section `dataflows` of a template, under its key."""
    return {"dataflows": _shipped(family).get("dataflows", {})}


def given_numbers(family: str, section: str) -> tuple[str, ...]:
    """The names in a template's `budget` or `parameters` that a chip's file may give."""
    numbers = _shipped(family)[section]
    return tuple(name for name, value in numbers.items() if _is_given(value))


def _is_given(value: object) -> bool:
    return value == REQUIRED or not isinstance(value, str)


def filled_in(family: str, fields: Fields) -> dict[str, Any]:
    """The fields of a chip's own template: the shipped one, filled in from the chip's file.

    Args:
        family: the shipped template.
        fields: the chip's file, with `parameters`, `budget`, `space` and further `constraints`.
            The caller calls `fields.done()`.

    Raises:
        InputError: a field has a bad value, or is not one that a chip may set.
    """
    shipped = dict(_shipped(family))
    openly = shipped["open"]
    numbers: dict[str, dict[str, Any]] = {}
    for section in ("budget", "parameters"):
        entry = fields.fields(section)
        numbers[section] = {
            name: _read_number(entry, name, default) if _is_given(default) else default
            for name, default in shipped[section].items()
        }
        entry.done()
    space, lists = dict(shipped["space"]), dict(shipped["lists"])
    if "space" in fields:
        entry = fields.fields("space")
        for name in openly:
            if name not in entry:
                continue
            if name in lists:
                lists[name] = {**lists[name], "values": entry.raw(name)}
            else:
                space[name] = _read_choice(entry, name, shipped, fields)
        entry.done()
    for name in shipped["labels"]:
        values = shipped["space"][name]
        if numbers["parameters"][name] not in values:
            raise fields.fields("parameters").refuse(name, _one_of(values))
    return (
        shipped
        | numbers
        | {
            "space": space,
            "lists": lists,
            "constraints": [*shipped["constraints"], *fields.sequence("constraints", [])],
        }
    )


def _read_number(entry: Fields, name: str, default: object) -> float:
    """A number of a chip: whole and at least 1 if the template's default is whole."""
    fallback = Fields.REQUIRED if default == REQUIRED else default
    if isinstance(default, float):
        return as_number(entry.number(name, fallback))
    return int(entry.integer(name, fallback, maximum=MAX_INTEGER))


def _read_choice(entry: Fields, name: str, shipped: Mapping[str, Any], fields: Fields) -> list[Any]:
    """The values to choose from, and the chip's own value if its file gives it."""
    values = entry.sequence(name)
    if name in shipped["labels"]:
        known = shipped["space"][name]
        if not values or not all(value in known and type(value) is int for value in values):
            raise entry.refuse(name, f"a list of {_one_of(known)}")
    if not values or not all(isinstance(v, dict) or (type(v) is int and v >= 1) for v in values):
        raise entry.refuse(name, "a list of whole numbers of at least 1")
    own = fields.fields("parameters").data.get(name)
    return values if own is None else [*values, own]


def _one_of(values: list[Any]) -> str:
    return "one of " + ", ".join(str(value) for value in values)
