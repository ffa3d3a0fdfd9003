"""Tree-structured Parzen estimators: Hyperopt's, over spaces with known constraints."""

from codesign.search.tpe.optimizer import TPE, TPESettings

__all__ = ["TPE", "TPESettings"]
