"""Checks of B6's options that the schema cannot make."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from codesign.errors import InputError


def check(options: dict[str, Any], settings: dict[str, Any], where: str) -> None:
    """Checks that there are records if the config includes the result.

    Raises:
        InputError: there are no records.
    """
    folder = options["records"]
    if "B6" in settings["results"] and not any(Path(folder).glob("*.jsonl.gz")):
        raise InputError(
            f"{where}: records is {folder!r}, expected a folder of record sets (SET.jsonl.gz); "
            "they come with the repository, in tests/reference, not with an installed package"
        )
