"""Search methods by name. A method declares its properties where it is registered.

A few lines, in any module, add a method:

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

# Help texts list the methods: large modules are imported only when a method is built.
if TYPE_CHECKING:
    import numpy as np

    from codesign.mapping import MappingBatch
    from codesign.search.base import Optimizer
    from codesign.search.exact import ExactResult
    from codesign.search.task import MappingTask
    from codesign.space.base import DecodableSpace, LoopSpace, P, Space, StepwiseSpace
    from codesign.space.mapping_space import MapSpace

Build = TypeVar("Build", bound=Callable[..., Any])


class Need(NamedTuple):
    """What a method needs from a space in addition to `space.base.Space`.

    Args:
        attribute: the attribute that the space must have.
        reason: why the method cannot search a space without it, for the error.
    """

    attribute: str
    reason: str


DECODE = Need("decode", "it proposes any combination of values, which this space cannot decode")
STEPWISE = Need("remaining", "it chooses values one after the other, which this space cannot offer")
LOOPS = Need("loops", "it learns from loop nests, which points of this space do not have")
MAPPINGS = Need("draw_pruned", "it draws only mappings")
PLAN = Need("plan", "it learns what words cost, and points of this space move none")

LEARNS, AVOIDS_FAILURES, REPEATS_NOTHING = (
    "finds clearly better points than random search",
    "fails clearly less often than random search once it has seen failures",
    "does not propose a point twice after its start-up while there is another",
)
"""What a method may promise in addition to the contract of all methods. The tests in
`tests/search/test_optimizers.py` check its promises."""

ALL = (LEARNS, AVOIDS_FAILURES, REPEATS_NOTHING)

SPARE_COLOURS = ("#117733", "#882255", "#88CCEE", "#DDCC77", "#AA4499", "#332288", "#44AA99")
"""Colours for methods that do not give one, in the order in which they are registered. The palette
is Paul Tol's muted one; the methods below use Okabe and Ito's. Both are safe for colour-blind
readers."""


@dataclass(frozen=True)
class Method:
    """A search method with its properties.

    Args:
        name: its name for users.
        build: makes its optimizer from a space, a random generator and a number of trials. If it
            `proves`: takes a `MappingTask` and an objective (`edp`, `energy`, `delay`), and
            returns the best mapping with a proof, an `ExactResult`.
        label: its name in figures.
        colour: its colour in figures, `#rrggbb`.
        dashes: the dash pattern of its lines in figures, in points; solid if empty.
        needs: what it needs from a space.
        knows_constraints: whether it proposes only points that meet the known constraints.
        proves: whether it proves its results. Then it searches only mappings, in one trial.
        promises: the promises in `ALL` that it makes.
        warm_up: the number of trials that compiles all its kernels; 0 if the installation does
            not compile kernels for it.
        citation: its source.
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
"""All methods by name. Builders import what they build, so a search loads only its own method."""

RANDOM_BATCH = 50
"""Points that random search proposes at once. It does not depend on the budget, so that a short
search is the beginning of a long one."""


def register(
    name: str,
    label: str | None = None,
    colour: str | None = None,
    *,
    variant: Mapping[str, Any] | None = None,
    **properties: Any,
) -> Callable[[Build], Build]:
    """Decorator that registers a builder as the method `name`.

    Args:
        name: a name that no other method has.
        label, colour: as in `Method`; by default the name, and the next spare colour.
        variant: further arguments for the builder, if it is registered for several methods.
        properties: other fields of `Method`.

    Raises:
        ValueError: there is a method of that name.
    """

    def add(builder: Build) -> Build:
        if name in METHODS:
            raise ValueError(f"there is a method {name!r} already")
        build = builder if variant is None else partial(builder, **variant)
        METHODS[name] = Method(name, build, label or name, colour or _spare_colour(), **properties)
        return builder

    return add


