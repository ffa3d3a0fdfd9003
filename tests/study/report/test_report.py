"""The report is one page that needs nothing else."""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path

import pandas as pd
import pytest
import yaml

from codesign.store.table import write_table
from codesign.study.comparison.table import table as comparison
from codesign.study.registry import RESULTS, caption_file, figures
from codesign.study.report.captions import render_caption
from codesign.study.report.cells import interval, number, plain
from codesign.study.report.claim import Claim, unclaimed
from codesign.study.report.page import write_report
from codesign.study.report.views import view
from codesign.study.result import Result
from codesign.study.results.r6.table import table as r6
from tests.study.courses import OPTIMA, SPACE, hardware_course, mapping_course, trials

NAN = float("nan")

COURSE = {("bo", 0): [100.25, 100.0], ("tpe", 0): [101.0, 101.0]}
ENDS = comparison(hardware_course(COURSE)).assign(bound_excess=3.0)
"""The main table of R3: bo ends at the best found, tpe 1 % above it."""

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def page(repository: Path, tmp_path: Path) -> str:
    """The page of a run with one result, whose table holds a sign that HTML reserves."""
    config = yaml.safe_load((repository / "config/quick.yaml").read_text("utf-8"))
    summary, table, figure = (tmp_path / n for n in ("summary.parquet", "R3.parquet", "R3.png"))
    write_table(
        pd.DataFrame(
            [("R3", "models <all>", "all", "[rec]", 3.0, *[NAN] * 5, "better", "agree", "x")],
            columns=list(Claim.__dataclass_fields__),
        ),
        summary,
    )
    write_table(ENDS, table, {"code_version": "1.2+abc"})
    figure.write_bytes(PNG)
    introduction = repository / "workflow/report/workflow.rst"
    return write_report(config, summary, [table], [figure], introduction)


def test_page_loads_nothing(page: str) -> None:
    """Pictures, styles and scripts are inside; no font, no style sheet from elsewhere."""
    sources = re.findall(r"""(?:src|@import|url\()\s*=?\s*["']?([^"')\s>]+)""", page)

    assert sources
    assert all(source.startswith("data:image/png;base64,") for source in sources)
    assert set(re.findall(r"<script([^>]*)>", page)) <= {"", ' type="application/json"'}
    assert "fetch(" not in page
    assert "<link" not in page


def test_page_has_navigation_captions_tables_and_provenance(page: str) -> None:
    """Every anchor of the navigation exists; numbers, budgets and code version are there."""
    targets = set(re.findall(r'href="#([\w-]+)"', page))

    assert targets == {"findings", "summary", "R3", "config", "provenance"}
    assert page.count('href="#R3"') == 3  # in the navigation, the findings, and the summary
    assert targets <= set(re.findall(r'id="([\w-]+)"', page))
    assert "with 40 trials, for all methods of hardware search; there are 16 trials" in page
    assert "1 [1 … 1]" in page
    assert "1.2+abc" in page
    assert 'href="figures/R3.pdf"' in page


def test_page_escapes_what_comes_from_tables(page: str) -> None:
    """A name like <all> is text."""
    assert "models &lt;all&gt;" in page
    assert "<all>" not in page


def test_page_begins_with_what_was_found(page: str) -> None:
    """The question and the answer of a result, in the group of its verdict."""
    first = page.index("<h2>Reproduces</h2>")
    assert first < page.index(RESULTS["R3"].question) < page.index("<h2>R3 · Hardware search</h2>")
    assert "EDP above the least, %, for all together: hardware: bo 0, tpe 1." in page


def test_a_study_of_other_networks_is_not_a_reproduction(repository: Path, tmp_path: Path) -> None:
    """Neither the title nor the captions name the paper, and findings are not judged by it."""
    config = yaml.safe_load((repository / "config/quick.yaml").read_text("utf-8"))
    config["models"] = {"Mine": "mine.yaml"}
    summary, table, figure = (tmp_path / n for n in ("summary.parquet", "R3.parquet", "R3.png"))
    write_table(pd.DataFrame(columns=list(Claim.__dataclass_fields__)), summary)
    write_table(ENDS, table)
    figure.write_bytes(PNG)
    introduction = repository / "workflow/report/workflow.rst"

    page = write_report(config, summary, [table], [figure], introduction)

    assert "<h1>Hardware/software co-design of Mine</h1>" in page
    assert "<h2>Found</h2>" in page
    assert "reproduce" not in page.split("<body>")[1].split("<dialog")[0].lower()
    assert "Shi et al." not in page
    assert "The paper: constrained Bayesian optimization" not in page


def test_the_numbers_of_such_a_study_stand_alone(repository: Path, tmp_path: Path) -> None:
    """Neither columns for the paper's numbers and verdicts, nor groups by what the paper has."""
    config = yaml.safe_load((repository / "config/quick.yaml").read_text("utf-8"))
    config["models"] = {"Mine": "mine.yaml"}
    summary, table = tmp_path / "summary.parquet", tmp_path / "R3.parquet"
    own = unclaimed("R3 Mine", "EDP", (1.5, 1.0, 2.0), "the paper has no such number")
    write_table(pd.DataFrame([asdict(own)]), summary)
    write_table(ENDS, table)
    introduction = repository / "workflow/report/workflow.rst"

    page = write_report(config, summary, [table], [], introduction)

    assert "The paper" not in page
    assert "no such number" not in page
    assert "1.5" in page
    assert 'id="show-all"' not in page


