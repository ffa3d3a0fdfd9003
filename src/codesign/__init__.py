"""Co-design of neural-network accelerators: hardware, mappings, and what they cost.

>>> import codesign
>>> network = codesign.load_workload("resnet")
>>> chip = codesign.load_chip("eyeriss-168")
>>> task = codesign.MappingTask(network.layer("ResNet-K2"), chip.hardware)
>>> codesign.map_layer(task, codesign.Search("tpe", 250)).best_mapping

Names are loaded when they are first used.
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "InputError": "codesign.errors.InputError",
    "Layer": "codesign.workload.Layer",
    "Mapping": "codesign.mapping.Mapping",
    "MappingTask": "codesign.search.task.MappingTask",
    "Search": "codesign.search.settings.Search",
    "evaluate": "codesign.cost.evaluate",
    "load_chip": "codesign.hardware.files.load_chip",
    "load_hardware": "codesign.hardware.files.load_hardware",
    "load_workload": "codesign.workload.load_workload",
    "map_layer": "codesign.search.mapper.map_layer",
    "map_network": "codesign.search.network.map_network",
    "register": "codesign.search.registry.register",
    "search_hardware": "codesign.search.codesign.search_hardware",
}

__all__ = ["__version__", *_HOMES]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'codesign' has no attribute {name!r}")
    module, _, attribute = _HOMES[name].rpartition(".")
    return getattr(importlib.import_module(module), attribute)
