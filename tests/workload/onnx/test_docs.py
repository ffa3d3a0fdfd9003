"""The page on ONNX says of every operator what the code does with it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from codesign.workload.onnx.contrib import RULES
from codesign.workload.onnx.evaluate import EVALUATED
from codesign.workload.onnx.operators.registry import load_readers
from codesign.workload.onnx.sequences import SEQUENCES


def rows(is_layer: bool) -> list[str]:
    """The lines of a table: operators that are read alike are one line."""
    alike: dict[str, list[str]] = {}
    for kind, reader in load_readers().items():
        if reader.is_layer is is_layer:
            alike.setdefault(reader.how, []).append(f"`{kind}`")
    return [f"| {', '.join(kinds)} | {how} |" for how, kinds in alike.items()]


@pytest.fixture
def page(repository: Path) -> str:
    return (repository / "docs/onnx.md").read_text(encoding="utf-8")


def section(page: str, title: str) -> str:
    """The text below a heading."""
    return page.split(f"## {title}\n")[1].split("\n## ")[0]


@pytest.mark.parametrize(
    ("title", "is_layer"),
    [("Operators that are layers", True), ("Operators that are left out", False)],
)
def test_the_tables_are_those_of_the_code(page: str, title: str, is_layer: bool) -> None:
    """Line by line, in the same words."""
    lines = [line for line in section(page, title).splitlines() if line.startswith("| `")]

    assert lines == rows(is_layer)


@pytest.mark.parametrize(
    ("label", "kinds"),
    [
        ("Evaluated", {*EVALUATED, "Constant", "Shape", "Size"}),
        ("Sequences", set(SEQUENCES)),
        ("ONNX Runtime's own", {kind for kind in RULES if kind not in load_readers()}),
    ],
)
def test_the_lists_are_those_of_the_code(page: str, label: str, kinds: set[str]) -> None:
    """Operators that are followed for their shapes."""
    (line,) = (line for line in page.splitlines() if line.startswith(f"- {label}: "))

    assert set(re.findall(r"`([\w.]+)`", line)) == kinds