@pytest.mark.parametrize("name", [n for r in RESULTS for n in figures(r)])
def test_paragraphs_about_the_paper_can_be_left_out(repository: Path, name: str) -> None:
    """Those that begin with it have the class `paper`."""
    config = yaml.safe_load((repository / "config/paper.yaml").read_text("utf-8"))
    html = render_caption(caption_file(name), config, reproduces=False)
    found = re.findall(r"<p>(.*?)</p>", html, re.DOTALL)
    assert not [text for text in found if re.match(r"The paper[: ]", text)]


def test_points_of_figures_are_in_the_page(page: str, repository: Path, tmp_path: Path) -> None:
    """As data of the picture, in which nothing can end the script."""
    config = yaml.safe_load((repository / "config/quick.yaml").read_text("utf-8"))
    (tmp_path / "R3.json").write_text('[{"name": "</script><b>", "points": []}]', "utf-8")

    files = (tmp_path / name for name in ("summary.parquet", "R3.parquet", "R3.png"))
    summary, table, figure = files
    with_points = write_report(
        config, summary, [table], [figure], repository / "workflow/report/workflow.rst"
    )

    assert "application/json" not in page
    assert '[{"name": "<\\/script><b>", "points": []}]' in with_points


def test_results_stand_in_groups_with_all_their_figures(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The paper's before the others; every figure and table of a result in its section."""
    config = yaml.safe_load((repository / "config/quick.yaml").read_text("utf-8"))
    tables = [tmp_path / f"{name}.parquet" for name in ("B4", "B4.ranks", "R9")]
    summary = tmp_path / "summary.parquet"
    write_table(pd.DataFrame(columns=list(Claim.__dataclass_fields__)), summary)
    monkeypatch.setitem(RESULTS, "R9", Result("An own result"))
    monkeypatch.setattr("codesign.study.report.findings.answer", lambda name, table: "Yes.")
    monkeypatch.setattr("codesign.study.report.page.view", lambda name, table: plain(table))
    names = ["B4", "B4.anytime", "R9"]
    for path in tables:
        write_table(pd.DataFrame({"a": range(20), "b": path.stem}), path)
    for name in names:
        (tmp_path / f"{name}.png").write_bytes(PNG)
        (tmp_path / f"{name}.rst").write_text(f"About {name}.")
    monkeypatch.setattr(
        "codesign.study.report.page.caption_file", lambda name: tmp_path / f"{name}.rst"
    )

    page = write_report(
        config,
        summary,
        tables,
        [tmp_path / f"{name}.png" for name in names],
        repository / "workflow/report/workflow.rst",
    )

    places = [page.index(text) for text in ("About R9", "About B4.", "About B4.anytime")]
    assert places == sorted(places)
    assert page.index("The paper&#39;s results") < page.index("Beyond the paper")
    assert "Table B4.ranks: 20 rows" in page
    assert page.count("<figure") == 3


@pytest.mark.parametrize("name", ["", *(n for r in RESULTS for n in figures(r))])
def test_captions_render_without_leftovers(repository: Path, name: str) -> None:
    """Every caption is valid, and knows the keys of a config."""
    config = yaml.safe_load((repository / "config/paper.yaml").read_text("utf-8"))

    introduction = repository / "workflow/report/workflow.rst"
    html = render_caption(caption_file(name) if name else introduction, config)

    assert "<p>" in html
    assert "{{" not in html
    assert "problematic" not in html


@pytest.mark.parametrize("name", RESULTS)
def test_every_result_asks_a_question(name: str) -> None:
    """One sentence, for the first screen."""
    question = RESULTS[name].question
    assert question.endswith("?")
    assert question.count("?") == 1


def test_numbers_are_short() -> None:
    """Three digits; a dash where there is none."""
    assert [number(v) for v in (0.12345, 12.0, 1234.5, float("nan"))] == [
        "0.123",
        "12",
        "1,234",
        "–",
    ]
    assert interval(1.0, float("inf")) == "–"


def test_comparisons_are_shown_by_group_and_method() -> None:
    """Single layers are left out where their model has a row; failures only if there are any."""
    course = mapping_course(
        {
            (layer, method, seed): [100.0 + end + seed]
            for layer in ("x", "y")
            for method, end in (("bo", 10), ("bo-ei", 30))
            for seed in range(4)
        }
    )

    shown = view("R4", comparison(course))

    assert shown.head[:5] == ("space", "model", "method", "seeds", "EDP above least, %")
    assert "trials failed, %" not in shown.head
    assert [row[:3] for row in shown.rows] == [
        (SPACE, model, method) for model in ("M", "all") for method in ("bo", "bo-ei")
    ]
    assert shown.rows[1][-3] == "0 / 0 / 100"
    assert shown.rows[1][-1] == "worse"
    assert shown.rows[0][-4:] == ("– [– … –]", "–", "–", "–")


def test_sampled_mappings_are_shown_with_their_duels() -> None:
    """What never comes level is more than the most that was tried."""
    ours = trials({("x", "bo", 0): [110.0]}).assign(space=SPACE)
    theirs = trials({("x", "s", 0): [120.0, 115.0]}).assign(space=SPACE)

    shown = view("R6", r6(ours, theirs, OPTIMA, [1, 2]))

    at = shown.head.index("evaluations until bo's end")
    assert [row[at] for row in shown.rows] == ["1", "more than the most", "more than the most"]
    assert [row[3] for row in shown.rows] == ["1", "1", "2"]


def test_a_result_without_a_view_is_shown_as_it_is() -> None:
    """A new result appears in the report before its table has a view."""
    shown = view("B9", pd.DataFrame({"a": [0.5], "b": ["x"]}))

    assert (shown.head, shown.rows) == (("a", "b"), (("0.5", "x"),))
