"""Puts the page together: captions, figures, tables, summary, config and provenance."""

from __future__ import annotations

import argparse
import base64
import json
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jinja2
import yaml
from docutils.core import publish_parts  # type: ignore[import-untyped]

from codesign.store.atomic import write_text
from codesign.store.table import read_metadata, read_table
from codesign.study.report.views import view
from codesign.study.report.views.cells import View
from codesign.study.results import RESULTS

_QUIET = {"file_insertion_enabled": False, "raw_enabled": False, "report_level": 5}


@dataclass(frozen=True)
class Section:
    """A result on the page; links are relative to the run's folder."""

    id: str
    title: str
    caption: str
    picture: str
    table: View
    origin: dict[str, str]


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


def write_report(
    config: dict[str, Any],
    summary: Path,
    tables: list[Path],
    figures: list[Path],
    captions: list[Path],
) -> str:
    """The page, from the files of a run; `captions` begins with the introduction."""
    sections = [
        Section(
            table.stem,
            RESULTS[table.stem].title,
            render_caption(caption, config),
            picture_link(figure),
            view(table.stem, read_table(table)),
            read_metadata(table),
        )
        for table, figure, caption in zip(tables, figures, captions[1:], strict=True)
    ]
    template = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    ).get_template("page.html")
    return template.render(
        name=config["name"],
        introduction=render_caption(captions[0], config),
        summary=view("summary", read_table(summary)),
        sections=sections,
        config=yaml.safe_dump(config, sort_keys=False, allow_unicode=True, width=100),
    )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the stage."""
    parser.add_argument("--summary", type=Path, required=True)
    parser.add_argument("--tables", type=Path, nargs="+", required=True)
    parser.add_argument("--figures", type=Path, nargs="+", required=True, help="PNGs, as tables")
    parser.add_argument(
        "--captions", type=Path, nargs="+", required=True, help="the introduction, then as tables"
    )
    parser.add_argument("--config", required=True, help="the run's config as JSON")
    parser.add_argument("--config-file", type=Path, required=True, help="output, the config")
    parser.add_argument("--output", type=Path, required=True)


def run(options: argparse.Namespace) -> None:
    """Writes the page and the config beside it."""
    config = json.loads(options.config)
    page = write_report(config, options.summary, options.tables, options.figures, options.captions)
    write_text(options.config_file, json.dumps(config, indent=2) + "\n")
    write_text(options.output, page)