def _spare_colour() -> str:
    taken = sum(method.colour in SPARE_COLOURS for method in METHODS.values())
    return SPARE_COLOURS[taken % len(SPARE_COLOURS)]


def searchers() -> tuple[str, ...]:
    """The methods that search by trials. Only these may search hardware."""
    return tuple(name for name, method in METHODS.items() if not method.proves)


def check_method(name: str, known: Iterable[str] | None = None) -> None:
    """Checks that `name` is a method, and one of `known` if given.

    Raises:
        InputError: it is not.
    """
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
        InputError: there is no searching method of that name, or it cannot search this space.
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


# Decorators run from the function upwards: first the paper's method, then variants with one or two
# changed settings of `BOSettings`. Methods with the same colour are not in the same figure.
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
    "bo-plain", "plain features", "#7a7a7a", dashes=(2.0, 1.0),
    promises=(AVOIDS_FAILURES, REPEATS_NOTHING),
    variant={"features": "plain"},
)  # fmt: skip
@register(
    "bo-rf-ei", "random forest, EI", "#D55E00", dashes=_DASH_DOTTED, promises=ALL,
    variant={"surrogate": "forest", "acquisition": "ei"},
)  # fmt: skip
@register(
    "bo-matern-ei", "Matérn process, EI", "#CC79A7", dashes=(1.0, 3.0), promises=ALL,
    variant={"surrogate": "matern", "acquisition": "ei"},
)  # fmt: skip
@register(
    "bo-matern", "Matérn process, LCB", "#009E73", dashes=(4.0, 1.0, 1.0, 1.0, 1.0, 1.0),
    promises=ALL, variant={"surrogate": "matern"},
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
    "evolution", "CMA-ES", "#56B4E9", dashes=(1.0, 1.0, 4.0, 1.0), needs=DECODE,
    citation="Lin et al., DAC 2021",
)  # fmt: skip
def _evolution(space: DecodableSpace[P], rng: np.random.Generator, trials: int) -> Optimizer[P]:
    from codesign.search.evolution import Evolution

    return Evolution(space, rng)


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
    "hyperopt", "plain Hyperopt", "#000000", dashes=_DOTTED, needs=DECODE,
    knows_constraints=False, citation="Bergstra et al., ICML 2013",
)  # fmt: skip
def _hyperopt(space: DecodableSpace[P], rng: np.random.Generator, trials: int) -> Optimizer[P]:
    with needs("hyperopt", "method 'hyperopt'"):
        from codesign.search.tpe.encodings import IndexEncoding
        from codesign.search.tpe.naive import HyperoptDefault

    return HyperoptDefault(space, rng, IndexEncoding(space))


@register(
    "hyperopt-stepwise", "Hyperopt, stepwise values", "#009E73", dashes=(4.0, 1.0, 1.0, 1.0),
    needs=STEPWISE, knows_constraints=False, citation="Bergstra et al., ICML 2013",
)  # fmt: skip
def _hyperopt_stepwise(
    space: StepwiseSpace[P], rng: np.random.Generator, trials: int
) -> Optimizer[P]:
    with needs("hyperopt", "method 'hyperopt-stepwise'"):
        from codesign.search.tpe.encodings import StepwiseEncoding
        from codesign.search.tpe.naive import HyperoptDefault

    return HyperoptDefault(space, rng, StepwiseEncoding(space))


@register("traffic", "learned traffic", "#8C510A", needs=PLAN, warm_up=22)
def _traffic(space: MapSpace, rng: np.random.Generator, trials: int) -> Optimizer[MappingBatch]:
    from codesign.search.traffic import TrafficSearch

    return TrafficSearch(space, rng)


@register("exact", "optimum", "#4B0082", proves=True, warm_up=1)
def _exact(task: MappingTask, objective: str) -> ExactResult:
    from codesign.search.exact import solve

    return solve(task, objective)


# Last, because plugins use this module.
load_plugins()
