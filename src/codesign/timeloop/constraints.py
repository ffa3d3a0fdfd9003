"""Entries of constraints and of mappings, which have one form, and constraints on bypass."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from codesign.errors import InputError
from codesign.hardware.architecture import Hardware
from codesign.reading import MAX_TEXT, Fields
from codesign.timeloop.structure import Architecture, plain_name

BYPASS_TYPES = ("bypass", "bypassing", "datatype", "dataspace")
LOOP_TYPES = ("spatial", "temporal")

EVERY = "*"
"""Stands for all dataspaces in Timeloop's front end."""

FACTOR = re.compile(r"([A-Za-z_]\w*)\s*(<=|>=|=)\s*(\d+)|([A-Za-z])\s*(\d+)(?![=<>\d])")
"""A factor such as `C=3`, `C3` or `C<=3`."""

_MOST = 400
"""Constraints in a file that are read."""


def listed(fields: Fields, key: str) -> list[Fields]:
    """The constraints under a key: a list, or a mapping with `targets` or `constraints`.

    Raises:
        InputError: it is something else, or has too many entries.
    """
    found: list[Fields] = []
    if isinstance(fields.raw(key, None), list):
        found = list(fields.each(key))
    elif fields.raw(key, None) is not None:
        section = fields.fields(key)
        chosen = section.raw("constraints", None)
        named = f"constraints_{chosen}" if isinstance(chosen, str) else "constraints"
        for name in "targets", named:
            if section.raw(name, None) is not None:
                found += section.each(name)
        for name in section.data:
            if name in ("version", "template") or name.startswith("constraints_"):
                section.raw(name, None)
        section.done()
    found = [each for entry in found for each in _by_target(entry)]
    if len(found) > _MOST:
        raise InputError(
            f"{fields.where}: {key} has {len(found)} entries, expected at most {_MOST}"
        )
    return found


def _by_target(entry: Fields) -> list[Fields]:
    """The constraints of an entry: itself, or those under its target in an older form."""
    if "constraints" not in entry:
        return [entry]
    head = {"target": entry.text("name")}
    found = []
    for inner in entry.each("constraints"):
        given = inner.fields("attributes").data if "attributes" in inner else {}
        found.append(Fields(head | {"type": inner.raw("type")} | given, inner.where))
    return found


def mentioned(constraints: Iterable[Fields]) -> list[str]:
    """The dataspaces that constraints on bypass name, each once."""
    names = [
        str(name)
        for entry in constraints
        if entry.raw("type", None) in BYPASS_TYPES
        for key in ("keep", "bypass", "keep_only", "bypass_only")
        for name in _names(entry, key)
        if str(name) != EVERY
    ]
    return list(dict.fromkeys(names))


def _names(entry: Fields, key: str) -> list[Any]:
    value = entry.raw(key, [])
    found: list[Any] = [value] if isinstance(value, str) else entry.sequence(key, [])
    return found


def bypassed(entry: Fields, dataspaces: Sequence[str]) -> frozenset[str]:
    """The dataspaces that a constraint, or a directive of a mapping, keeps out of a level.

    Raises:
        InputError: one is under `keep` as well.
    """
    keep, bypass = (
        {name for given in _names(entry, key) for name in _every(given, dataspaces)}
        for key in ("keep", "bypass")
    )
    for name in sorted(keep & bypass):
        raise entry.refuse("bypass", f"not to name {name}, which is also under keep")
    if entry.raw("keep_only", None) is not None:
        only = {name for given in _names(entry, "keep_only") for name in _every(given, dataspaces)}
        bypass |= set(dataspaces) - only
    return frozenset(bypass | {str(name) for name in _names(entry, "bypass_only")})


def _every(name: Any, dataspaces: Sequence[str]) -> tuple[str, ...]:
    return tuple(dataspaces) if name == EVERY else (str(name),)


