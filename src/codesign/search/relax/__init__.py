"""Out-of-the-box Bayesian optimization: a continuous box, and rounding."""

from codesign.search.relax.optimizer import RelaxAndRound, RelaxSettings

__all__ = ["RelaxAndRound", "RelaxSettings"]
