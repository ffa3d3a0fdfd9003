"""Checks of S1's options that the schema cannot make."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from codesign.errors import InputError
from codesign.study.running.checks import check_file
from codesign.study.searches.cells import MISSING
from codesign.workload.cells import Skeleton


def check(options: dict[str, Any], settings: dict[str, Any], where: str) -> None:
    """Checks the chips and the skeleton, and that there are cells if a result needs them.

    Raises:
        InputError: there is no such chip, an image cannot be halved, or there are no cells.
    """
    for chip in options["chips"]:
        check_file("hardware", chip, f"{where}: chips")
    try:
        Skeleton(options["inputs"], 10, tuple(options["channels"]), options["depth"])
    except InputError as error:
        raise InputError(f"{where}: {error}") from None
    if {"S1", "S3"} & set(settings["results"]) and not Path(options["cells"]).exists():
        raise InputError(f"{where}: cells: {MISSING.format(path=options['cells'])}")
