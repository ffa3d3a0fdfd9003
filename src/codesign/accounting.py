"""The two accountings of the cost model by name, for whoever names one and prices nothing."""

from __future__ import annotations

ACCOUNTINGS = ("timeloop", "exact")
"""`timeloop` counts accesses as Timeloop does, `exact` with its peculiarities put right."""
