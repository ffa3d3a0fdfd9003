"""`python -m codesign.figures RESULT …`: draws one figure from its Parquet."""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path

from codesign.errors import InputError
from codesign.figures.style import save
from codesign.store.table import read_metadata, read_own, write_table
from codesign.study.results import RESULTS, figures, module_of

_FIGURES = tuple(name for result in RESULTS for name in figures(result))


def main(arguments: list[str]) -> int:
    """Writes the figure as PDF and PNG, and beside them the data it shows."""
    parser = argparse.ArgumentParser(prog="python -m codesign.figures", description=__doc__)
    parser.add_argument("figure", choices=_FIGURES)
    parser.add_argument("--table", type=Path, required=True, help="what to draw")
    parser.add_argument("--pdf", type=Path, required=True)
    parser.add_argument("--png", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True, help="copy of what was drawn")
    options = parser.parse_args(arguments)
    try:
        table = read_own(options.table)
        module = importlib.import_module(module_of(options.figure))
        figure = module.draw(table)
        save(figure, options.pdf, options.png)
        write_table(table, options.data, read_metadata(options.table))
    except InputError as error:
        print(f"codesign: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
