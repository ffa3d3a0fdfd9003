"""Accelerators, networks and designs as files of ours, whichever it is."""

from __future__ import annotations

from pathlib import Path

from codesign.hardware.architecture import Hardware
from codesign.hardware.writing import hardware_fields
from codesign.store.atomic import write_text
from codesign.store.design import Design
from codesign.store.design_file import write_design
from codesign.store.yaml_text import on_lines, yaml_text
from codesign.workload.network import Workload
from codesign.workload.writing import workload_fields


def write_any(content: Hardware | Workload | Design, path: Path) -> str:
    """Writes the file, whole or not at all, and says what it is; `InputError` if it cannot."""
    if isinstance(content, Design):
        write_design(content, path)
        return "design"
    if isinstance(content, Hardware):
        write_text(path, yaml_text({"name": content.name} | on_lines(hardware_fields(content))))
        return "accelerator"
    write_text(path, yaml_text(on_lines(workload_fields(content))))
    return "network"
