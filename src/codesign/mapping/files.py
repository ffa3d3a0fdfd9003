"""Mappings in files: levels innermost first, loops inner to outer (`docs/records.md`)."""

from __future__ import annotations

from typing import Any

from codesign.errors import InputError
from codesign.mapping.mapping import LevelMapping, Mapping
from codesign.reading import Fields, shown


def read_mapping(fields: Fields, name: str) -> Mapping:
    """The mapping in the list `name`, not yet checked against a layer and hardware.

    Raises:
        InputError: an entry does not have the form of a loop or of a list of names.
    """
    return Mapping(tuple(_level(entry) for entry in fields.each(name)))


def mapping_fields(mapping: Mapping) -> list[dict[str, Any]]:
    """What `read_mapping` reads: one entry per level."""
    return [_level_fields(level) for level in mapping.levels]


def _level_fields(level: LevelMapping) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if level.spatial:
        fields["spatial"] = [list(loop) for loop in level.spatial]
    if level.temporal:
        fields["temporal"] = [list(loop) for loop in level.temporal]
    if level.bypass:
        fields["bypass"] = sorted(level.bypass)
    return fields


def _level(entry: Fields) -> LevelMapping:
    level = LevelMapping(
        tuple(_loop(entry, "temporal", item, 2) for item in entry.sequence("temporal", [])),
        tuple(_loop(entry, "spatial", item, 3) for item in entry.sequence("spatial", [])),
        frozenset(_names(entry)),
    )
    entry.done()
    return level


def _loop(entry: Fields, key: str, item: Any, length: int) -> tuple:  # type: ignore[type-arg]
    is_loop = isinstance(item, list) and len(item) == length
    if not is_loop or not all(isinstance(name, str) for name in item[:-1]):
        form = "[dimension, factor]" if length == 2 else "[dimension, axis, factor]"
        raise InputError(f"{entry.where}: {key} has {shown(item)}, expected {form}")
    return tuple(item)


def _names(entry: Fields) -> list[str]:
    names = entry.sequence("bypass", [])
    if not all(isinstance(name, str) for name in names):
        raise entry.refuse("bypass", "a list of dataspace names")
    return names
