"""Writing an accelerator, a network or a design as a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from codesign.hardware.architecture import Hardware
from codesign.hardware.dataflow import Dataflow
from codesign.hardware.writing import dataflow_fields, hardware_fields
from codesign.store.atomic import write_text
from codesign.store.design import Design
from codesign.store.design_file import write_design
from codesign.store.yaml_text import on_lines, yaml_text
from codesign.workload.workload import Workload
from codesign.workload.writing import workload_fields


def write_any(
    content: Hardware | Workload | Design, path: Path, flows: Sequence[Dataflow] = ()
) -> str:
    """Writes the file, as a whole or not at all.

    Args:
        content: what is written.
        path: the file.
        flows: dataflows of an accelerator.

    Returns:
        What was written: `design`, `accelerator` or `network`.

    Raises:
        InputError: the file cannot be written.
    """
    if isinstance(content, Design):
        write_design(content, path)
        return "design"
    if isinstance(content, Hardware):
        fields = {"name": content.name} | on_lines(hardware_fields(content))
        if flows:
            fields["dataflows"] = {
                flow.name: on_lines({"rules": dataflow_fields(flow)})["rules"] for flow in flows
            }
        write_text(path, yaml_text(fields))
        return "accelerator"
    write_text(path, yaml_text(on_lines(workload_fields(content))))
    return "network"
