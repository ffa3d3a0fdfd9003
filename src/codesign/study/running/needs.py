"""The searches that the results of a config need. Those that several results need are run once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from codesign.study.registry import RESULTS


@dataclass(frozen=True)
class Searches:
    """Searches of one kind: every model with every method and every seed."""

    models: tuple[str, ...]
    methods: tuple[str, ...]
    seeds: tuple[int, ...]


def mapping_needs(settings: dict[str, Any], result: str) -> Searches:
    """The mapping searches of a result.

    Raises:
        ValueError: it does not declare any.
    """
    return _declared_needs(settings, result, "mapping")


def hardware_needs(settings: dict[str, Any], result: str) -> Searches:
    """The hardware searches of a result.

    Raises:
        ValueError: it does not declare any.
    """
    return _declared_needs(settings, result, "hardware")


def _declared_needs(settings: dict[str, Any], result: str, kind: str) -> Searches:
    owner = getattr(RESULTS[result], kind)
    if owner is None:
        raise ValueError(f"{result}: its Result declares no {kind} searches")
    return _needs(settings, owner, kind)


def _needs(settings: dict[str, Any], result: str, kind: str) -> Searches:
    options = settings[result]
    scope = options.get(kind, {})
    first, repeats = settings["seed"], min(settings["seeds"], scope.get("seeds", settings["seeds"]))
    return Searches(
        tuple(model for model in settings["models"] if model in scope.get("models", [model])),
        tuple(options["methods"] if "methods" in options else [options["method"]]),
        tuple(range(first, first + repeats)),
    )


def mapping_union(settings: dict[str, Any]) -> dict[tuple[str, str], tuple[int, ...]]:
    """The seeds of the mapping searches of each model and method, for all results together."""
    seeds: dict[tuple[str, str], tuple[int, ...]] = {}
    for needs in _all(settings, "mapping"):
        for model in needs.models:
            for method in needs.methods:
                # All begin with the same seed, so the longest contains the others.
                seeds[model, method] = max(seeds.get((model, method), ()), needs.seeds, key=len)
    return seeds


def hardware_union(settings: dict[str, Any]) -> list[tuple[str, str, int]]:
    """Model, method and seed of every hardware search that some result needs."""
    searches = [
        (model, method, seed)
        for needs in _all(settings, "hardware")
        for model in needs.models
        for method in needs.methods
        for seed in needs.seeds
    ]
    return list(dict.fromkeys(searches))


def _all(settings: dict[str, Any], kind: str) -> list[Searches]:
    """The searches of a kind for the config's results, once per result that has the options."""
    owners = {
        getattr(declared, kind): None
        for result, declared in RESULTS.items()
        if result in settings["results"] and getattr(declared, kind)
    }
    return [_needs(settings, owner, kind) for owner in owners]
