"""Checks of S3's options that the schema cannot make."""

from __future__ import annotations

from typing import Any

from codesign.errors import InputError
from codesign.hardware.files import load_chip


def check(options: dict[str, Any], settings: dict[str, Any], where: str) -> None:
    """Checks that the chips of searches are chips of S1, and have something to search.

    Raises:
        InputError: one is not, or has not.
    """
    known = settings["S1"]["chips"]
    for chip in options["searched"]:
        if chip not in known:
            raise InputError(
                f"{where}: searched: {chip} is not a chip of S1, expected of {', '.join(known)}"
            )
        if "S3" in settings["results"] and not load_chip(chip).template.space:
            raise InputError(f"{where}: searched: {chip} has no space, expected parameters")
