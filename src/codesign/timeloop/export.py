"""A design as files for Timeloop: an architecture, a problem and a mapping per layer."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from codesign.errors import InputError
from codesign.factors import ANY
from codesign.hardware.architecture import Hardware
from codesign.mapping.mapping import Mapping
from codesign.store.atomic import output_folder, replacing_together, write_text
from codesign.store.design import Design, LayerDesign
from codesign.store.design_file import hashed_technology, template_fields
from codesign.store.yaml_text import Line, LineFields, yaml_text
from codesign.timeloop.file_names import LONGEST, distinct, plain
from codesign.timeloop.flat_writing import architecture_fields, table_energies
from codesign.timeloop.mapping import mapping_constraints, mapping_directives
from codesign.timeloop.nodes_writing import nodes_fields
from codesign.timeloop.problem import problem_fields
from codesign.timeloop.split import price, require_equal_cost, split
from codesign.timeloop.versions import V4

FORMATS = ("timeloop", "timeloop-v0.4")
REST = "codesign.yaml"
"""The file for what Timeloop's files cannot hold: names, counts, the energy table."""

FORMAT = 1

Files = dict[str, dict[str, Any]]
"""Contents by file name."""


def export_design(design: Design, folder: Path, form: str = "timeloop") -> list[str]:
    """Writes a design's files: one folder per layer, and `codesign.yaml` beside the folders.

    Timeloop's factors divide sizes, so a layer with padded factors is written with the sizes that
    it runs (`padding_told`), which costs the same. With factors `any`, it is written as if it were
    padded, and costs more.

    Everything is computed before anything is written. All files appear, or none does.

    Args:
        design: the design.
        folder: where to write; it is created if it is missing.
        form: `timeloop` for the files of 2020, `timeloop-v0.4` for those of Timeloop 4.

    Returns:
        The names of the layers' folders.

    Raises:
        InputError: Timeloop cannot express something in the design, or a mapping does not fit.
    """
    if form not in FORMATS:
        raise InputError(f"format is {form!r}, expected one of {', '.join(FORMATS)}")
    entries = [entry for network in design.networks for entry in network.layers]
    names = _folder_names([entry.layer.name for entry in entries])
    written = [replace(entry, layer=entry.mapping.padded(entry.layer)) for entry in entries]
    contents = [
        _files_of_2020(design, entry) if form == "timeloop" else _files_of_v4(design, entry)
        for entry in written
    ]
    texts = {
        name: {file: comment + yaml_text(content) for file, content in files.items()}
        for name, (comment, files) in zip(names, contents, strict=True)
    }
    _write(folder, {"": {REST: yaml_text(_rest_fields(design, names, form))}, **texts})
    return names


def padding_told(design: Design) -> list[str]:
    """A sentence per layer that `export_design` writes with larger sizes than it has."""
    told = []
    for entry in (entry for network in design.networks for entry in network.layers):
        padded = entry.mapping.padded(entry.layer)
        changed = [
            f"{letter}={size} in place of {own}"
            for letter, size, own in zip(
                padded.shape.dimensions, padded.sizes, entry.layer.sizes, strict=True
            )
            if size != own
        ]
        if changed:
            why = "as it runs"
            if design.factors == ANY:
                why = "since these files have no partial iterations; there all of it runs"
            told.append(f"{entry.layer.name}: written with {', '.join(changed)}, {why}")
    return told


def _write(folder: Path, texts: dict[str, dict[str, str]]) -> None:
    """Writes texts by the names of folders and of files in them: all of them, or none."""
    with ExitStack() as stack:
        for name in texts:
            stack.enter_context(output_folder(folder / name))
        drafts = {name: stack.enter_context(replacing_together(folder / name)) for name in texts}
        for name, files in texts.items():
            for file, text in files.items():
                write_text(drafts[name] / file, text)


def _folder_names(layers: list[str]) -> list[str]:
    """A different folder name for every layer: its own name, as far as file systems allow."""
    return distinct([plain(layer).strip("._")[:LONGEST] or "layer" for layer in layers])


def _files_of_2020(design: Design, entry: LayerDesign) -> tuple[str, Files]:
    """A comment, and `architecture.yaml`, `problem.yaml`, `mapping.yaml` of a layer."""
    layer, technology = entry.layer, design.technology
    whole: tuple[Hardware, Mapping] = (design.hardware, entry.mapping)
    energy_pj, cycles = price(layer, technology, *whole)
    hardware, mapping = split(layer, *whole)
    require_equal_cost(layer, technology, whole, (hardware, mapping))
    comment = f"# {layer.name}: {cycles} cycles, {energy_pj!r} pJ\n"
    return comment, {
        "architecture.yaml": architecture_fields(hardware, technology, layer.shape.dataspace_names),
        "problem.yaml": problem_fields(layer),
        "mapping.yaml": mapping_directives(mapping, hardware, layer),
    }


def _files_of_v4(design: Design, entry: LayerDesign) -> tuple[str, Files]:
    """The same three files in the form of version 0.4."""
    layer, mapping = entry.layer, entry.mapping
    return "", {
        "architecture.yaml": nodes_fields(design.hardware, mapping, layer),
        "problem.yaml": problem_fields(layer, V4),
        "mapping.yaml": mapping_constraints(mapping, design.hardware, layer),
    }


def _rest_fields(design: Design, names: list[str], form: str) -> dict[str, Any]:
    """The parts of a design that Timeloop's files do not hold."""
    fields: dict[str, Any] = {"format": FORMAT, "name": design.name}
    if design.origin:
        fields["origin"] = dict(design.origin)
    filled = table_energies(design.hardware, design.technology) if form == FORMATS[0] else {}
    folders = iter(names)
    return fields | {
        "accounting": design.accounting,
        "technology": hashed_technology(design.technology),
        "hardware": {"name": design.hardware.name}
        | template_fields(design)
        | ({"from_table": {k: Line(v) for k, v in filled.items() if v}} if filled else {}),
        "networks": [
            {
                "name": network.name,
                "layers": [
                    LineFields(folder=next(folders), name=entry.layer.name, count=entry.count)
                    for entry in network.layers
                ],
            }
            for network in design.networks
        ],
    }
