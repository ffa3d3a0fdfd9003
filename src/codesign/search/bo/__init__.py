"""Bayesian optimization as in the paper, with places for other surrogates and acquisitions."""

from codesign.search.bo.optimizer import BayesianOptimization, BOSettings
from codesign.search.bo.surrogate import LinearSurrogate, Surrogate

__all__ = ["BOSettings", "BayesianOptimization", "LinearSurrogate", "Surrogate"]