def without_outermost(
    architecture: Architecture, constraints: Sequence[Fields], dataspaces: Sequence[str]
) -> tuple[list[Fields], list[str]]:
    """The constraints that do not keep dataspaces out of the outermost level; a line on the others.

    Here the outermost level holds everything. Where weights stay in the arrays that compute, as in
    some files of Timeloop, it does not.
    """
    names = [level.name for level in architecture.hardware.levels]
    kept, notes = [], []
    for entry in constraints:
        is_bypass = entry.text("type") in BYPASS_TYPES and names[-1] not in architecture.branches
        outside = bypassed(entry, dataspaces) if is_bypass else frozenset()
        if outside and target_of(entry, names, architecture) == names[-1]:
            notes.append(
                f"constraint on {names[-1]}: its bypass of {', '.join(sorted(outside))} is left "
                "out, and access to it is priced: the outermost level holds everything here"
            )
        else:
            kept.append(entry)
    return kept, notes


def with_keeps(
    architecture: Architecture, constraints: Sequence[Fields], dataspaces: Sequence[str]
) -> Hardware:
    """The hardware, with levels that may not hold what constraints make them bypass.

    Raises:
        InputError: a constraint names a level that does not exist.
    """
    hardware = architecture.hardware
    names = [level.name for level in hardware.levels]
    found: dict[str, frozenset[str]] = {}
    for entry in constraints:
        if entry.text("type") in BYPASS_TYPES:
            target = target_of(entry, names, architecture)
            bypass = bypassed(entry, dataspaces)
            if target in architecture.branches:
                kept = {*_names(entry, "keep"), *_names(entry, "keep_only")}
                bypass = found.get(target, frozenset(dataspaces)) - kept
                found[target] = bypass
            elif target in names and (target != names[-1] or bypass):
                found[target] = found.get(target, frozenset()) | bypass
    for name in sorted(architecture.branches & set(names)):
        if found.get(name, frozenset(dataspaces)) >= frozenset(dataspaces):
            raise InputError(
                f"architecture: {name} is in a !Parallel, expected a dataspace that it keeps"
            )
    return replace(
        hardware,
        levels=tuple(
            replace(level, keeps=frozenset(dataspaces) - found[level.name])
            if level.name in found
            else level
            for level in hardware.levels
        ),
    )


def target_of(entry: Fields, names: Sequence[str], architecture: Architecture) -> str:
    """The level, or the fan-out, that `target` names, also by number, innermost 0.

    Raises:
        InputError: there is none.
    """
    given = entry.raw("target")
    if isinstance(given, int) and not isinstance(given, bool) and str(given) not in names:
        return names[entry.integer("target", minimum=0, maximum=len(names) - 1)]
    name = plain_name(given) if isinstance(given, str) and "[" in given else given
    others = [*architecture.fanouts, *architecture.inserted]
    known = list(dict.fromkeys([*names, *(other for other in others if other in [name])]))
    if name in known:
        return str(name)
    return str(entry.text("target", choices=known))


def factors_of(entry: Fields) -> list[tuple[str, str, int]]:
    """Dimension, relation (`=`, `<=`, `>=`) and number of every factor.

    Raises:
        InputError: there is something else among them.
    """
    text = joined(entry, "factors")
    rest = FACTOR.sub("", text).replace(",", "").strip()
    if rest:
        raise entry.refuse("factors", f"factors such as 'C16 K=3', not {rest!r}")
    found = []
    for long, relation, number, letter, short in FACTOR.findall(text):
        digits = number or short
        found.append((long or letter, relation or "=", int(digits) if len(digits) < 10 else 2**31))
    return found


def order_of(entry: Fields, dimensions: Sequence[str] | None = None) -> list[str]:
    """The dimensions of `permutation`, innermost first: names that are known, or letters."""
    words = [word for word in re.split(r"[\s,]+", joined(entry, "permutation")) if word]
    is_listed = isinstance(entry.raw("permutation", ""), list)
    order: list[str] = []
    for word in words:
        whole = word in dimensions if dimensions is not None else is_listed
        order += [word] if whole else list(word)
    return order


def joined(entry: Fields, key: str) -> str:
    """A text, or a list of them, as one text.

    Raises:
        InputError: it is something else.
    """
    value = entry.raw(key, "")
    if isinstance(value, list):
        value = " ".join(str(item) for item in value)
    if not isinstance(value, str) or len(value) > MAX_TEXT:
        raise entry.refuse(key, "a short text")
    return value
