"""The share of a hardware space that is valid, counted exactly.

The parameters fall into groups that no rule connects, for example the register files and the mesh.
So the share of valid points is the product of the shares of the groups, and each group is small
enough to check all of its combinations.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from codesign.hardware.expression import Floats
from codesign.hardware.rules import Rule
from codesign.hardware.template import Template
from codesign.space.chip_space import ChipSpace

MOST = 20_000_000
"""The most combinations of one group that are checked."""

CHUNK = 200_000
"""Combinations that are checked at once, which limits the memory."""


@dataclass(frozen=True)
class Shares:
    """Shares of all combinations of values, each parameter in its domain.

    Args:
        valid: the share that meets all rules.
        points: the number of combinations.
        broken: for every constraint of the template the share that breaks it.
    """

    valid: float
    points: int
    broken: dict[str, float]


def enumerate_space(space: ChipSpace, is_derived: bool) -> Shares | None:
    """Counts the valid points among all combinations of the values in the domains.

    Args:
        space: the hardware space.
        is_derived: whether parameters that follow from others are computed from them; otherwise
            they are combined like the others.

    Returns:
        None if a group of parameters has more than `MOST` combinations.
    """
    template = space.template
    names = list(template.searched if is_derived else template.domains)
    valid, broken = 1.0, dict[str, float]()
    for group in _groups(space.rules, template, names, is_derived):
        rules = [rule for rule in space.rules if _depends(rule, template, is_derived) & set(group)]
        counted = _count(template, group, rules, is_derived)
        if counted is None:
            return None
        share, of_rules = counted
        valid *= share
        broken |= of_rules
    points = math.prod(len(template.domains[name]) for name in names)
    return Shares(valid, points, broken)


def _depends(rule: Rule, template: Template, is_derived: bool) -> set[str]:
    """The parameters that a rule depends on, with those that others follow from in their place."""
    names = set(rule.names)
    if is_derived:
        for name, follows in template.followers.items():
            if name in names:
                names = (names - {name}) | follows.names
    return names & set(template.domains)


def _groups(
    rules: Sequence[Rule], template: Template, names: Sequence[str], is_derived: bool
) -> list[tuple[str, ...]]:
    """The parameters in groups that no rule connects, in the order of `names`."""
    groups = [{name} for name in names]
    for rule in rules:
        linked = _depends(rule, template, is_derived)
        touched = [group for group in groups if group & linked]
        if len(touched) > 1:
            groups = [group for group in groups if group not in touched]
            groups.append(set().union(*touched))
    return [tuple(name for name in names if name in group) for group in groups]


def _count(
    template: Template, group: Sequence[str], rules: Sequence[Rule], is_derived: bool
) -> tuple[float, dict[str, float]] | None:
    """The share of a group's combinations that meets `rules`, and the shares that break each
    of the template's constraints among them."""
    sizes = [len(template.domains[name]) for name in group]
    total = math.prod(sizes)
    if total > MOST:
        return None
    valid, broken = 0, np.zeros(len(rules), np.int64)
    for values in _combinations(template, group, sizes):
        rows = template.completed(values) if is_derived else values
        table = template.sizes(rows)
        with np.errstate(all="ignore"):
            held = np.array([rule.holds(table) for rule in rules], bool)
            held = held.reshape(len(rules), len(rows))
        broken += (~held).sum(axis=1)
        valid += int(held.all(axis=0).sum())
    shares = zip(rules, broken.tolist(), strict=True)
    constraints = template.constraints
    return valid / total, {rule.name: n / total for rule, n in shares if rule in constraints}


def _combinations(template: Template, group: Sequence[str], sizes: list[int]) -> Iterator[Floats]:
    """Points with all combinations of a group's values, in chunks; others have the chip's own."""
    names = list(template.baseline)
    base = template.values([template.point])[0]
    for start in range(0, math.prod(sizes), CHUNK):
        numbers = np.arange(start, min(start + CHUNK, math.prod(sizes)))
        values = np.tile(base, (len(numbers), 1))
        for name, index in zip(group, np.unravel_index(numbers, sizes), strict=True):
            values[:, names.index(name)] = np.array(template.domains[name])[index]
        yield values
