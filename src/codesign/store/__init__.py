"""Result files: tables, designs, and how they come to be on disk whole or not at all."""

from codesign.store.atomic import replacing, write_text
from codesign.store.design import Design, LayerDesign, NetworkDesign, load_design, write_design
from codesign.store.table import read_metadata, read_table, write_table

__all__ = [
    "Design",
    "LayerDesign",
    "NetworkDesign",
    "load_design",
    "read_metadata",
    "read_table",
    "replacing",
    "write_design",
    "write_table",
    "write_text",
]
