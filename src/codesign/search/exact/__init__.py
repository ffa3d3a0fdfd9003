"""Mappers that prove their results."""

from codesign.search.exact.branch import Explored
from codesign.search.exact.branch_and_bound import SearchCertificate, solve
from codesign.search.exact.exhaustive import Certificate, ExactResult, exhaust

__all__ = ["Certificate", "ExactResult", "Explored", "SearchCertificate", "exhaust", "solve"]
