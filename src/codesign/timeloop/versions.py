"""The versions of Timeloop's newer files. The form of 2020 has none."""

from __future__ import annotations

V4 = "0.4"
VERSIONS = ("0.1", "0.2", "0.3", V4)
