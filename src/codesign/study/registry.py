"""The results that a study can make: one for each folder of `study/results`.

Nothing here imports more of a result than its declaration, so that looking results up is fast.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from pathlib import Path

from codesign.study import results
from codesign.study.result import Result

GROUPS = {"R": "The paper's results", "B": "Beyond the paper"}
"""What the first letter of an id says."""


def _id(folder: str) -> str:
    """The id of the result in a folder: `R3c` for `r3c`."""
    return folder[:1].upper() + folder[1:]


def _order(result: str) -> tuple[int, int, str]:
    """Where a result stands in the report: by group, by number, then by what follows it."""
    found = re.fullmatch(r"([A-Z])(\d+)(\w*)", result)
    if found is None or found[1] not in GROUPS:
        raise ValueError(f"study/results/{result.lower()}: expected a name like r9 or b7")
    return list(GROUPS).index(found[1]), int(found[2]), found[3]


def _declared() -> dict[str, Result]:
    folders = [entry.name for entry in pkgutil.iter_modules(results.__path__) if entry.ispkg]
    rooms = {_id(name): importlib.import_module(f"{results.__name__}.{name}") for name in folders}
    return {result: rooms[result].RESULT for result in sorted(rooms, key=_order)}


RESULTS: dict[str, Result] = _declared()
"""All of them by their ids, in the order of the report."""


def tables(result: str) -> tuple[str, ...]:
    """The names of all tables of a result."""
    return tuple(_named(result, part) for part in ("", *RESULTS[result].others))


def shown_tables(result: str) -> tuple[str, ...]:
    """The names of the tables that the report shows."""
    return tuple(_named(result, part) for part in ("", *RESULTS[result].shown))


def figures(result: str) -> dict[str, str]:
    """The figures of a result, each with the table that it shows; the first bears the id."""
    parts = {"": RESULTS[result].drawn, **RESULTS[result].figures}
    return {_named(result, figure): _named(result, table) for figure, table in parts.items()}


def owner(name: str) -> str:
    """The result that a table or figure belongs to: R8 for `R8.breakdown`."""
    return name.partition(".")[0]


def module_of(result: str, name: str = "") -> str:
    """The module `name` of a result's folder, or the folder itself."""
    folder = f"{results.__name__}.{result.lower()}"
    return f"{folder}.{name}" if name else folder


def figure_module(figure: str) -> str:
    """The module that draws a figure: `….r8.figure_breakdown` for `R8.breakdown`."""
    return module_of(owner(figure), _part_file("figure", figure))


def caption_file(figure: str) -> Path:
    """The caption of a figure: `r8/caption_breakdown.rst` for `R8.breakdown`."""
    folder = Path(results.__path__[0], owner(figure).lower())
    return folder / f"{_part_file('caption', figure)}.rst"


def has_module(result: str, name: str) -> bool:
    """Whether a result's folder has the module `name`."""
    return Path(results.__path__[0], result.lower(), f"{name}.py").is_file()


def stages() -> dict[str, str]:
    """The stages of all results by name, each with its module: R8's table is the stage `r8`."""
    found = {}
    for result, declared in RESULTS.items():
        found[result.lower()] = module_of(result, "table")
        found |= {name: module_of(result, name) for name in declared.stages}
    return found


def _named(result: str, part: str) -> str:
    return f"{result}.{part}" if part else result


def _part_file(kind: str, figure: str) -> str:
    part = figure.partition(".")[2]
    return f"{kind}_{part}" if part else kind
