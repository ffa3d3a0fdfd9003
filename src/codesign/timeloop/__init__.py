"""Designs to and from the files of Timeloop (`docs/timeloop.md`)."""

from codesign.timeloop.export import export_design
from codesign.timeloop.load import import_files

__all__ = ["export_design", "import_files"]
