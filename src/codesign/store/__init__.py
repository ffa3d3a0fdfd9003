"""Result files: tables, designs, and how they come to be on disk whole or not at all."""

from codesign.store.atomic import replacing, write_json, write_text
from codesign.store.design import Design, LayerDesign, NetworkDesign
from codesign.store.design_file import load_design, write_design
from codesign.store.provenance import run_metadata
from codesign.store.replay import network_totals, replay
from codesign.store.table import read_metadata, read_table, table_writer, write_table

__all__ = [
    "Design",
    "LayerDesign",
    "NetworkDesign",
    "load_design",
    "network_totals",
    "read_metadata",
    "read_table",
    "replacing",
    "replay",
    "run_metadata",
    "table_writer",
    "write_design",
    "write_json",
    "write_table",
    "write_text",
]
