"""Co-design of neural-network accelerators: hardware, mappings, and their energy and delay.

>>> import codesign
>>> network = codesign.load_workload("resnet")
>>> chip = codesign.load_chip("eyeriss-168")
>>> task = codesign.MappingTask(network.layer("ResNet-K2"), chip.hardware)
>>> print(codesign.map_layer(task).best_mapping)

Names are loaded when they are first used; `dir(codesign)` lists them.
"""

from __future__ import annotations

import importlib

__version__ = "0.1.0"

_HOMES = {
    "Design": "codesign.store.design.Design",
    "Family": "codesign.workload.family.Family",
    "Hardware": "codesign.hardware.Hardware",
    "InputError": "codesign.errors.InputError",
    "Layer": "codesign.workload.Layer",
    "Limits": "codesign.space.limits.Limits",
    "Mapping": "codesign.mapping.Mapping",
    "MappingTask": "codesign.search.task.MappingTask",
    "Runtime": "codesign.search.network.Runtime",
    "Search": "codesign.search.settings.Search",
    "Workload": "codesign.workload.Workload",
    "check_certificate": "codesign.search.output.certificates.check_certificate",
    "compare": "codesign.store.comparison.compare",
    "evaluate": "codesign.cost.evaluate",
    "load_chip": "codesign.hardware.files.load_chip",
    "load_design": "codesign.store.design_file.load_design",
    "load_family": "codesign.store.family_file.load_family",
    "load_hardware": "codesign.hardware.files.load_hardware",
    "load_technology": "codesign.hardware.technology.load_technology",
    "load_workload": "codesign.workload.load_workload",
    "hardware_design": "codesign.search.output.designs.hardware_design",
    "map_layer": "codesign.search.mapper.map_layer",
    "map_network": "codesign.search.network.map_network",
    "mapping_design": "codesign.search.output.designs.mapping_design",
    "register": "codesign.search.registry.register",
    "search_hardware": "codesign.search.hardware.search_hardware",
    "search_software": "codesign.search.software.family.search_software",
    "write_design": "codesign.store.design_file.write_design",
}
"""Where the public names are defined. No module of the package may have one of these names:
an import of that module would replace the public name."""

__all__ = ["__version__", *sorted(_HOMES)]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'codesign' has no attribute {name!r}")
    module, _, attribute = _HOMES[name].rpartition(".")
    return getattr(importlib.import_module(module), attribute)


def __dir__() -> list[str]:
    return list(__all__)
