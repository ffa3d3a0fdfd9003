"""Captions as HTML, and pictures as part of the page."""

from __future__ import annotations

import base64
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jinja2
from docutils.core import publish_parts  # type: ignore[import-untyped]

_QUIET = {"file_insertion_enabled": False, "raw_enabled": False, "report_level": 5}


def render_caption(path: Path, config: dict[str, Any]) -> str:
    """A caption as HTML: reStructuredText with the config filled in.

    `snakemake --report` renders the same files, which therefore say `snakemake.config`.
    """
    template = jinja2.Environment(undefined=jinja2.StrictUndefined).from_string(
        path.read_text(encoding="utf-8")
    )
    text = template.render(snakemake=SimpleNamespace(config=config))
    parts = publish_parts(text, writer="html5", settings_overrides=_QUIET)
    return str(parts["body"])


def picture_link(path: Path) -> str:
    """A PNG as an address that contains it."""
    return "data:image/png;base64," + base64.b64encode(path.read_bytes()).decode()
