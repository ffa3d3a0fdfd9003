# S1 and S3: the table of the cells, the skeleton of the networks, and the chips.

S_CHIPS = {as_one_name(chip): str(find("hardware", chip)) for chip in config["S1"]["chips"]}
"""The files of the chips, by the names of their curves."""

SKELETON = [
    *("--inputs", str(config["S1"]["inputs"]), "--depth", str(config["S1"]["depth"])),
    *("--channels", *map(str, config["S1"]["channels"])),
]
"""Options of the stages that need the networks around the cells."""


def cells_file(wildcards):
    """The table of the cells. If there is none, the stage says so."""
    cells = Path(config["S1"]["cells"])
    return [str(cells)] if cells.exists() else []


def chip_curves(wildcards):
    """The curves of the layers on all chips."""
    return collect("<results>/curves/{chip}.parquet", chip=S_CHIPS)
