"""Layers with mappings as designs, priced again."""

from __future__ import annotations

from dataclasses import replace

from codesign.cost.evaluate import Evaluator
from codesign.errors import InputError
from codesign.hardware.architecture import Hardware, StorageLevel
from codesign.mapping.batch import MappingBatch
from codesign.mapping.mapping import Mapping
from codesign.store.design import Design, LayerDesign, NetworkDesign
from codesign.timeloop.export import REST
from codesign.timeloop.gather import Rest
from codesign.timeloop.matching import Imported, Mapped, Read, label_of
from codesign.timeloop.split import join
from codesign.timeloop.versions import V4

ACCOUNTINGS_OF = {V4: "timeloop-4"}
"""The accounting of the Timeloop that reads architectures of a version; `timeloop` of others."""


def designs_of(read: Read) -> list[Imported]:
    """The layers with mappings, as one design for every accelerator.

    Raises:
        InputError: a layer of `codesign.yaml` is missing.
    """
    groups: list[list[Mapped]] = []
    for mapped in read.mapped:
        if not any(file in read.parts.refused for file in mapped.files):
            group = next((g for g in groups if _fits(mapped, g)), None)
            groups.append([mapped]) if group is None else group.append(mapped)
    found = []
    for group in groups:
        try:
            design = _design(group, read.parts.rest)
        except InputError as error:
            if read.parts.rest.networks is not None:
                raise
            for mapped in group:
                read.parts.refuse(mapped.files[0], error)
            continue
        files = tuple(dict.fromkeys(file for mapped in group for file in mapped.files))
        notes = read.architectures[group[0].files[2]].notes
        if read.parts.rest.accounting is None:
            version = group[0].version
            notes = (f"priced by accounting {design.accounting}, as of version {version}", *notes)
        label = label_of(group[0].files[0], ("map", "mapping"))
        found.append(
            Imported(
                design,
                "design",
                label,
                files,
                notes=notes,
                version=group[0].version,
                versioned=(group[0].files[2],),
            )
        )
    if read.parts.rest.networks is not None and not groups:
        raise InputError(f"{REST}: none of its layers is among the files")
    return found


def _fits(mapped: Mapped, group: list[Mapped]) -> bool:
    """Whether a layer can be in one design with others: one accelerator, each layer once."""
    mine, theirs = (join(each.hardware, None)[0] for each in (mapped, group[0]))
    same = without_keeps(mine) == without_keeps(theirs)
    return same and all(mapped.layer.name != other.layer.name for other in group)


def _shared(found: list[Hardware]) -> Hardware:
    """The accelerator of several layers; a level may hold what it may hold for any of them."""
    first, *others = (join(hardware, None)[0] for hardware in found)
    for other in others:
        levels = zip(first.levels, other.levels, strict=True)
        first = replace(first, levels=tuple(_united(a, b) for a, b in levels))
    return first


def _united(one: StorageLevel, other: StorageLevel) -> StorageLevel:
    if one.keeps is None or other.keeps is None:
        return replace(one, keeps=None)
    return replace(one, keeps=one.keeps | other.keeps)


def without_keeps(hardware: Hardware) -> Hardware:
    """The hardware, with levels that may hold everything."""
    return replace(hardware, levels=tuple(replace(each, keeps=None) for each in hardware.levels))


def _design(group: list[Mapped], rest: Rest) -> Design:
    """Layers on one accelerator, priced again."""
    hardware = _shared([mapped.hardware for mapped in group])
    accounting = rest.accounting or ACCOUNTINGS_OF.get(group[0].version, "timeloop")
    evaluators = [
        Evaluator(mapped.layer, hardware, rest.technology, accounting) for mapped in group
    ]
    found = {
        mapped.files[0].resolve().parent.name if rest.networks is not None else mapped.layer.name: (
            _priced(evaluator, join(mapped.hardware, mapped.mapping)[1])
        )
        for mapped, evaluator in zip(group, evaluators, strict=True)
    }
    networks = tuple(_networks(found, rest))
    return Design(
        rest.name, hardware, networks, rest.technology, accounting, *rest.template, rest.origin,
    )  # fmt: skip


def _priced(evaluator: Evaluator, mapping: Mapping) -> LayerDesign:
    layer, hardware = evaluator.layer, evaluator.hardware
    costs = evaluator.price(MappingBatch.of(layer.shape, [mapping]))
    if not costs.valid[0]:
        level = hardware.levels[int(costs.level[0])].name
        raise InputError(f"layer {layer.name}: its mapping does not fit {level}")
    return LayerDesign(layer, 1, mapping, float(costs.energy_pj[0]), int(costs.cycles[0]))


def _networks(found: dict[str, LayerDesign], rest: Rest) -> list[NetworkDesign]:
    """The layers as networks with counts, as `codesign.yaml` has them, or else as one network."""
    if rest.networks is None:
        return [NetworkDesign(rest.name, tuple(found.values()))]
    for _, layers in rest.networks:
        for folder, _, _ in layers:
            if folder not in found:
                raise InputError(f"{REST}: folder {folder!r} is not among the files")
    return [
        NetworkDesign(
            name, tuple(replace(found[folder], count=count) for folder, _, count in layers)
        )
        for name, layers in rest.networks
    ]
