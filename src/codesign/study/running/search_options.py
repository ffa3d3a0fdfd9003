"""Searches as options of stages: written by the rules, and read by the stages.

Seeds are separate options (`--seed`, `--seeds`). The objective is always EDP.
"""

from __future__ import annotations

import argparse

from codesign.search.settings import OUTER, PAPER, Search


def add_search(parser: argparse.ArgumentParser, usual: Search = PAPER) -> None:
    """Adds the options of one search, with the defaults of `usual`."""
    parser.add_argument("--method", default=usual.method)
    parser.add_argument("--trials", type=int, default=usual.trials, help="points to try")


def add_searches(parser: argparse.ArgumentParser) -> None:
    """Adds the options of a hardware search and of the mapping searches inside."""
    add_search(parser, OUTER)
    parser.add_argument("--mapper", default=PAPER.method, help="the method that maps the layers")
    parser.add_argument(
        "--mapping-trials", type=int, default=PAPER.trials, help="mappings to try per layer"
    )


def read_search(options: argparse.Namespace, seed: int = 0) -> Search:
    """The search from the options of `add_search`."""
    return Search(options.method, options.trials, seed)


def read_searches(options: argparse.Namespace, seed: int = 0) -> tuple[Search, Search]:
    """The hardware search and the mapping search from the options of `add_searches`."""
    return read_search(options, seed), Search(options.mapper, options.mapping_trials, seed)


def search_options(search: Search, inner: Search | None = None) -> list[str]:
    """The command-line options for `add_search`, or, with an inner search, for `add_searches`."""
    words = ["--method", search.method, "--trials", str(search.trials)]
    if inner is not None:
        words += ["--mapper", inner.method, "--mapping-trials", str(inner.trials)]
    return words
