"""Writing an accelerator, a network or a design as a file."""

from __future__ import annotations

from pathlib import Path

from codesign.hardware.architecture import Hardware
from codesign.hardware.writing import hardware_fields
from codesign.store.atomic import write_text
from codesign.store.design import Design
from codesign.store.design_file import write_design
from codesign.store.yaml_text import on_lines, yaml_text
from codesign.workload.workload import Workload
from codesign.workload.writing import workload_fields


def write_any(content: Hardware | Workload | Design, path: Path) -> str:
    """Writes the file, as a whole or not at all.

    Returns:
        What was written: `design`, `accelerator` or `network`.

    Raises:
        InputError: the file cannot be written.
    """
    if isinstance(content, Design):
        write_design(content, path)
        return "design"
    if isinstance(content, Hardware):
        write_text(path, yaml_text({"name": content.name} | on_lines(hardware_fields(content))))
        return "accelerator"
    write_text(path, yaml_text(on_lines(workload_fields(content))))
    return "network"
