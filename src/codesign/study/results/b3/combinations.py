"""What B3 crosses: two accelerators and the dataflows that their mappings are held to."""

from __future__ import annotations

from codesign.study.running.stage import ROW_STATIONARY

EYERISS, FOUND = "Eyeriss", "found"

FILTER_PINNED = "H11 = H12 = 1"
"""The hardware parameters' own form of row-stationary: all of the filter in its places."""

RESTRICTED = (ROW_STATIONARY, FILTER_PINNED)
"""What the found hardware is restricted to, in the two readings of the decomposition."""

EFFECTS = ("hardware", "mapping", "interaction", "total")
"""Into which the difference between the combinations is taken apart."""
