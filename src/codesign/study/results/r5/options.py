"""Checks of R5's options that the schema cannot make."""

from __future__ import annotations

from typing import Any

from codesign.errors import InputError
from codesign.reading import shown
from codesign.study.paper import REFERENCE
from codesign.study.results.r5.weights import PREFIX, weight


def check(options: dict[str, Any], settings: dict[str, Any], where: str) -> None:
    """Checks that the name of every method has its λ.

    Raises:
        InputError: one does not.
    """
    for method in options["methods"]:
        try:
            weight(method)
        except ValueError:
            wanted = f"{REFERENCE} or a method with λ in its name, such as {PREFIX}2"
            raise InputError(f"{where}: methods is {shown(method)}, expected {wanted}") from None
