"""The spaces in which searches are compared, by their names in tables and configs.

A map-space is `row-stationary`, where each model is mapped on its own baseline in Eyeriss's
dataflow, or has a name under `map_spaces` in the config. Accelerators are searched in `hardware`,
the space of each model's own baseline, or in one under `hardware_spaces` in the config. In tables
the latter is `hardware NAME`, since a map-space may have the same name.
"""

from __future__ import annotations

ROW_STATIONARY = "row-stationary"
"""The map-space of the baseline in its own dataflow, and the name of that dataflow."""

HARDWARE = "hardware"
"""The hardware space of the models' baselines: the accelerators of each model's budget."""

BASELINES = "baselines"
"""The name of `HARDWARE` in configs and folders, where others have the name of the config."""

FREE_SPACES = "free map-spaces"
"""All map-spaces of a study except `ROW_STATIONARY`, together."""

ALL = "all"
"""All models of a space together, or all layers of a model."""

TASK = ["space", "model", "layer"]
"""The columns that identify a task: a layer in a map-space, or a model in its hardware space."""

OPTIMAL = "optimal"
"""The certificate of a proven optimum; with another one, the mapping is the best that is known."""

DRAM = "DRAM"
"""The level of accelerators whose bandwidth a study may limit."""

RESERVED = (ROW_STATIONARY, HARDWARE, BASELINES, FREE_SPACES, ALL)
"""Names that a config cannot give to a space or a model."""


def hardware_name(name: str) -> str:
    """The name in tables of the hardware space with a name in the config."""
    return HARDWARE if name == BASELINES else f"{HARDWARE} {name}"


def is_hardware(space: str) -> bool:
    """Whether a space, by its name in tables, is one of accelerators."""
    return space == HARDWARE or space.startswith(f"{HARDWARE} ")


def is_of_paper(space: str) -> bool:
    """Whether statements of the paper are about a space: not about further hardware spaces."""
    return space == HARDWARE or not is_hardware(space)


def is_free(space: str) -> bool:
    """Whether a space, by its name in tables, is a single free map-space."""
    return space not in (ROW_STATIONARY, FREE_SPACES) and not is_hardware(space)


def title(space: str) -> str:
    """The title of a space in figures."""
    if space == ROW_STATIONARY:
        return "eyeriss, row-stationary"
    if not is_hardware(space):
        return space
    name = space.removeprefix(HARDWARE).strip()
    return f"hardware search, {name}" if name else "hardware search"
