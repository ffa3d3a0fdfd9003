"""Points: accelerators of a template by the values of their parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

Budget = Mapping[str, float | tuple[float, ...]]
"""Numbers by name; a name may also have a list of several numbers."""


@dataclass(frozen=True)
class Point:
    """An accelerator of a template: the value of every parameter, in the template's order."""

    template: str
    values: tuple[tuple[str, float], ...] = ()

    def __getitem__(self, name: str) -> float:
        return self.named[name]

    @cached_property
    def named(self) -> dict[str, float]:
        """The values by name."""
        return dict(self.values)

    def having(self, **values: float) -> Point:
        """The point with other values for some parameters."""
        return Point(self.template, tuple({**self.named, **values}.items()))


PLAIN = Point("")
"""The point of an accelerator without parameters."""
