"""Options that several commands have, and the types of options."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codesign.accounting import ACCOUNTINGS
from codesign.factors import FACTORS
from codesign.search.settings import INNER

if TYPE_CHECKING:
    from codesign.hardware.files import Chip
    from codesign.hardware.technology import Technology

MAPPERS, SEARCHERS = "{mappers}", "{searchers}"
"""Placeholders in help texts for the names of methods: for mappings, and for hardware."""

PARTS = "trials.parquet, timings.parquet, design.yaml, summary.json"


class _HelpFormatter(argparse.RawDescriptionHelpFormatter, argparse.ArgumentDefaultsHelpFormatter):
    """Keeps the lines of descriptions, and adds the defaults of options if they have one."""

    def _get_help_string(self, action: argparse.Action) -> str | None:
        text = action.help
        if action.default not in (None, False) and not action.required:
            text = super()._get_help_string(action)
        return None if text is None else _name_methods(text)


def _name_methods(text: str) -> str:
    """A help text with the names of methods, which are looked up only if it is shown."""
    if MAPPERS not in text and SEARCHERS not in text:
        return text
    mappers, searchers = method_names()
    text = text.replace(MAPPERS, ", ".join(mappers))
    return text.replace(SEARCHERS, ", ".join(searchers))


def method_names() -> tuple[list[str], list[str]]:
    """The methods that search mappings by trials, and those of them that also search hardware."""
    from codesign.search.registry import DECODE, METHODS

    mappers = [name for name, method in METHODS.items() if not method.proves]
    return mappers, [name for name in mappers if METHODS[name].needs in (None, DECODE)]


def add_command(
    subparsers: Any, name: str, summary: str, description: str, examples: str
) -> argparse.ArgumentParser:
    """Adds a command: its line in the list of commands, its description, and its examples."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        name,
        help=summary,
        description=description,
        epilog=f"examples:\n{examples}",
        formatter_class=_HelpFormatter,
        allow_abbrev=False,
    )
    parser.set_defaults(parser=parser)
    return parser


def add_cost_options(parser: argparse.ArgumentParser, accounting: str | None = "timeloop") -> None:
    """Adds the options for pricing mappings."""
    parser.add_argument(
        "--accounting",
        choices=list(ACCOUNTINGS),
        default=accounting,
        help="count accesses as Timeloop of 2020, of 2022 or Timeloop 4 does, or with their "
        "errors corrected",
    )


def add_factors(parser: argparse.ArgumentParser) -> None:
    """Adds the option for how factors cover the sizes of a layer."""
    parser.add_argument(
        "--factors",
        choices=list(FACTORS),
        help="whether tiles divide a layer's sizes; or may be padded, so that the last one is in "
        "part empty, and is paid in full; or may have any size, so that the last one is smaller, "
        "with the accounting exact (default: the hardware file's, or divisors)",
    )


def told_factors(options: argparse.Namespace) -> dict[str, str]:
    """How factors cover sizes as an entry of `origin`, if the option is given."""
    return {} if options.factors is None else {"factors": options.factors}


def add_technology(parser: argparse.ArgumentParser, otherwise: str) -> None:
    """Adds the option for the energy table."""
    parser.add_argument(
        "--technology",
        metavar="TABLE",
        help=f"energy table: a name from config/technology or a YAML file (default: {otherwise})",
    )


def add_search_options(parser: argparse.ArgumentParser, is_output_required: bool = True) -> None:
    """Adds the options of every search."""
    parser.add_argument(
        "--seed",
        type=natural,
        default=INNER.seed,
        help="seed of all random choices; the same seed gives the same results",
    )
    parser.add_argument(
        "--output",
        metavar="DIR",
        type=Path,
        required=is_output_required,
        help=f"folder for the results ({PARTS}); made if it is missing",
    )


def add_objective(parser: argparse.ArgumentParser, choices: tuple[str, ...], note: str) -> None:
    """Adds the option for the objective."""
    parser.add_argument(
        "--objective", choices=choices, default=INNER.objective, help=f"what to minimise: {note}"
    )


def told_objective(options: argparse.Namespace) -> dict[str, str]:
    """The objective as an entry of `origin`, unless it is the default."""
    return {} if options.objective == INNER.objective else {"objective": options.objective}


MOST = 999_999_999
"""The largest whole number that an option accepts."""


def whole(text: str) -> int:
    """The type of an option: a whole number of at least 1."""
    return _number(text, 1)


def natural(text: str) -> int:
    """The type of an option: a whole number of at least 0."""
    return _number(text, 0)


def _number(text: str, least: int) -> int:
    # The length is checked first, because Python does not read numbers with thousands of digits.
    if text.isascii() and text.isdigit() and len(text) <= 40 and least <= int(text) <= MOST:
        return int(text)
    raise refused(text, f"a whole number from {least} to {MOST}")


def refused(text: str, expected: str) -> argparse.ArgumentTypeError:
    """The error of an option's type. The command line adds the option's name before it."""
    told = text if len(text) <= 60 else text[:57] + "..."
    return argparse.ArgumentTypeError(f"is {told!r}, expected {expected}")


def read_technology(source: str | None, otherwise: Technology) -> Technology:
    """The energy table that an option names.

    Raises:
        InputError: there is no such name or file, or the file has a bad field.
    """
    from codesign.hardware.technology import load_technology

    return otherwise if source is None else load_technology(source)


def chosen_chip(source: str, options: argparse.Namespace) -> Chip:
    """A chip, with the energy table and the kind of factors that options ask for.

    Raises:
        InputError: there is no such name or file, or a field has a bad value.
    """
    from codesign.hardware.files import load_chip

    chip = load_chip(source)
    technology = read_technology(options.technology, chip.technology)
    return replace(chip, technology=technology, factors=options.factors or chip.factors)


def progress_bar(total: int | None, what: str) -> Any:
    """A progress bar on stderr, which is shown only on a terminal."""
    from tqdm import tqdm

    return tqdm(total=total, unit=f" {what}", disable=not sys.stderr.isatty(), leave=False)


@contextlib.contextmanager
def at_the_end(note: Callable[[], str]) -> Iterator[None]:
    """A context that adds a note on kept files to an interruption or termination."""
    try:
        yield
    except (KeyboardInterrupt, SystemExit) as end:
        end.add_note(note())
        raise
