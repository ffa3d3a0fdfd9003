"""The output of commands on stdout: text, or with `--json` the same as one JSON value."""

from __future__ import annotations

import argparse
import json
import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


def add_json(parser: argparse.ArgumentParser) -> None:
    """Adds the option for JSON output."""
    parser.add_argument(
        "--json",
        action="store_true",
        help="print one JSON value instead of text (docs/cli.md has its keys); unknown values are"
        " null",
    )


def print_json(value: Any) -> None:
    """Prints a value as JSON: numbers as numbers, NaN and infinity as null, tables as lists."""
    print(json.dumps(plain(value), indent=2, ensure_ascii=True, allow_nan=False))


def plain(value: Any) -> Any:
    """The value, converted to types of JSON."""
    if isinstance(value, dict):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if hasattr(value, "to_dict"):
        return rows(value)
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, bool | int | str):
        return value
    return str(value)


def rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a table as dictionaries, by column."""
    records = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return [{str(key): plain(value) for key, value in record.items()} for record in records]
