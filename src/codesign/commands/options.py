"""What the commands' options share."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codesign.accounting import ACCOUNTINGS
from codesign.search.settings import INNER

if TYPE_CHECKING:
    from codesign.hardware.technology import Technology

MAPPERS, SEARCHERS = "{mappers}", "{searchers}"
"""Stand for the names of methods in help texts: for mappings, and for hardware."""

PARTS = "trials.parquet, timings.parquet, design.yaml, summary.json"


class _HelpFormatter(argparse.RawDescriptionHelpFormatter, argparse.ArgumentDefaultsHelpFormatter):
    """Keeps the lines of descriptions, and adds defaults where there is one to tell."""

    def _get_help_string(self, action: argparse.Action) -> str | None:
        text = action.help
        if action.default not in (None, False) and not action.required:
            text = super()._get_help_string(action)
        return None if text is None else _name_methods(text)


def _name_methods(text: str) -> str:
    """A help text with the names of methods, which are looked up only when it is shown."""
    if MAPPERS not in text and SEARCHERS not in text:
        return text
    mappers, searchers = method_names()
    text = text.replace(MAPPERS, ", ".join(mappers))
    return text.replace(SEARCHERS, ", ".join(searchers))


def method_names() -> tuple[list[str], list[str]]:
    """The methods that search mappings by trials, and those of them that search hardware."""
    from codesign.search.registry import DECODE, METHODS

    mappers = [name for name, method in METHODS.items() if not method.proves]
    return mappers, [name for name in mappers if METHODS[name].needs in (None, DECODE)]


def add_command(
    subparsers: Any, name: str, summary: str, description: str, examples: str
) -> argparse.ArgumentParser:
    """A command's parser: one line for the list of commands, a description, and examples."""
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
    """How mappings are priced."""
    parser.add_argument(
        "--accounting",
        choices=ACCOUNTINGS,
        default=accounting,
        help="count accesses as Timeloop does, or with its errors corrected",
    )


def add_technology(parser: argparse.ArgumentParser, otherwise: str) -> None:
    """Which energy table."""
    parser.add_argument(
        "--technology",
        metavar="TABLE",
        help=f"energy table: a name from config/technology or a YAML file (default: {otherwise})",
    )


def add_search_options(parser: argparse.ArgumentParser, is_output_required: bool = True) -> None:
    """What every search asks for."""
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
    """What a search minimises."""
    parser.add_argument(
        "--objective", choices=choices, default=INNER.objective, help=f"what to minimise: {note}"
    )


def told_objective(options: argparse.Namespace) -> dict[str, str]:
    """The objective, for `origin`, where it is not the usual one."""
    return {} if options.objective == INNER.objective else {"objective": options.objective}


MOST = 999_999_999
"""The largest whole number that an option takes."""


def whole(text: str) -> int:
    """A whole number of at least 1, as an option's type."""
    return _number(text, 1)


def natural(text: str) -> int:
    """A whole number of at least 0, as an option's type."""
    return _number(text, 0)


def _number(text: str, least: int) -> int:
    # The length first: Python refuses to read numbers of thousands of digits.
    if text.isascii() and text.isdigit() and len(text) <= 40 and least <= int(text) <= MOST:
        return int(text)
    raise refused(text, f"a whole number from {least} to {MOST}")


def refused(text: str, expected: str) -> argparse.ArgumentTypeError:
    """What an option's type raises; the command line puts the option's name before it."""
    told = text if len(text) <= 60 else text[:57] + "..."
    return argparse.ArgumentTypeError(f"is {told!r}, expected {expected}")


def read_technology(source: str | None, otherwise: Technology) -> Technology:
    """The energy table that an option names; `InputError` if no table has that name."""
    from codesign.hardware.technology import load_technology

    return otherwise if source is None else load_technology(source)


def progress_bar(total: int | None, what: str) -> Any:
    """A progress bar on stderr, which stays silent where nobody watches."""
    from tqdm import tqdm

    return tqdm(total=total, unit=f" {what}", disable=not sys.stderr.isatty(), leave=False)


@contextlib.contextmanager
def at_the_end(note: Callable[[], str]) -> Iterator[None]:
    """Lets the command line say what is kept when the block is interrupted or terminated."""
    try:
        yield
    except (KeyboardInterrupt, SystemExit) as end:
        end.add_note(note())
        raise
