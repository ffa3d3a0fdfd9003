"""Mappers that prove what they find."""

from codesign.search.exact.exhaustive import Certificate, ExactResult, exhaust

__all__ = ["Certificate", "ExactResult", "exhaust"]
