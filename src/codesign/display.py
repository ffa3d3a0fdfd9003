"""How objects are shown: in one line, as a table, and in notebooks."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

MOST_LETTERS = 110
"""Length of a `repr`, in characters; longer ones are cut."""

MOST_ROWS = 30
"""Rows that a notebook shows. Of longer tables, it shows the beginning and the end."""


class Displayed:
    """Gives a class a short `repr` and a table for notebooks.

    A class defines `summary` (what it is) and `to_frame` (its content). Dataclasses need
    `repr=False`; otherwise Python generates a `repr` with every field.
    """

    def summary(self) -> str:
        """What the object is, in a few words that fit on a line."""
        raise NotImplementedError

    def to_frame(self) -> pd.DataFrame:
        """The object as a table."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {cut(self.summary())}>"

    def _repr_html_(self) -> str:
        return html_table(f"{type(self).__name__} {self.summary()}", self.to_frame())


def html_table(title: str, frame: pd.DataFrame) -> str:
    """A table with its title above it, as HTML. All text is escaped."""
    body = frame.to_html(
        index=False, border=0, escape=True, na_rep="–", max_rows=MOST_ROWS, show_dimensions=False
    )
    return f"<div><p><b>{html.escape(title)}</b></p>{body}</div>"


def cut(text: str, most: int = MOST_LETTERS) -> str:
    """The text on one line, cut to `most` characters and an ellipsis if it is longer."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1] + "…"


def si(value: float) -> str:
    """A number with three digits and a metric prefix: `1.16 G`, `850 k`, `12`."""
    for prefix, size in ("P", 1e15), ("T", 1e12), ("G", 1e9), ("M", 1e6), ("k", 1e3):
        if abs(value) >= size:
            return f"{value / size:.3g} {prefix}"
    return f"{value:.3g}"


def plural(count: int, noun: str) -> str:
    """A count with its noun: `1 layer`, `4 layers`."""
    return f"{count} {noun}" + ("" if count == 1 else "s")
