"""The interface of ranking models."""

from __future__ import annotations

from typing import Protocol, TypeVar

from codesign.search.history import Floats
from codesign.space.base import Batch

P_contra = TypeVar("P_contra", bound=Batch, contravariant=True)


class RankingModel(Protocol[P_contra]):
    """A model that learns to rank points by their scores."""

    def fit(self, points: P_contra, scores: Floats) -> None:
        """Fits the model to all trials so far, with scores [T] from 0 (failure) to 1 (the best)."""

    def predict(self, points: P_contra) -> Floats:
        """[B], higher for points with a higher expected score, on an arbitrary scale."""
