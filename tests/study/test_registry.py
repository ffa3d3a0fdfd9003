"""Results are what the folders of `study/results` declare."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from codesign import dependencies
from codesign.study.registry import (
    GROUPS,
    RESULTS,
    caption_file,
    draw_function,
    figures,
    function_of,
    modules_of,
    shown_tables,
    tables,
)
from codesign.study.result import Result
from codesign.study.running import sources


def test_results_are_in_the_order_of_the_report() -> None:
    """The paper's before the others, R3c between R3 and R4."""
    names = list(RESULTS)

    assert names.index("R3") + 1 == names.index("R3c") == names.index("R4") - 1
    assert [name[0] for name in names] == sorted((n[0] for n in names), key=list(GROUPS).index)
    assert all(declared.id == name for name, declared in RESULTS.items())


def test_looking_results_up_is_fast() -> None:
    """The workflow does it whenever it starts: nothing large is imported for it."""
    code = (
        "import sys, codesign.study.registry\n"
        "large = {'numpy', 'pandas', 'matplotlib', 'scipy', 'numba', 'pyarrow'}\n"
        "print(sorted(large & set(sys.modules)))"
    )

    answer = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    )

    assert answer.stdout.strip() == "[]"


@pytest.mark.parametrize("result", RESULTS)
def test_what_is_declared_is_there(result: str) -> None:
    """A table that is shown or drawn is one of the result's; figures have captions and modules."""
    declared = RESULTS[result]

    assert set(shown_tables(result)) <= set(tables(result))
    assert set(figures(result).values()) <= set(tables(result))
    for figure in figures(result):
        assert caption_file(figure).is_file()
        assert callable(draw_function(figure))
    for owner in (declared.mapping, declared.hardware):
        assert owner is None or owner in RESULTS
    for stage in declared.stages:
        assert modules_of(result, stage)


def test_parts_have_files_of_their_own() -> None:
    """`R8.breakdown` is `figure_breakdown.py` with `caption_breakdown.rst`."""
    assert figures("R8") == {"R8": "R8", "R8.breakdown": "R8.breakdown"}
    assert caption_file("R8.breakdown").name == "caption_breakdown.rst"
    assert modules_of("R8", "figure_breakdown") == ("codesign.study.results.r8.figure_breakdown",)


def test_arms_share_a_module_unless_the_folder_has_its_own() -> None:
    """What is shared depends on the declaration of the arms too."""
    room = "codesign.study.results.r4"

    assert modules_of("R4", "table") == ("codesign.study.comparison.table", room)
    assert modules_of("R5", "claims") == ("codesign.study.results.r5.claims",)
    assert modules_of("R5", "table") == ("codesign.study.results.r5.table",)
    assert modules_of("R1", "figure_nothing") == ()
    assert function_of("R1", "nothing", "view") is None


def test_a_result_needs_no_more_than_a_title() -> None:
    """Its one table is drawn and shown."""
    assert Result("Title").others == ()
    assert Result("Title").drawn == ""
    assert tables("R7") == shown_tables("R7") == ("R7",)


def test_the_readme_lists_every_result(repository: Path) -> None:
    """In the order of the report, and none that is not there."""
    text = (repository / "README.md").read_text(encoding="utf-8")

    assert re.findall(r"^\| `([A-Z]\d\w*)` \|", text, re.MULTILINE) == list(RESULTS)


def test_nothing_else_lists_results(repository: Path) -> None:
    """No source, rule or schema has three ids in a row: they would have to be kept up to date."""
    several = re.compile(r"""(["']?)[RBS]\d[a-z]?\1,\s*(["']?)[RBS]\d[a-z]?\2,\s*["']?[RBS]\d""")
    files = [
        *(repository / "src").rglob("*.py"),
        *(repository / "src").rglob("*.yaml"),
        *(repository / "workflow").rglob("*.smk"),
        *(repository / "workflow").rglob("*.yaml"),
        repository / "Snakefile",
    ]

    assert len(files) > 200
    assert [path for path in files if several.search(path.read_text(encoding="utf-8"))] == []


def test_options_are_no_code_of_a_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A description in `options.yaml` may change without a search running again."""
    for folder in ("", "study", "study/results", "study/results/r9"):
        (tmp_path / "codesign" / folder).mkdir(exist_ok=True)
        (tmp_path / "codesign" / folder / "__init__.py").write_text("")
    room = tmp_path / "codesign/study/results/r9"
    (room / "table.py").write_text("X = 1\n")
    monkeypatch.setattr(dependencies, "SOURCE_FOLDER", tmp_path)
    found = []
    for name, text in (("options.yaml", "a: {}"), ("options.yaml", "b: {}"), ("data.yaml", "c")):
        (room / name).write_text(text)
        _forget()
        found.append(sources.digest("codesign.study.results.r9.table"))
    monkeypatch.undo()
    _forget()

    assert found[0] == found[1] != found[2]


def _forget() -> None:
    for cached in (
        *(sources._statements, sources._registers),
        *(sources._imports, sources._fingerprint),
    ):
        cached.cache_clear()
