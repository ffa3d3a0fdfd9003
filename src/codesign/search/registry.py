"""Search methods by name, each with what it says of itself where it is registered.

A method of one's own joins in a few lines, from anywhere:

@register("mine", "my method", "#117733")
def build(space, rng, trials):
    return Mine(space, rng)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from codesign.errors import InputError
from codesign.extras import needs
from codesign.search.plugins import load_plugins

# Help texts name the methods: nothing heavy is imported before one is built.
if TYPE_CHECKING:
    import numpy as np

    from codesign.mapping import MappingBatch
    from codesign.search.base import Optimizer
    from codesign.search.exact import ExactResult
    from codesign.search.task import MappingTask
    from codesign.space.base import DecodableSpace, LoopSpace, P, Space
    from codesign.space.mapping_space import MapSpace

Build = TypeVar("Build", bound=Callable[..., Any])


class Need(NamedTuple):
    """What a method needs of a space beyond `space.base.Space`.

    Args:
        attribute: of the space.
        reason: why a space without it will not do, for the error.
    """

    attribute: str
    reason: str


DECODE = Need("decode", "it proposes any combination of values, which nothing decodes")
LOOPS = Need("loops", "it learns from loop nests, and its points have none")
MAPPINGS = Need("draw_pruned", "it draws mappings")

LEARNS, AVOIDS_FAILURES, REPEATS_NOTHING = (
    "finds clearly better points than random search",
    "fails clearly less often than random search once it has seen failures",
    "proposes no point twice after its start-up while there is another",
)
"""What a method may promise beyond the contract that all keep (`tests/search/test_optimizers.py`
holds it to its promises)."""

ALL = (LEARNS, AVOIDS_FAILURES, REPEATS_NOTHING)

SPARE_COLOURS = ("#117733", "#882255", "#88CCEE", "#DDCC77", "#AA4499", "#332288", "#44AA99")
"""For methods that name no colour, in the order in which they are registered; Paul Tol's muted
palette, safe for colour-blind readers as is that of the methods below, Okabe and Ito's."""


@dataclass(frozen=True)
class Method:
    """A search method as it is registered.

    Args:
        name: what users call it.
        build: makes its optimizer for a space, a source of randomness and a number of trials. Of
            a method that proves: finds the mapping of a `MappingTask` with the least of a cost
            (`edp`, `energy`, `delay`) with a proof, an `ExactResult`.
        label: its name in figures.
        colour: its colour in figures, `#rrggbb`.
        dashes: the dash pattern of its lines there, in points; solid if empty.
        needs: what it needs of a space.
        knows_constraints: whether it proposes only points that meet the known constraints.
        proves: whether it proves what it finds. Then it is for mappings alone, and has one trial.
        promises: of `ALL`, what the contract tests hold it to.
        warm_up: the trials after which its kernels are compiled; 0 where the installation
            compiles none for it.
        citation: where it comes from.
    """

    name: str
    build: Callable[..., Any]
    label: str
    colour: str
    dashes: tuple[float, ...] = ()
    needs: Need | None = None
    knows_constraints: bool = True
    proves: bool = False
    promises: tuple[str, ...] = ()
    warm_up: int = 0
    citation: str = ""


METHODS: dict[str, Method] = {}
"""Every known method. Builders import what they build, so that a search loads only its own."""

RANDOM_BATCH = 50
"""Points that random search hands out at once, whatever the budget: short runs begin long ones."""


def register(
    name: str,
    label: str | None = None,
    colour: str | None = None,
    *,
    variant: Mapping[str, Any] | None = None,
    **says: Any,
) -> Callable[[Build], Build]:
    """Decorator that makes a builder known as `name`.

    Args:
        name: a name that no other method has.
        label, colour: as in `Method`; the name and a spare colour where they are left out.
        variant: further arguments of the builder, where it makes several methods.
        says: the rest of `Method`, whose defaults hold where nothing is said.

    Raises:
        ValueError: there is a method of that name.
    """

    def add(builder: Build) -> Build:
        if name in METHODS:
            raise ValueError(f"there is a method {name!r} already")
        build = builder if variant is None else partial(builder, **variant)
        METHODS[name] = Method(name, build, label or name, colour or _spare_colour(), **says)
        return builder

    return add


