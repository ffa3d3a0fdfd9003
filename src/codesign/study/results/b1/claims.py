"""B1: see `codesign.study.comparison.claims`."""

from codesign.study.comparison.claims import b1 as claims

__all__ = ["claims"]
