"""Prose is in plain present-day English, which the patterns below can check only in part."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from tests.house.prose import docstrings, passages

FEWEST_WORDS = 3
"""The fewest words of a docstring: shorter ones do not say what is returned or done."""

_COMPARED = (
    "longer|more|less|fewer|worse|better|higher|lower|larger|smaller|greater|cheaper|faster|slower"
)
_COUNTED = (
    r"one|two|three|\d+|rows?|lines?|jobs?|files?|folders?|panels?|columns?|curves?|functions?|"
    "candidates?|trials|draws|mappings|words|bits|bytes|cycles|pJ|ms|s|scale|entry|entries|seeds|"
    "points|colours?|bars|loops|energy"
)
_EACH = (
    "row|column|layer|method|model|network|job|search|trial|cycle|instance|panel|line|second|seed|"
    "stage|result|chip|record|level|figure|access|mapping|word|leaf|node|rule|axis|operation|"
    "iteration|accelerator|design|dimension|dataspace|file|task|group|class|bit|point|parameter|"
    "PE|pair|value|batch|draw|candidate|tile|run|step|arm|loop|variant|kind|case|contestant"
)

PATTERNS = {
    rf"(?<!there )(?<!There )\b(?:is|are|was|were) no (?!(?:{_COMPARED})\b)": "is not …",
    rf"\b(?:{_COUNTED}) an? (?:{_EACH})\b(?! that)": "… per …",
    r"\b(?:lest|albeit|whence|thence|thereof|whereof|anew|trifle|nought|aught|belies?)\b": (
        "so that … not, although, from which, again, a little, does not fit"
    ),
    r"\b(?:no )?dear(?:er|est)\b": "cost more",
    r"\bfor ever\b": "without end",
    r"\b(?:is|are) none of\b|\bthat (?:is|are) none\b|(?<!there )\bis none\b": "is not one of",
    r"\b(?:but for|all but|none but|nothing but)\b": "except",
    r"(?:^|[.;:] )Nor\b": "It does not … either",
    r"\b(?:be it|were it|whatever it be|as it comes|came of it|in peace)\b": "plain words",
    r"\b(?:hangs? on|for nothing|at will|in vain)\b": "depends on, free, any, without success",
    r"\bstands? (?:apart|beside|alone|twice|once|there)\b": "is separate, is beside, occurs",
    r"\bthe reader alone\b|\bours alone\b": "only for readers",
    r"\bone's own\b": "your own, its own",
    r"\bat hand\b": "available",
    r"\bin the manner of\b": "that resembles",
    r"\bputs? (?:\w+ ){0,3}right\b": "corrects",
    r"\b(?:held?|holds) against\b": "compared with",
    r"\bgo(?:es)? on (?:from|where)\b": "continues",
    r"\bby (?:how many|so many|so much)\b": "the number of …",
    r"\bwhoever\b": "those who",
    r"\bwhat of\b": "the part of … that",
    r"\bof equals\b": "if several are equal",
    r"\bby how much\b": "how far, how much",
    r"\b(?:beside|below|against|with) one another\b": "side by side, with each other",
    r"\bspeaks? of\b": "uses, names",
    r"\b(?:would|will) do\b(?! \w)|\bwill not do\b": "is enough, works",
    r"\basked for\b(?! a)": "given, requested, read",
    r"\bof our own\b": "of this project",
    r"\btold apart\b|\btells? \w+ apart\b": "distinguished",
    r"\bsays? nothing of\b": "does not mention",
    r"\bno (?:greater|less|fewer) than\b": "at most, at least",
    r"\bworked out\b": "computed",
    r"\bhands? on\b|\bhanded (?:on|out)\b": "passes on",
    r"\bas ever\b|\bfor certain\b": "plain words",
}
"""Turns of phrase that must not occur, each with its replacement."""

ALLOWED: dict[tuple[str, str], str] = {}
"""By file and matching text, the reason why it may stay."""

COVERED = [
    *("*.md", "docs/*.md", "results/README.md", "tests/reference/README.md"),
    *("config/*.yaml", "config/*/*.yaml", "src/codesign/hardware/templates/*.yaml"),
    *("Snakefile", "workflow/rules/*.smk", "workflow/rules/results/*.smk"),
    *("workflow/schemas/*.yaml", "workflow/report/*.rst", "profiles/*/*.yaml", "profiles/*/*.sh"),
    *("src/codesign/study/results/*/*.rst", "src/codesign/study/results/*/*.yaml"),
    *("Makefile", "pyproject.toml", "setup.py", ".ci/run", ".gitignore", ".dockerignore"),
    *("CITATION.cff", "containers/*", "examples/*.ipynb"),
    *("src/codesign/**/*.py", "tests/**/*.py", "benchmarks/*.py"),
]
"""The files in which the patterns are searched."""


def covered(repository: Path) -> list[Path]:
    """The files of `COVERED`, without this one, which has what must not occur."""
    found = {path for pattern in COVERED for path in repository.glob(pattern)}
    return sorted(found - {Path(__file__)})


@cache
def read(path: Path) -> tuple[tuple[int, str], ...]:
    """The passages of a file, which is parsed only once."""
    return tuple(passages(path))


@pytest.mark.parametrize("pattern", PATTERNS)
def test_prose_is_plain(repository: Path, pattern: str) -> None:
    """No file has a turn of phrase that a reader would have to read twice."""
    found = []
    for path in covered(repository):
        name = path.relative_to(repository).as_posix()
        for line, text in read(path):
            for match in re.finditer(pattern, text):
                if (name, match[0]) not in ALLOWED:
                    around = text[max(0, match.start() - 40) : match.end() + 40]
                    found.append(f"{name}:{line}: {around!r}: rather {PATTERNS[pattern]!r}")

    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("x.md", "A page of\n```sh\nmake\n```\nWORDS."),
        ("x.rst", "A caption of {{ config }}\nWORDS."),
        ("x.yaml", "# A comment over\n# two lines of WORDS.\nname: x"),
        ("x.yaml", "name: x  # WORDS"),
        ("x.yaml", "description: Some WORDS."),
        ("x.smk", "# A comment of\n# WORDS.\nrule x:"),
        ("x.smk", 'def x():\n    """The WORDS."""'),
        ("Snakefile", "rule x:  # WORDS"),
        ("Makefile", "x: y\n# Some WORDS."),
        ("x.py", '"""Some WORDS."""\n'),
        ("x.py", "X = 1  # WORDS\n"),
        ("x.py", 'f"{1} WORDS"\n'),
        ("x.ipynb", '{"cells": [{"cell_type": "markdown", "source": ["Some ", "WORDS."]}]}'),
        ("x.ipynb", '{"cells": [{"cell_type": "code", "source": ["# WORDS"]}]}'),
    ],
)
def test_prose_of_every_kind_of_file_is_read(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")

    assert any("WORDS" in passage for _, passage in passages(tmp_path / name))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("x.md", "```sh\nWORDS\n```\n"),
        ("x.md", "A page with `WORDS` in it."),
        ("x.rst", "{% if WORDS %}A caption{% endif %} of {{ WORDS }}"),
        ("x.smk", "rule WORDS:"),
        ("Makefile", "WORDS:\n\techo $#"),
    ],
)
def test_code_is_not_read(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")

    assert not any("WORDS" in passage for _, passage in passages(tmp_path / name))


def test_a_passage_is_found_over_the_ends_of_lines(tmp_path: Path) -> None:
    """A turn of phrase may begin at the end of a line of a comment."""
    for name in ("x.smk", "x.yaml", "Makefile"):
        (tmp_path / name).write_text("# One row\n# per method\n\n# is shown.", encoding="utf-8")

        assert list(passages(tmp_path / name))[:2] == [(1, "One row per method"), (4, "is shown.")]


def test_docstrings_say_something(repository: Path) -> None:
    """One or two words are a riddle."""
    short = [
        f"{path.relative_to(repository)}:{line}: {text!r}"
        for path in covered(repository)
        if path.suffix == ".py"
        for line, text in docstrings(path)
        if len(text.split()) < FEWEST_WORDS
    ]

    assert not short, "\n".join(short)


def test_every_pattern_covers_a_file(repository: Path) -> None:
    """A file that was moved does not drop out unseen."""
    assert [pattern for pattern in COVERED if not list(repository.glob(pattern))] == []


@pytest.mark.parametrize(
    "text",
    [
        "x.yaml is no file, expected Python code",
        "one row a method",
        "energy an access",
        "60 mappings a layer",
        "words a cycle",
        "lest a share of nothing rules",
        "no dearer than before",
        "waits for ever",
        "a mapping is none of its layer",
        "free, but for what H11 pins",
        "Hyperopt as it comes",
        "what R1 hangs on",
        "times stand apart",
        "an optimizer of one's own",
        "the text was not at hand",
        "a chip in the manner of Simba",
        "`exact` puts its slips right",
        "its peculiarities put right",
        "a search is held against random search",
        "the same command goes on from there",
        "by how many % it exceeds the optimum",
        "what of the filter does not fit",
        "the first of equals",
        "by how much it is larger",
        "designs beside one another",
        "formulas that speak of H1",
        "the smallest that would do.",
        "in the order asked for",
        "what tells mappings apart",
        "it says nothing of a layer",
        "no fewer than two",
        "sizes, worked out once",
        "what a loop hands on",
        "for certain",
    ],
)
def test_patterns_find_what_they_look_for(text: str) -> None:
    assert any(re.search(pattern, text) for pattern in PATTERNS)


@pytest.mark.parametrize(
    "text",
    [
        "If there is no mapping, it is no better than before, and no longer used.",
        "Reads a row. Writes one row per method and energy per access.",
        "a file that names a level that does not exist",
        "The stand-alone model stands for all.",
        "The right name, put in its place; how it goes on, and what often happens, by many.",
        "It does what a program would do with a file, and is asked for a point.",
    ],
)
def test_patterns_leave_plain_english_alone(text: str) -> None:
    assert not [pattern for pattern in PATTERNS if re.search(pattern, text)]
