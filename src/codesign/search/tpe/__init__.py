"""TPE: Hyperopt's tree-structured Parzen estimators, on spaces with known constraints."""

from codesign.search.tpe.optimizer import HYPEROPT_DEFAULTS, TPE, TPESettings

__all__ = ["HYPEROPT_DEFAULTS", "TPE", "TPESettings"]
