"""The report of a run: one page of HTML that needs neither a network nor other files."""

from codesign.study.report.page import add_arguments, run

__all__ = ["add_arguments", "run"]
