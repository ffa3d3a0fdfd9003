"""Limits of PEs and area on top of a chip's budget: known constraints of the hardware space."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from codesign.errors import InputError
from codesign.hardware.area import AreaModel
from codesign.hardware.eyeriss import Budget, EyerissPoint, budget_of, eyeriss

MOST_DRAWS = 1000
"""Points drawn before we believe that none fits the area."""


@dataclass(frozen=True)
class Limits:
    """What an accelerator may have at most; None for no limit.

    Args:
        max_area_mm2: area after the energy table's model, mm².
        max_pes: PEs, where the space leaves their number free.
        whole_clusters: whether the cluster size must divide the global buffers, as it should;
            `timeloop` accounting takes any (Q5 of the cost model).
    """

    max_area_mm2: float | None = None
    max_pes: int | None = None
    whole_clusters: bool = True

    def allowed_pes(self, choices: Iterable[int], name: str) -> tuple[int, ...]:
        """Those of `choices` within the limit, ascending.

        Raises:
            InputError: there are none.
        """
        known = sorted(choices)
        found = tuple(pes for pes in known if self.max_pes is None or pes <= self.max_pes)
        if not found:
            raise InputError(
                f"hardware {name}: the limit is {self.max_pes} PEs, expected at least "
                f"{known[0]}, the fewest that its space has"
            )
        return found


class AreaLimit:
    """Which points of the Eyeriss template fit an area.

    Args:
        model, budget: what the area follows from.
        most_mm2: the limit.
    """

    def __init__(self, model: AreaModel, budget: Budget, most_mm2: float) -> None:
        self.model, self.budget, self.most_mm2 = model, budget, most_mm2

    def mm2(self, point: EyerissPoint) -> float:
        """The area of a point, mm²."""
        return self.model.mm2(eyeriss("point", point, budget_of(point, self.budget)))

    def allows(self, point: EyerissPoint) -> bool:
        """Whether a point is within the limit."""
        return self.mm2(point) <= self.most_mm2

    def fitting_pes(self, buffers: Mapping[int, Iterable[int]], name: str) -> tuple[int, ...]:
        """The numbers of PEs, keys of `buffers`, with which some accelerator is within the limit.

        Args:
            buffers: how many global buffers there may be beside so many PEs.
            name: of the hardware, for the error.

        Raises:
            InputError: there are none.
        """
        least = {pes: min(self.least_mm2(pes, n) for n in some) for pes, some in buffers.items()}
        found = tuple(pes for pes, mm2 in least.items() if mm2 <= self.most_mm2)
        if not found:
            raise InputError(
                f"hardware {name}: the limit is {self.most_mm2:g} mm², expected at least "
                f"{min(least.values()):.4g}, the smallest accelerator of its space"
            )
        return found

    def least_mm2(self, pes: int, buffers: int) -> float:
        """The area of so many PEs and global buffers with a word in every register file, mm²."""
        return self._with_words(pes, buffers, 3)

    @cache  # noqa: B019 - a limit lives as long as its space
    def most_words(self, pes: int, buffers: int) -> int:
        """Register-file words that a PE can have within the limit; at least one a file."""
        low, high = 3, self.budget.local_words
        if self._with_words(pes, buffers, high) <= self.most_mm2:
            return high
        while high - low > 1:
            middle = (low + high) // 2
            if self._with_words(pes, buffers, middle) <= self.most_mm2:
                low = middle
            else:
                high = middle
        return low

    @cache  # noqa: B019
    def _with_words(self, pes: int, buffers: int, words: int) -> float:
        # All in a row: where they stand does not matter to areas, and their number divides the PEs.
        return self.mm2(EyerissPoint(pes, 1, 1, words - 2, 1, h6=buffers, h7=buffers))
