"""The names of the cost model's two accountings, without an import of the cost model."""

from __future__ import annotations

ACCOUNTINGS = ("timeloop", "exact")
"""`timeloop` counts accesses as Timeloop does, with its errors. `exact` corrects these errors."""
