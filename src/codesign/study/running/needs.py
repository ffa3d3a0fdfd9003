"""The searches that the results of a config need. Those that several results need are run once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from codesign.study.registry import RESULTS
from codesign.study.spaces import ROW_STATIONARY


@dataclass(frozen=True)
class Searches:
    """Hardware searches: every model with every method and every seed."""

    models: tuple[str, ...]
    methods: tuple[str, ...]
    seeds: tuple[int, ...]


@dataclass(frozen=True)
class MappingSearches:
    """Mapping searches: every network in every map-space, with every method and every seed.

    Args:
        cases: the pairs of a map-space and a network.
        methods: the methods.
        seeds: the seeds, by map-space.
    """

    cases: tuple[tuple[str, str], ...]
    methods: tuple[str, ...]
    seeds: dict[str, tuple[int, ...]]


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


def mapping_needs(settings: dict[str, Any], result: str) -> MappingSearches:
    """The mapping searches of a result.

    Raises:
        ValueError: it does not declare any.
    """
    return _mapping_needs(settings, _owner(result, "mapping"))


def hardware_needs(settings: dict[str, Any], result: str) -> Searches:
    """The hardware searches of a result.

    Raises:
        ValueError: it does not declare any.
    """
    return _hardware_needs(settings, _owner(result, "hardware"))


def _owner(result: str, kind: str) -> str:
    owner: str | None = getattr(RESULTS[result], kind)
    if owner is None:
        raise ValueError(f"{result}: its Result declares no {kind} searches")
    return owner


def _mapping_needs(settings: dict[str, Any], result: str) -> MappingSearches:
    options = settings[result]
    scope = options.get("mapping", {})
    spaces = {
        space: found
        for space, found in map_spaces(settings).items()
        if space in scope.get("spaces", [space])
    }
    cases = tuple(
        (space, network)
        for space, found in spaces.items()
        for network in found
        if network in scope.get("models", [network])
    )
    given = settings["map_spaces"]
    seeds = {space: _seeds(settings, scope, given.get(space, {})) for space in spaces}
    return MappingSearches(cases, _methods(options), seeds)


def _hardware_needs(settings: dict[str, Any], result: str) -> Searches:
    options = settings[result]
    scope = options.get("hardware", {})
    models = tuple(name for name in settings["models"] if name in scope.get("models", [name]))
    return Searches(models, _methods(options), _seeds(settings, scope))


def _methods(options: dict[str, Any]) -> tuple[str, ...]:
    return tuple(options["methods"] if "methods" in options else [options["method"]])


def _seeds(settings: dict[str, Any], *scopes: dict[str, Any]) -> tuple[int, ...]:
    """The first seeds of the config: as many as the least number in the config and `scopes`."""
    first, most = settings["seed"], settings["seeds"]
    repeats = min([most, *(scope.get("seeds", most) for scope in scopes)])
    return tuple(range(first, first + repeats))


def mapping_union(settings: dict[str, Any]) -> dict[tuple[str, str, str], tuple[int, ...]]:
    """The seeds of the mapping searches of each map-space, network and method, for all results."""
    seeds: dict[tuple[str, str, str], tuple[int, ...]] = {}
    for owner in _owners(settings, "mapping"):
        needs = _mapping_needs(settings, owner)
        for space, network in needs.cases:
            for method in needs.methods:
                key = space, network, method
                # All begin with the same seed, so the longest contains the others.
                seeds[key] = max(seeds.get(key, ()), needs.seeds[space], key=len)
    return seeds


def hardware_union(settings: dict[str, Any]) -> list[tuple[str, str, int]]:
    """Model, method and seed of every hardware search that some result needs."""
    searches = [
        (model, method, seed)
        for needs in (_hardware_needs(settings, one) for one in _owners(settings, "hardware"))
        for model in needs.models
        for method in needs.methods
        for seed in needs.seeds
    ]
    return list(dict.fromkeys(searches))


def _owners(settings: dict[str, Any], kind: str) -> list[str]:
    """The results whose options give the searches of a kind, for the config's results."""
    owners = {
        getattr(declared, kind): None
        for result, declared in RESULTS.items()
        if result in settings["results"] and getattr(declared, kind)
    }
    return list(owners)
