"""R3c: see `codesign.study.comparison.claims`."""

from codesign.study.comparison.claims import r3c as claims

__all__ = ["claims"]
