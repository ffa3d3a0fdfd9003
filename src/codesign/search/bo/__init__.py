"""Bayesian optimization as in the paper, and variants of its parts."""

from codesign.search.bo.optimizer import BayesianOptimization, BOSettings

__all__ = ["BOSettings", "BayesianOptimization"]
