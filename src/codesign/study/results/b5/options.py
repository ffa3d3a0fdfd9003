"""Checks of B5's options that the schema cannot make."""

from __future__ import annotations

from typing import Any

from codesign.errors import InputError
from codesign.reading import closest
from codesign.study.running.checks import check_file, check_method


def check(options: dict[str, Any], settings: dict[str, Any], where: str) -> None:
    """Checks that the files, methods and models in the options exist.

    Raises:
        InputError: one does not.
    """
    for source in options["technologies"]:
        check_file("technology", source, f"{where}: technologies")
    for source in options["budgets"]:
        check_file("hardware", source, f"{where}: budgets")
    for method in options["ignorant"]:
        check_method(method, f"{where}: ignorant")
    known = list(settings["models"])
    for model, sources in options["workloads"].items():
        if model not in known:
            hint = closest(model, known)
            raise InputError(
                f"{where}: workloads: no model {model!r}{hint}, expected one of {', '.join(known)}"
            )
        for source in sources:
            check_file("workloads", source, f"{where}: workloads: {model}")
