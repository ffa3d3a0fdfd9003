"""R5: see `codesign.study.comparison.view`."""

from codesign.study.comparison.view import view

__all__ = ["view"]
