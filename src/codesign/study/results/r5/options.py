"""What the schema cannot say of R5's options."""

from __future__ import annotations

from typing import Any

from codesign.errors import InputError
from codesign.reading import shown
from codesign.study.paper import REFERENCE
from codesign.study.results.r5.weights import PREFIX, weight


def check(options: dict[str, Any], settings: dict[str, Any], where: str) -> None:
    """Checks that every method says its λ.

    Raises:
        InputError: one does not.
    """
    for method in options["methods"]:
        try:
            weight(method)
        except ValueError:
            wanted = f"{REFERENCE} or a method that says its λ, as {PREFIX}2"
            raise InputError(f"{where}: methods is {shown(method)}, expected {wanted}") from None
