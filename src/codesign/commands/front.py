"""What a Pareto search leaves besides: its front, and a design for each accelerator on it."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from codesign.columns import DESIGN, ON_FRONT

if TYPE_CHECKING:
    import pandas as pd

    from codesign.search.hardware_run import HardwareRun

FRONT, DESIGNS = "front.parquet", "front"
"""The front's table, and the folder of its designs."""


def write_front(
    run: HardwareRun,
    trials: pd.DataFrame,
    folder: Path,
    metadata: Mapping[str, str],
    origin: Mapping[str, str | int | float],
) -> None:
    """Writes `front.parquet` (the rows of `trials` on it) and `front/TRIAL.yaml`, one per row.

    Those of an earlier search in the folder are removed in any case.
    """
    from codesign.search.objective import PARETO
    from codesign.search.output.designs import hardware_design
    from codesign.store.design_file import write_design
    from codesign.store.table import write_table

    (folder / FRONT).unlink(missing_ok=True)
    shutil.rmtree(folder / DESIGNS, ignore_errors=True)
    if run.outer.objective != PARETO or run.best is None:
        return
    table = trials.iloc[run.front].drop(columns=ON_FRONT)
    table[DESIGN] = [f"{DESIGNS}/{trial}.yaml" for trial in table["trial"]]
    (folder / DESIGNS).mkdir()
    for trial in run.front:
        design = hardware_design(run, int(trial), dict(origin))
        write_design(design, folder / DESIGNS / f"{trial}.yaml")
    write_table(table, folder / FRONT, metadata)