def _spare_colour() -> str:
    taken = sum(method.colour in SPARE_COLOURS for method in METHODS.values())
    return SPARE_COLOURS[taken % len(SPARE_COLOURS)]


def searchers() -> tuple[str, ...]:
    """The methods that search by trials, and hence could search hardware as well."""
    return tuple(name for name, method in METHODS.items() if not method.proves)


def check_method(name: str, known: Iterable[str] | None = None) -> None:
    """Raises InputError: there is no such method, or it is none of those `known`."""
    names = sorted(METHODS if known is None else known)
    if name not in names:
        from codesign.reading import closest

        raise InputError(
            f"method is {name!r}, expected one of {', '.join(names)}{closest(name, names)}"
        )


def make_optimizer(
    name: str, space: Space[P], rng: np.random.Generator, trials: int
) -> Optimizer[P]:
    """The optimizer `name` over `space`, set up for a budget of `trials`.

    Raises:
        InputError: there is no method of that name that searches, or it cannot search this space.
    """
    check_method(name, searchers())
    method = METHODS[name]
    if method.needs is not None and not hasattr(space, method.needs.attribute):
        raise InputError(
            f"method {name!r} cannot search {type(space).__name__}: {method.needs.reason}"
        )
    optimizer: Optimizer[P] = method.build(space, rng, trials)
    if not all(callable(getattr(optimizer, name, None)) for name in ("ask", "tell")):
        # Not above: YAML would be loaded for every help text.
        from codesign.reading import shown

        raise InputError(
            f"method {name!r}: its builder returned {shown(optimizer)}, expected an optimizer with "
            "ask and tell"
        )
    return optimizer


_DASHED, _DOTTED, _DASH_DOTTED = (6.0, 1.5), (1.0, 1.0), (6.0, 1.5, 1.0, 1.5)


@register("random", "random search", "#7a7a7a", dashes=(3.0, 1.5), warm_up=1)
def _random(space: Space[P], rng: np.random.Generator, trials: int) -> Optimizer[P]:
    from codesign.search.random import RandomSearch

    return RandomSearch(space, rng, batch=RANDOM_BATCH)


@register(
    "tpe", "TPE with constraints", "#D55E00", promises=ALL, warm_up=12,
    citation="Bergstra et al., NIPS 2011",
)  # fmt: skip
def _tpe(space: Space[P], rng: np.random.Generator, trials: int) -> Optimizer[P]:
    from codesign.search.tpe import TPE

    return TPE(space, rng)


# Registered from the function upwards: the paper's method, then others with a setting or two of
# `BOSettings` changed. Those that share a colour share no figure.
@register(
    "bo-feasible-rf", "random-forest classifier", "#009E73", promises=ALL,
    variant={"failures": "classify by forest"},
)  # fmt: skip
@register(
    "bo-penalty", "failures penalised", "#E69F00", dashes=_DASH_DOTTED, promises=ALL,
    variant={"failures": "penalise"},
)  # fmt: skip
@register(
    "bo-drop", "failures dropped", "#7a7a7a", dashes=_DOTTED, promises=(LEARNS, REPEATS_NOTHING),
    variant={"failures": "drop"},
)  # fmt: skip
@register("bo-lcb-5", "λ = 5", "#D55E00", promises=ALL, variant={"beta": 5.0})
@register("bo-lcb-2", "λ = 2", "#E69F00", promises=ALL, variant={"beta": 2.0})
@register("bo-lcb-0.5", "λ = 0.5", "#56B4E9", promises=ALL, variant={"beta": 0.5})
@register("bo-lcb-0.1", "λ = 0.1", "#009E73", promises=ALL, variant={"beta": 0.1})
@register(
    "bo-rf-ei", "random forest, EI", "#D55E00", dashes=_DASH_DOTTED, promises=ALL,
    variant={"surrogate": "forest", "acquisition": "ei"},
)  # fmt: skip
@register(
    "bo-rf", "random forest, LCB", "#E69F00", dashes=_DOTTED, promises=ALL,
    variant={"surrogate": "forest"},
)  # fmt: skip
@register(
    "bo-ei", "Gaussian process, EI", "#56B4E9", promises=ALL, variant={"acquisition": "ei"}
)  # fmt: skip
@register(
    "bo", "BO (the paper's)", "#0072B2", dashes=_DASHED, promises=ALL, warm_up=12,
    citation="Shi et al., arXiv 2010.02075",
)  # fmt: skip
def _bo(space: Space[P], rng: np.random.Generator, trials: int, **changed: Any) -> Optimizer[P]:
    from codesign.search.bo import BayesianOptimization, BOSettings

    return BayesianOptimization(space, rng, BOSettings(**changed))


