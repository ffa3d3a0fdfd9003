"""The results that a study can make: one per folder in `study/results`.

Of a result, only its declaration is imported here, so a look-up is fast.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from codesign.reading import read_text
from codesign.study import comparison, results
from codesign.study.result import Result
from codesign.yaml_loader import parse_yaml

OPTIONS = "options.yaml"
"""The file in a result's folder with the schema of its options in a config."""

GROUPS = {
    "R": "The paper's results",
    "B": "Beyond the paper",
    "S": "Networks and accelerators together",
}
"""The groups of results, by the first letter of the id."""


def _id(folder: str) -> str:
    """The id of the result in a folder: `R3c` for `r3c`."""
    return folder[:1].upper() + folder[1:]


def _order(result: str) -> tuple[int, int, str]:
    """The place of a result in the report: by group, by number, then by the letters after it."""
    found = re.fullmatch(r"([A-Z])(\d+)(\w*)", result)
    if found is None or found[1] not in GROUPS:
        raise ValueError(f"study/results/{result.lower()}: expected a name like r9 or b7")
    return list(GROUPS).index(found[1]), int(found[2]), found[3]


def _declared() -> dict[str, Result]:
    folders = [entry.name for entry in pkgutil.iter_modules(results.__path__) if entry.ispkg]
    found = {_id(name): importlib.import_module(f"{results.__name__}.{name}") for name in folders}
    return {
        result: replace(found[result].RESULT, id=result) for result in sorted(found, key=_order)
    }


RESULTS: dict[str, Result] = _declared()
"""All results by their ids, in the order of the report."""


def tables(result: str) -> tuple[str, ...]:
    """The names of all tables of a result."""
    return tuple(_named(result, part) for part in ("", *RESULTS[result].others))


def shown_tables(result: str) -> tuple[str, ...]:
    """The names of the tables that the report shows."""
    return tuple(_named(result, part) for part in ("", *RESULTS[result].shown))


def figures(result: str) -> dict[str, str]:
    """The figures of a result, each with the table that it shows. The first one is named by the
    id."""
    parts = {"": RESULTS[result].drawn, **RESULTS[result].figures}
    return {_named(result, figure): _named(result, table) for figure, table in parts.items()}


def owner(name: str) -> str:
    """The result that a table or figure belongs to: R8 for `R8.breakdown`."""
    return name.partition(".")[0]


def folder_of(result: str) -> str:
    """The package that declares a result."""
    return f"{results.__name__}.{result.lower()}"


def modules_of(result: str, name: str) -> tuple[str, ...]:
    """The modules that make one part of a result, such as `figure` or `claims`.

    It is the module `name` in the result's folder. If there is none and the result has arms, it is
    that module of `study.comparison`, and the package that declares the arms. Otherwise, the tuple
    is empty.
    """
    if Path(results.__path__[0], result.lower(), f"{name}.py").is_file():
        return (f"{folder_of(result)}.{name}",)
    declared = RESULTS.get(result)
    if declared and declared.arms and Path(comparison.__path__[0], f"{name}.py").is_file():
        return f"{comparison.__name__}.{name}", folder_of(result)
    return ()


def function_of(result: str, name: str, function: str) -> Callable[..., Any] | None:
    """A function in the first module from `modules_of`; None if there is none.

    Functions of `study.comparison` get the result as the argument `result`.
    """
    found = modules_of(result, name)
    made = getattr(importlib.import_module(found[0]), function, None) if found else None
    if made is not None and len(found) > 1:
        return partial(made, result=RESULTS[result])
    return made


def figure_modules(figure: str) -> tuple[str, ...]:
    """`modules_of` a figure: `….r8.figure_breakdown` for `R8.breakdown`."""
    return modules_of(owner(figure), _part_file("figure", figure))


def draw_function(figure: str) -> Callable[..., Any] | None:
    """The function that draws the figure; None if no module does."""
    return function_of(owner(figure), _part_file("figure", figure), "draw")


def caption_file(figure: str) -> Path:
    """The caption of a figure: `r8/caption_breakdown.rst` for `R8.breakdown`."""
    folder = Path(results.__path__[0], owner(figure).lower())
    return folder / f"{_part_file('caption', figure)}.rst"


def options_of(result: str) -> dict[str, Any]:
    """The schema of each of a result's options, from `options.yaml` in its folder."""
    path = Path(results.__path__[0], result.lower(), OPTIONS)
    return (parse_yaml(read_text(path), str(path)) or {}) if path.is_file() else {}


def stages() -> dict[str, str]:
    """The stages in the folders of results, each with its module: `r8` is R8's table."""
    found = {}
    for result, declared in RESULTS.items():
        names = {result.lower(): "table", **{name: name for name in declared.stages}}
        for stage, name in names.items():
            modules = modules_of(result, name)
            if len(modules) == 1:
                found[stage] = modules[0]
    return found


def _named(result: str, part: str) -> str:
    return f"{result}.{part}" if part else result


def _part_file(kind: str, figure: str) -> str:
    part = figure.partition(".")[2]
    return f"{kind}_{part}" if part else kind
