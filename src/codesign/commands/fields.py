"""The output of `codesign show --json` for a design."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from codesign.cost.breakdown import break_down
from codesign.hardware.writing import hardware_fields
from codesign.store.design import Design, LayerDesign, NetworkDesign
from codesign.store.usage import on_minimal_hardware, usage


def design_fields(design: Design) -> dict[str, Any]:
    """The accelerator with its area, the origin of the design, and totals over layers."""
    return {
        "name": design.name,
        "technology": design.technology.name,
        "technology_hash": design.technology.digest,
        "accounting": design.accounting,
        "origin": design.origin,
        "point": design.point.named or None,
        "hardware": hardware_fields(design.hardware),
        "area_mm2": design.area_mm2,
        "area_parts_mm2": design.technology.area.parts_mm2(design.hardware),
        "edp": design.edp,
        "networks": [_totals(network) for network in design.networks],
    }


def _totals(network: NetworkDesign) -> dict[str, Any]:
    return {
        "network": network.name,
        "energy_pj": network.energy_pj,
        "cycles": int(network.cycles),
        "edp": network.edp,
    }


def layer_fields(design: Design, network: str, entry: LayerDesign) -> dict[str, Any]:
    """One execution of a layer: its cost, its loops (outermost first), and its cost by level."""
    layer, hardware = entry.layer, design.hardware
    parts = break_down(
        layer, hardware, entry.mapping, design.technology, design.accounting, design.factors
    )
    names = [level.name for level in hardware.levels]
    called = dict(zip(entry.mapping.level_names, names, strict=True))
    loops = entry.mapping.to_frame()
    tiles: dict[str, dict[str, int]] = {}
    for (index, dataspace), words in parts.tile_words.items():
        tiles.setdefault(names[index], {})[dataspace] = words
    return {
        "network": network,
        "layer": layer.name,
        "count": entry.count,
        "sizes": dict(zip(layer.shape.dimensions, layer.sizes, strict=True)),
        "coefficients": dict(zip(layer.shape.coefficients, layer.coefficients, strict=True)),
        "bits": layer.bits_by_name,
        "energy_pj": entry.energy_pj,
        "cycles": entry.cycles,
        "edp": entry.edp,
        "chip_static_pj": parts.chip_static_pj,
        "late_cycles": parts.late_cycles,
        "utilization": parts.utilization,
        "loops": loops.assign(level=loops["level"].map(called)),
        "levels": [
            {
                "level": level,
                "energy_pj": dict(parts.energy_pj.loc[level]),
                "static_pj": parts.static_pj[level],
                "cycles": parts.cycles[level],
                "tile_words": tiles.get(str(level), {}),
            }
            for level in parts.energy_pj.index
        ],
    }


def usage_fields(design: Design) -> dict[str, Any]:
    """What the mappings use of every level, and the costs on an accelerator with only that."""
    return {
        "levels": [asdict(each) for each in reversed(usage(design))],
        "minimal": [_totals(network) for network in on_minimal_hardware(design).networks],
    }
