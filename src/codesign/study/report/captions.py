"""Captions as HTML, and pictures as part of the page."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jinja2
from docutils.core import publish_parts  # type: ignore[import-untyped]

_QUIET = {"file_insertion_enabled": False, "raw_enabled": False, "report_level": 5}


_ABOUT_PAPER = re.compile(r'<p class="paper">.*?</p>\n?', re.DOTALL)


def render_caption(path: Path, config: dict[str, Any], reproduces: bool = True) -> str:
    """A caption as HTML: reStructuredText with the config filled in.

    `snakemake --report` renders the same files, which therefore say `snakemake.config`.

    Args:
        reproduces: whether paragraphs of the class `paper` are kept.
    """
    template = jinja2.Environment(undefined=jinja2.StrictUndefined).from_string(
        path.read_text(encoding="utf-8")
    )
    text = template.render(snakemake=SimpleNamespace(config=config))
    parts = publish_parts(text, writer="html5", settings_overrides=_QUIET)
    body = str(parts["body"])
    return body if reproduces else _ABOUT_PAPER.sub("", body)


def picture_link(path: Path) -> str:
    """A PNG as an address that contains it."""
    return "data:image/png;base64," + base64.b64encode(path.read_bytes()).decode()
