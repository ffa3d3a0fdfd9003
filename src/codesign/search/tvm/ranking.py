"""What a cost model is."""

from __future__ import annotations

from typing import Protocol, TypeVar

from codesign.search.history import Floats
from codesign.space.base import Batch

P_contra = TypeVar("P_contra", bound=Batch, contravariant=True)


class RankingModel(Protocol[P_contra]):
    """Learns to rank points by their scores."""

    def fit(self, points: P_contra, scores: Floats) -> None:
        """Learns from all trials so far: scores [T], 1 the best of them, 0 a failure."""

    def predict(self, points: P_contra) -> Floats:
        """[B], higher for what should score higher; the scale means nothing."""
