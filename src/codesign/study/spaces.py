"""The spaces in which searches are compared, by their names in tables and configs.

A map-space is `row-stationary`, where each model is mapped on its own baseline in Eyeriss's
dataflow, or has a name under `map_spaces` in the config. Accelerators are searched in `hardware`.
"""

from __future__ import annotations

ROW_STATIONARY = "row-stationary"
"""The map-space of the baseline in its own dataflow, and the name of that dataflow."""

HARDWARE = "hardware"
"""The hardware spaces: the accelerators of a model's budget."""

FREE_SPACES = "free map-spaces"
"""All map-spaces of a study except `ROW_STATIONARY`, together."""

ALL = "all"
"""All models of a space together, or all layers of a model."""

TASK = ["space", "model", "layer"]
"""The columns that identify a task: a layer in a map-space, or a model in its hardware space."""

OPTIMAL = "optimal"
"""The certificate of a proven optimum; with another one, the mapping is the best that is known."""

RESERVED = (ROW_STATIONARY, HARDWARE, FREE_SPACES, ALL)
"""Names that a config cannot give to a map-space or a model."""
