"""The report is one page that needs nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
import yaml

from codesign.store.table import write_table
from codesign.study.registry import RESULTS, caption_file, figures
from codesign.study.report.captions import render_caption
from codesign.study.report.cells import interval, number, plain
from codesign.study.report.claim import Claim
from codesign.study.report.page import write_report
from codesign.study.report.views import view
from codesign.study.result import Result

ENDS = [("A", "bo", 3, 0.5, 0.25, 1.0, 3.0), ("A", "tpe", 3, 1.0, 1.0, 1.0, 2.0)]
COLUMNS = ["model", "method", "trials", "excess", "excess_low", "excess_high", "bound_excess"]
"""The main table of R3."""

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def page(repository: Path, tmp_path: Path) -> str:
    """The page of a run with one result, whose table holds a sign that HTML reserves."""
    config = yaml.safe_load((repository / "config/quick.yaml").read_text("utf-8"))
    summary, table, figure = (tmp_path / n for n in ("summary.parquet", "R3.parquet", "R3.png"))
    write_table(
        pd.DataFrame(
            [("R3", "models <all>", "all", "[rec]", 3.0, float("nan"), float("nan"), "agree", "x")],
            columns=list(Claim.__dataclass_fields__),
        ),
        summary,
    )
    write_table(pd.DataFrame(ENDS, columns=COLUMNS), table, {"code_version": "1.2+abc"})
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
    assert "with 60 trials, for all methods of hardware search; there are 16 trials" in page
    assert "0.5 [0.25 … 1]" in page
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
    assert "after 3 accelerators, %, median over 1 models: bo 0.5, tpe 1." in page


def test_a_study_of_other_networks_is_not_a_reproduction(repository: Path, tmp_path: Path) -> None:
    """Neither the title nor the captions name the paper, and findings are not judged by it."""
    config = yaml.safe_load((repository / "config/quick.yaml").read_text("utf-8"))
    config["models"] = {"Mine": "mine.yaml"}
    summary, table, figure = (tmp_path / n for n in ("summary.parquet", "R3.parquet", "R3.png"))
    write_table(pd.DataFrame(columns=list(Claim.__dataclass_fields__)), summary)
    write_table(pd.DataFrame(ENDS, columns=COLUMNS), table)
    figure.write_bytes(PNG)
    introduction = repository / "workflow/report/workflow.rst"

    page = write_report(config, summary, [table], [figure], introduction)

    assert "<h1>Hardware/software co-design of Mine</h1>" in page
    assert "<h2>Found</h2>" in page
    assert "reproduce" not in page.split("<body>")[1].split("<dialog")[0].lower()
    assert "Shi et al." not in page
    assert "The paper: constrained Bayesian optimization" not in page


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


def test_excess_is_shown_by_layer_and_method() -> None:
    """Checkpoints before the end, the last one's interval, trials to 1 %; gaps are dashes."""
    nan = float("nan")
    rows = [("x", "bo", 250, 3.0, 2.0, 0.5, 0.0, 1.25, 75.0), ("x", "tpe", 250, *[nan] * 6)]
    columns = ["layer", "method", "trials", "excess_50", "excess_100"]
    columns += ["excess", "excess_low", "excess_high", "reach"]

    shown = view("R2", pd.DataFrame(rows, columns=columns))

    assert shown.head[:2] == ("layer", "bo: % above after 50 / 100 / 250")
    assert shown.rows == (("x", "3 / 2 / 0.5", "0 … 1.2", "75", "– / – / –", "– … –", "–"),)


def test_comparisons_are_shown_by_group_and_method() -> None:
    """Excess with its interval, wins against the paper's method, failures where there are any."""
    ends = {"seeds": 10, "excess_low": 0.5, "excess_high": 2.0, "failed_high": 10.0, "reach": 7.0}
    rows = [
        {"search": "hardware", "model": model, "layer": "all", "method": method, **ends}
        | {"excess": 1.0, "wins": wins, "failed": 10.0}
        for model in ("M", "all")
        for method, wins in (("bo", 0.5), ("bo-ei", 0.25))
    ]

    shown = view("R4", pd.DataFrame(rows))

    assert shown.head[2:5] == ("bo: EDP above best, %", "trials to 1 %", "trials failed, %")
    assert shown.head[5:] == (
        *("bo-ei: EDP above best, %", "trials to 1 %", "beats bo, % of seeds"),
        "trials failed, %",
    )
    assert shown.rows[0] == (
        *("hardware, 10 seeds", "M", "1 [0.5 … 2]", "7", "10"),
        *("1 [0.5 … 2]", "7", "25", "10"),
    )
    assert shown.rows[1][1] == "all together"


def test_sampled_mappings_are_shown_by_layer() -> None:
    """A column a budget; what never comes level is more than the most that was tried."""
    inf = float("inf")
    rows = [("bo", 1, 250, 60.0, float("nan")), ("s", 1, 250, inf, inf), ("s", 9, 2250, inf, inf)]
    columns = ["method", "multiple", "evaluations", "reach", "reach_draws"]
    ends = {"layer": "x", "excess": 1.0, "excess_low": 1.0, "excess_high": 1.0, "wins": 0.75}

    shown = view("R6", pd.DataFrame(rows, columns=columns).assign(**ends))

    assert shown.head[2:5] == ("s, 250: the same", "bo wins, % of seeds", "s, 2,250: the same")
    assert shown.rows[0][-3:] == ("60", "more than 2,250", "–")


def test_a_result_without_a_view_is_shown_as_it_is() -> None:
    """A new result appears in the report before its table has a view."""
    shown = view("B9", pd.DataFrame({"a": [0.5], "b": ["x"]}))

    assert (shown.head, shown.rows) == (("a", "b"), (("0.5", "x"),))
