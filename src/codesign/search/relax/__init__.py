"""Bayesian optimization as in common toolboxes: on a continuous box, with rounding."""

from codesign.search.relax.optimizer import RelaxAndRound, RelaxSettings

__all__ = ["RelaxAndRound", "RelaxSettings"]
