"""Search methods by name; a method of one's own joins in a few lines, from anywhere:

@register("mine")
def build(space, rng, trials):
    return Mine(space, rng)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from codesign.errors import InputError
from codesign.reading import closest
from codesign.search.base import Optimizer
from codesign.search.plugins import load_plugins
from codesign.space.base import DecodableSpace, LoopSpace, P, Space

if TYPE_CHECKING:
    from codesign.search.exact import ExactResult
    from codesign.search.task import MappingTask

Builder: TypeAlias = Callable[[Space[Any], np.random.Generator, int], Optimizer[Any]]
"""Makes an optimizer for a space, a source of randomness and a number of trials."""

METHODS: dict[str, Builder] = {}
"""Every known method. Builders import what they build, so that a search loads only its own."""

Variants: TypeAlias = dict[str, dict[str, Any]]
"""Settings by the method's name."""

Prover: TypeAlias = "Callable[[MappingTask, str], ExactResult]"
"""Finds the mapping of a task with the least of a cost (`edp`, `energy_pj`, `cycles`) with a proof,
whatever the budget."""

PROVERS: dict[str, Prover] = {}
"""Methods for mappings that prove what they find."""

RANDOM_BATCH = 50
"""Points that random search hands out at once, whatever the budget: short runs begin long ones."""


def register(name: str) -> Callable[[Builder], Builder]:
    """Decorator that makes a builder known as `name`.

    Raises:
        ValueError: there is a method of that name.
    """

    def add(builder: Builder) -> Builder:
        if name in METHODS:
            raise ValueError(f"there is a method {name!r} already")
        METHODS[name] = builder
        return builder

    return add


def register_family(
    family: str, variants: Variants
) -> Callable[[Callable[..., Optimizer[Any]]], Callable[..., Optimizer[Any]]]:
    """Decorator that makes a builder known under the names of its variants.

    Args:
        family: the first variant's name, which the others continue: `bo`, `bo-ei`.
        variants: what the builder is given as `variant`, by name.
    """

    def add(builder: Callable[..., Optimizer[Any]]) -> Callable[..., Optimizer[Any]]:
        for name, variant in variants.items():
            if name != family and not name.startswith(f"{family}-"):
                raise ValueError(f"{name!r} is no {family!r}")
            register(name)(partial(builder, variant=variant))
        return builder

    return add


def register_prover(name: str) -> Callable[[Prover], Prover]:
    """Decorator that makes a prover known as `name`."""

    def add(prover: Prover) -> Prover:
        PROVERS[name] = prover
        return prover

    return add


def check_mapper(name: str) -> None:
    """Raises InputError: no method of that name searches mappings or proves them."""
    _check(name, (*METHODS, *PROVERS))


def _check(name: str, known: Iterable[str]) -> None:
    names = sorted(known)
    if name not in names:
        raise InputError(
            f"method is {name!r}, expected one of {', '.join(names)}{closest(name, names)}"
        )


def make_optimizer(
    name: str, space: Space[P], rng: np.random.Generator, trials: int
) -> Optimizer[P]:
    """The optimizer `name` over `space`, set up for a budget of `trials`.

    Raises:
        InputError: there is no method of that name, or it cannot search this space.
    """
    _check(name, METHODS)
    return METHODS[name](space, rng, trials)


@register("random")
def _random(space: Space[P], rng: np.random.Generator, trials: int) -> Optimizer[P]:
    from codesign.search.random import RandomSearch

    return RandomSearch(space, rng, batch=RANDOM_BATCH)


@register("tpe")
def _tpe(space: Space[P], rng: np.random.Generator, trials: int) -> Optimizer[P]:
    from codesign.search.tpe import TPE

    return TPE(space, rng)


BAYESIAN: Variants = {
    "bo": {},
    **{f"bo-lcb-{beta}": {"beta": float(beta)} for beta in ("0.1", "0.5", "2", "5")},
    "bo-ei": {"acquisition": "ei"},
    "bo-rf": {"surrogate": "forest"},
    "bo-rf-ei": {"surrogate": "forest", "acquisition": "ei"},
    "bo-feasible-rf": {"failures": "classify by forest"},
    "bo-drop": {"failures": "drop"},
    "bo-penalty": {"failures": "penalise"},
}
"""The paper's Bayesian optimization and its variants: what of `BOSettings` is not as in `bo`."""


@register_family("bo", BAYESIAN)
def _bayesian(
    space: Space[P], rng: np.random.Generator, trials: int, variant: dict[str, Any]
) -> Optimizer[P]:
    from codesign.search.bo import BayesianOptimization, BOSettings

    return BayesianOptimization(space, rng, BOSettings(**variant))


@register("tpe-default")
def _tpe_default(space: Space[P], rng: np.random.Generator, trials: int) -> Optimizer[P]:
    from codesign.search.tpe import HYPEROPT_DEFAULTS, TPE

    return TPE(space, rng, HYPEROPT_DEFAULTS)


@register("hyperopt")
def _hyperopt(space: Space[P], rng: np.random.Generator, trials: int) -> Optimizer[P]:
    from codesign.search.tpe.naive import HyperoptDefault

    return HyperoptDefault(_decodable("hyperopt", space), rng)


@register("relax-round")
def _relax_round(space: Space[P], rng: np.random.Generator, trials: int) -> Optimizer[P]:
    from codesign.search.relax import RelaxAndRound

    return RelaxAndRound(_decodable("relax-round", space), rng)


@register("tvm-xgboost")
def _tvm_xgboost(space: Space[P], rng: np.random.Generator, trials: int) -> Optimizer[P]:
    from codesign.search.tvm import ModelBasedTuner
    from codesign.search.tvm.boosting import BoostedTrees

    return ModelBasedTuner(space, rng, BoostedTrees(space))


@register("tvm-treegru")
def _tvm_treegru(space: Space[P], rng: np.random.Generator, trials: int) -> Optimizer[P]:
    from codesign.search.tvm import ModelBasedTuner

    looped = _with_loops("tvm-treegru", space)
    try:
        from codesign.search.tvm.treegru import TreeGRU
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        raise InputError(
            "method 'tvm-treegru' needs PyTorch, expected the optional dependencies "
            "'treegru' to be installed: pip install 'codesign[treegru]'"
        ) from None
    return ModelBasedTuner(space, rng, TreeGRU(looped, rng))


@register("timeloop-random")
def _timeloop_random(space: Space[P], rng: np.random.Generator, trials: int) -> Optimizer[P]:
    from codesign.search.random_pruned import RandomPruned
    from codesign.space.mapping_space import MapSpace

    if not isinstance(space, MapSpace):
        raise _cannot("timeloop-random", space, "it draws mappings")
    return RandomPruned(space, rng)


def _decodable(method: str, space: Space[P]) -> DecodableSpace[P]:
    if not hasattr(space, "decode"):
        raise _cannot(method, space, "it proposes any combination of values, which nothing decodes")
    return space  # type: ignore[return-value] # protocols are not checked at run time


def _with_loops(method: str, space: Space[P]) -> LoopSpace[P]:
    if not hasattr(space, "loops"):
        raise _cannot(method, space, "it learns from loop nests, and its points have none")
    return space  # type: ignore[return-value]


def _cannot(method: str, space: Space[Any], reason: str) -> InputError:
    return InputError(f"method {method!r} cannot search {type(space).__name__}: {reason}")


@register_prover("exact")
def _exact(task: MappingTask, cost: str) -> ExactResult:
    from codesign.search.exact import solve

    return solve(task, cost)


# Last, because plugins use what stands above.
load_plugins()
