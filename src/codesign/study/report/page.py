"""The page of the report: captions, figures, tables, summary, config and provenance."""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd
import yaml

from codesign.reading import read_text
from codesign.store.atomic import write_text
from codesign.store.provenance import digest
from codesign.store.table import read_metadata, read_own
from codesign.study.paper import is_reproduction
from codesign.study.registry import GROUPS, RESULTS, caption_file, owner
from codesign.study.report.captions import picture_link, render_caption
from codesign.study.report.cells import View, number
from codesign.study.report.claim import result_of
from codesign.study.report.findings import find
from codesign.study.report.summary_view import view as summary_view
from codesign.study.report.views import view
from codesign.study.running.provenance import provenance

LONG = 16
"""Tables with more rows are folded."""


@dataclass(frozen=True)
class Picture:
    """A figure on the page."""

    name: str
    link: str
    caption: str
    points: str
    """What `drawing.hover` found in it, as JSON; empty if it has no points."""


@dataclass(frozen=True)
class Section:
    """A result on the page, with its figures and tables."""

    id: str
    title: str
    question: str
    answer: str
    pictures: tuple[Picture, ...]
    tables: tuple[tuple[str, View], ...]
    origin: dict[str, str]


@dataclass(frozen=True)
class Group:
    """Results that are together in the navigation."""

    title: str
    sections: tuple[Section, ...]


def write_report(
    config: dict[str, Any],
    summary: Path,
    tables: list[Path],
    figures: list[Path],
    introduction: Path,
    made: dict[str, Any] | None = None,
) -> str:
    """The page as HTML, from the files of a run.

    Args:
        config: the config of the run, with all defaults.
        summary: the table of claims.
        tables, figures: Parquet and PNG files, named by results (`R8.parquet`) or parts of them
            (`R8.breakdown.png`). Every result has at least its main table. Beside a figure is the
            JSON file of its points, if it has any.
        introduction: the file with the introduction.
        made: the provenance of the run (`study.running.provenance`).
    """
    models = list(config.get("models", []))
    reproduces = is_reproduction(models)
    claims = read_own(summary)
    read = {path.stem: read_own(path) for path in tables}
    mains = {name: table for name, table in read.items() if name == owner(name)}
    findings = find(mains, claims, reproduces)
    answers = {finding.id: finding.answer for group in findings for finding in group.findings}
    origins = {path.stem: read_metadata(path) for path in tables if path.stem in mains}
    groups = _group(_sections(config, read, origins, figures, answers, reproduces), reproduces)
    template = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    ).get_template("page.html")
    return template.render(
        name=config["name"],
        models=models,
        reproduces=reproduces,
        findings=findings,
        introduction=render_caption(introduction, config, reproduces),
        summary=summary_view(claims, reproduces),
        anchors=[result_of(str(name)) for name in claims["id"]],
        verdicts=_count_verdicts(claims["verdict"].astype(str).tolist() if reproduces else []),
        groups=groups,
        shown={section.id for group in groups for section in group.sections},
        long=LONG,
        number=number,
        made=made,
        config_hash=digest(config),
        config=yaml.safe_dump(config, sort_keys=False, allow_unicode=True, width=100),
    )


def _count_verdicts(verdicts: list[str]) -> list[tuple[str, str, int]]:
    """Class for the style sheet, name, and number of every verdict that occurs."""
    distinct = dict.fromkeys(verdicts)
    return [(each.replace(" ", "-"), each, verdicts.count(each)) for each in distinct]


def _sections(
    config: dict[str, Any],
    tables: dict[str, pd.DataFrame],
    origins: dict[str, dict[str, str]],
    figures: list[Path],
    answers: dict[str, str],
    reproduces: bool,
) -> list[Section]:
    """One section per result in `origins`, with all of its tables."""
    sections = []
    for result, origin in origins.items():
        pictures = [
            _picture(figure, config, reproduces)
            for figure in figures
            if owner(figure.stem) == result
        ]
        shown = [
            (name, view(name, table)) for name, table in tables.items() if owner(name) == result
        ]
        sections.append(
            Section(
                result,
                RESULTS[result].title,
                RESULTS[result].question,
                answers[result],
                tuple(pictures),
                tuple(shown),
                origin,
            )
        )
    return sections


def _picture(figure: Path, config: dict[str, Any], reproduces: bool) -> Picture:
    points = figure.with_suffix(".json")
    found = read_text(points).strip() if points.is_file() else ""
    # In a page, the text of a script ends at the first "</".
    return Picture(
        figure.stem,
        picture_link(figure),
        render_caption(caption_file(figure.stem), config, reproduces),
        "" if found == "[]" else found.replace("</", "<\\/"),
    )


def _group(sections: list[Section], reproduces: bool) -> list[Group]:
    """The sections in groups; all in one, if the study does not reproduce the paper."""
    if not reproduces:
        return [Group("Results", tuple(sections))] if sections else []
    groups = [
        Group(title, tuple(section for section in sections if section.id[0] == letter))
        for letter, title in GROUPS.items()
    ]
    return [group for group in groups if group.sections]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the stage."""
    parser.add_argument("--summary", type=Path, required=True)
    parser.add_argument("--tables", type=Path, nargs="+", required=True)
    parser.add_argument("--figures", type=Path, nargs="+", required=True, help="PNGs")
    parser.add_argument("--introduction", type=Path, required=True, help="a text")
    parser.add_argument("--config", required=True, help="the run's config as JSON")
    parser.add_argument("--logs", type=Path, required=True, help="folder of the run's logs")
    parser.add_argument("--config-file", type=Path, required=True, help="output, the config")
    parser.add_argument("--provenance", type=Path, required=True, help="output, how it was made")
    parser.add_argument("--output", type=Path, required=True)


def run(options: argparse.Namespace) -> None:
    """Writes the page, the config, and the provenance of the run."""
    config = json.loads(options.config)
    made = provenance(config, options.logs)
    page = write_report(
        config, options.summary, options.tables, options.figures, options.introduction, made
    )
    write_text(options.config_file, json.dumps(config, indent=2) + "\n")
    write_text(options.provenance, json.dumps(made, indent=2, ensure_ascii=False) + "\n")
    write_text(options.output, page)
