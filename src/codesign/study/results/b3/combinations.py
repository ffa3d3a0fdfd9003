"""The combinations of B3: two accelerators, and the dataflows of their mappings."""

from __future__ import annotations

from codesign.study.spaces import ROW_STATIONARY

EYERISS, FOUND = "Eyeriss", "found"

FILTER_PINNED = "H11 = H12 = 1"
"""Row-stationary by parameters of the hardware: the whole filter is pinned to its slots."""

RESTRICTED = (ROW_STATIONARY, FILTER_PINNED)
"""The dataflows that the found hardware is restricted to, in two readings of the decomposition."""

EFFECTS = ("hardware", "mapping", "interaction", "total")
"""The parts of the difference between the combinations."""