@register(
    "relax-round", "BO, relax and round", "#CC79A7", dashes=_DOTTED, needs=DECODE,
    knows_constraints=False, citation="Shi et al., arXiv 2010.02075",
)  # fmt: skip
def _relax_round(space: DecodableSpace[P], rng: np.random.Generator, trials: int) -> Optimizer[P]:
    with needs("relax", "method 'relax-round'"):
        from codesign.search.relax import RelaxAndRound

    return RelaxAndRound(space, rng)


@register(
    "tvm-xgboost", "TVM tuner, XGBoost", "#E69F00", dashes=_DASH_DOTTED,
    citation="Chen et al., NeurIPS 2018",
)  # fmt: skip
def _tvm_xgboost(space: Space[P], rng: np.random.Generator, trials: int) -> Optimizer[P]:
    from codesign.search.tvm import ModelBasedTuner

    with needs("xgboost", "method 'tvm-xgboost'"):
        from codesign.search.tvm.boosting import BoostedTrees

    return ModelBasedTuner(space, rng, BoostedTrees(space))


@register(
    "tvm-treegru", "TVM tuner, TreeGRU", "#009E73", dashes=(4.0, 1.0, 1.0, 1.0, 1.0, 1.0),
    needs=LOOPS, citation="Chen et al., NeurIPS 2018",
)  # fmt: skip
def _tvm_treegru(space: LoopSpace[P], rng: np.random.Generator, trials: int) -> Optimizer[P]:
    from codesign.search.tvm import ModelBasedTuner

    with needs("treegru", "method 'tvm-treegru'"):
        from codesign.search.tvm.treegru import TreeGRU

    return ModelBasedTuner(space, rng, TreeGRU(space, rng))


@register(
    "timeloop-random", "Timeloop's mapper", "#000000", dashes=(2.0, 1.0), needs=MAPPINGS,
    warm_up=2, citation="Parashar et al., ISPASS 2019",
)  # fmt: skip
def _timeloop_random(
    space: MapSpace, rng: np.random.Generator, trials: int
) -> Optimizer[MappingBatch]:
    from codesign.search.random_pruned import RandomPruned

    return RandomPruned(space, rng)


@register("tpe-default", "TPE, Hyperopt's settings", "#E69F00", dashes=_DASH_DOTTED)
def _tpe_default(space: Space[P], rng: np.random.Generator, trials: int) -> Optimizer[P]:
    from codesign.search.tpe import HYPEROPT_DEFAULTS, TPE

    return TPE(space, rng, HYPEROPT_DEFAULTS)


@register(
    "hyperopt", "Hyperopt as it comes", "#000000", dashes=_DOTTED, needs=DECODE,
    knows_constraints=False, citation="Bergstra et al., ICML 2013",
)  # fmt: skip
def _hyperopt(space: DecodableSpace[P], rng: np.random.Generator, trials: int) -> Optimizer[P]:
    with needs("hyperopt", "method 'hyperopt'"):
        from codesign.search.tpe.naive import HyperoptDefault

    return HyperoptDefault(space, rng)


@register("exact", "optimum", "#4B0082", proves=True, warm_up=1)
def _exact(task: MappingTask, objective: str) -> ExactResult:
    from codesign.search.exact import solve

    return solve(task, objective)


# Last, because plugins use what stands above.
load_plugins()
