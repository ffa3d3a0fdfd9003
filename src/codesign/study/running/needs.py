"""The searches that the results of a config need. Those that several results need are run once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from codesign.study.registry import RESULTS
from codesign.study.spaces import BASELINES, ROW_STATIONARY


@dataclass(frozen=True)
class Searches:
    """Searches of one kind: every model in every space, with every method and every seed.

    Args:
        cases: the pairs of a space and a model or network. Spaces of accelerators have the names
            of the config.
        methods: the methods.
        seeds: the seeds, by space.
    """

    cases: tuple[tuple[str, str], ...]
    methods: tuple[str, ...]
    seeds: dict[str, tuple[int, ...]]


Key = tuple[str, str, str]
"""A space, a model or network, and a method."""


def networks(settings: dict[str, Any]) -> dict[str, str]:
    """The workloads of all networks by their names: the models, and those that are only mapped."""
    of_models = {name: str(model["workload"]) for name, model in settings["models"].items()}
    return of_models | settings["networks"]


def map_spaces(settings: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    """All map-spaces of a config with their networks; that of the baselines is first."""
    known = networks(settings)
    found = {ROW_STATIONARY: tuple(settings["models"])}
    for name, space in settings["map_spaces"].items():
        chosen = space.get("networks", known)
        found[name] = tuple(network for network in known if network in chosen)
    return found


def hardware_spaces(settings: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    """All hardware spaces of a config with their networks; that of the baselines is first.

    A space without an accelerator of its own has those of the models.
    """
    known, models = networks(settings), tuple(settings["models"])
    found = {BASELINES: models}
    for name, space in settings["hardware_spaces"].items():
        chosen = space.get("networks", models)
        found[name] = tuple(network for network in known if network in chosen)
    return found


def mapping_needs(settings: dict[str, Any], result: str) -> Searches:
    """The mapping searches of a result.

    Raises:
        ValueError: it does not declare any.
    """
    options = settings[_owner(result, "mapping")]
    return _needs(
        settings, options, options.get("mapping", {}), map_spaces(settings), settings["map_spaces"]
    )


def hardware_needs(settings: dict[str, Any], result: str) -> Searches:
    """The hardware searches of a result.

    Raises:
        ValueError: it does not declare any.
    """
    options = settings[_owner(result, "hardware")]
    known = hardware_spaces(settings)
    if not RESULTS[result].in_spaces:
        known = {BASELINES: known[BASELINES]}
    return _needs(
        settings, options, options.get("hardware", {}), known, settings["hardware_spaces"]
    )


def _owner(result: str, kind: str) -> str:
    """The result whose options give the searches of a kind."""
    owner: str | None = getattr(RESULTS[result], kind)
    if owner is None:
        raise ValueError(f"{result}: its Result declares no {kind} searches")
    return owner


def _needs(
    settings: dict[str, Any],
    options: dict[str, Any],
    scope: dict[str, Any],
    known: dict[str, tuple[str, ...]],
    given: dict[str, Any],
) -> Searches:
    """The searches within a scope.

    Args:
        settings: the config.
        options: those of the result, with its methods.
        scope: the part of `options` for this kind of searches.
        known: the spaces with their networks.
        given: the spaces of the config, with their fields.
    """
    spaces = {
        space: found for space, found in known.items() if space in scope.get("spaces", [space])
    }
    cases = tuple(
        (space, network)
        for space, found in spaces.items()
        for network in found
        if network in scope.get("models", [network])
    )
    seeds = {space: _seeds(settings, scope, given.get(space, {})) for space in spaces}
    return Searches(cases, _methods(options), seeds)


def _methods(options: dict[str, Any]) -> tuple[str, ...]:
    return tuple(options["methods"] if "methods" in options else [options["method"]])


def _seeds(settings: dict[str, Any], *scopes: dict[str, Any]) -> tuple[int, ...]:
    """The first seeds of the config: as many as the least number in the config and `scopes`."""
    first, most = settings["seed"], settings["seeds"]
    repeats = min([most, *(scope.get("seeds", most) for scope in scopes)])
    return tuple(range(first, first + repeats))


def mapping_union(settings: dict[str, Any]) -> dict[Key, tuple[int, ...]]:
    """The seeds of the mapping searches of each map-space, network and method, for all results."""
    return _union(settings, "mapping", mapping_needs)


def hardware_union(settings: dict[str, Any]) -> dict[Key, tuple[int, ...]]:
    """The seeds of the hardware searches of each space, network and method, for all results."""
    return _union(settings, "hardware", hardware_needs)


def _union(
    settings: dict[str, Any], kind: str, needs_of: Callable[[dict[str, Any], str], Searches]
) -> dict[Key, tuple[int, ...]]:
    seeds: dict[Key, tuple[int, ...]] = {}
    for result, declared in RESULTS.items():
        if result not in settings["results"] or not getattr(declared, kind):
            continue
        needs = needs_of(settings, result)
        for space, network in needs.cases:
            for method in needs.methods:
                key = space, network, method
                # All begin with the same seed, so the longest contains the others.
                seeds[key] = max(seeds.get(key, ()), needs.seeds[space], key=len)
    return seeds
