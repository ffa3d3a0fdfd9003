"""The report of a run: one HTML page without links to other files or the network."""

from codesign.study.report.page import add_arguments, run

__all__ = ["add_arguments", "run"]
