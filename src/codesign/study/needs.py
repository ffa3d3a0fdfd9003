"""Which searches a config's results need; those that several of them need are run once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

MAPPING = {name: name for name in ("R2", "R4", "R5", "R6", "B1")} | {"B4": "R2"}
"""Results that need mapping searches, each with the result whose options name them."""

HARDWARE = {name: name for name in ("R1", "R3", "R3c", "R4", "R5", "B1")} | {
    **{"R8": "R1", "B3": "R1", "B5": "R1"},
    **{"B2": "R3", "B4": "R3"},
}
"""The same for hardware searches."""


@dataclass(frozen=True)
class Searches:
    """Searches of one kind: every model by every method with every seed."""

    models: tuple[str, ...]
    methods: tuple[str, ...]
    seeds: tuple[int, ...]


def mapping_needs(settings: dict[str, Any], result: str) -> Searches:
    """The mapping searches of a result."""
    return _needs(settings, result, "mapping")


def hardware_needs(settings: dict[str, Any], result: str) -> Searches:
    """The hardware searches of a result."""
    return _needs(settings, result, "hardware")


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
    """The seeds that each model and method is mapped with, whichever result needs them."""
    seeds: dict[tuple[str, str], tuple[int, ...]] = {}
    for needs in _all(settings, MAPPING, "mapping"):
        for model in needs.models:
            for method in needs.methods:
                # All begin with the same seed, so that the longest contains the others.
                seeds[model, method] = max(seeds.get((model, method), ()), needs.seeds, key=len)
    return seeds


def hardware_union(settings: dict[str, Any]) -> list[tuple[str, str, int]]:
    """Model, method and seed of every hardware search that some result needs."""
    searches = [
        (model, method, seed)
        for needs in _all(settings, HARDWARE, "hardware")
        for model in needs.models
        for method in needs.methods
        for seed in needs.seeds
    ]
    return list(dict.fromkeys(searches))


def _all(settings: dict[str, Any], owners: dict[str, str], kind: str) -> list[Searches]:
    wanted = {owner: None for name, owner in owners.items() if name in settings["results"]}
    return [_needs(settings, owner, kind) for owner in wanted]
