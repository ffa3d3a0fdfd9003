"""How an accelerator of a template is arranged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

Budget = Mapping[str, float | tuple[float, ...]]
"""Numbers by name, and lists of several."""


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
        """The point with some other values."""
        return Point(self.template, tuple({**self.named, **values}.items()))


PLAIN = Point("")
"""That of an accelerator without parameters."""
