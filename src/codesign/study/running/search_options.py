"""Searches as options of stages: the rules write them by what the stages read them with.

Seeds are options of their own (`--seed`, `--seeds`), and the study minimises EDP throughout.
"""

from __future__ import annotations

import argparse

from codesign.search.settings import INNER, OUTER, Search


def add_search(parser: argparse.ArgumentParser, usual: Search = INNER) -> None:
    """Options of one search, as usual where they are not given."""
    parser.add_argument("--method", default=usual.method)
    parser.add_argument("--trials", type=int, default=usual.trials, help="points that are tried")


def add_searches(parser: argparse.ArgumentParser) -> None:
    """Options of a hardware search and of the mapping searches inside."""
    add_search(parser, OUTER)
    parser.add_argument("--mapper", default=INNER.method, help="the method that maps the layers")
    parser.add_argument(
        "--mapping-trials", type=int, default=INNER.trials, help="mappings tried per layer"
    )


def read_search(options: argparse.Namespace, seed: int = 0) -> Search:
    """The search that options of `add_search` name."""
    return Search(options.method, options.trials, seed)


def read_searches(options: argparse.Namespace, seed: int = 0) -> tuple[Search, Search]:
    """The hardware search and the mapping search that options of `add_searches` name."""
    return read_search(options, seed), Search(options.mapper, options.mapping_trials, seed)


def search_options(search: Search, inner: Search | None = None) -> list[str]:
    """The words by which `add_search`, or with an inner search `add_searches`, reads them."""
    words = ["--method", search.method, "--trials", str(search.trials)]
    if inner is not None:
        words += ["--mapper", inner.method, "--mapping-trials", str(inner.trials)]
    return words
