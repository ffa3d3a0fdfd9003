"""The prose of the repository: what readers see of pages, source files and settings."""

from __future__ import annotations

import ast
import io
import json
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

FENCED = re.compile(r"^```.*?^```|^::\n(?:\n|[ ]+.*\n)+", re.DOTALL | re.MULTILINE)
CODE = re.compile(r"``[^`]*``|`[^`]*`|\{\{.*?\}\}|\{%.*?%\}")
COMMENT = re.compile(r"(?:^|\s)#+(?: (.*)|$)")
TEXT = re.compile(r'"""(.*?)"""', re.DOTALL)


def passages(path: Path) -> Iterator[tuple[int, str]]:
    """Line and text of every passage of a file, on one line, with code spans left out."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        found = _of_python(text)
    elif path.suffix in (".md", ".rst"):
        found = _of_page(text)
    elif path.suffix in (".yaml", ".yml"):
        found = _of_settings(text)
    elif path.suffix == ".ipynb":
        found = _of_notebook(text)
    elif path.suffix == ".smk":
        found = _of_rules(text)
    else:
        found = _of_comments(text)
    for line, passage in found:
        yield line, CODE.sub("X", " ".join(passage.split()))


def _of_page(text: str) -> Iterator[tuple[int, str]]:
    """Every line outside of blocks of code."""
    without_code = FENCED.sub(lambda match: "\n" * match[0].count("\n"), text)
    yield from enumerate(without_code.splitlines(), start=1)


def _of_comments(text: str) -> Iterator[tuple[int, str]]:
    """Every run of lines that end with a comment, with the number of its first line."""
    block: list[str] = []
    first = 0
    for number, line in enumerate([*text.splitlines(), ""], start=1):
        match = COMMENT.search(line)
        if match:
            first = first if block else number
            block.append(match[1] or "")
            # What follows code is a remark on its own, and so is what has an empty line below.
            if line.lstrip().startswith("#") and match[1]:
                continue
        if block:
            yield first, " ".join(block)
            block = []


def _of_settings(text: str) -> Iterator[tuple[int, str]]:
    """The comments of a YAML file, and its other lines, which may have descriptions."""
    yield from _of_comments(text)
    for number, line in enumerate(text.splitlines(), start=1):
        yield number, COMMENT.sub("", line)


def _of_rules(text: str) -> Iterator[tuple[int, str]]:
    """The comments and docstrings of a file of Snakemake's."""
    yield from _of_comments(TEXT.sub(lambda match: "\n" * match[0].count("\n"), text))
    for match in TEXT.finditer(text):
        yield text[: match.start()].count("\n") + 1, match[1]


def _of_notebook(text: str) -> Iterator[tuple[int, str]]:
    """The pages of a notebook, and the comments and texts of its code, by number of the cell."""
    for number, cell in enumerate(json.loads(text)["cells"], start=1):
        source = "".join(cell["source"])
        read = _of_page if cell["cell_type"] == "markdown" else _of_python
        yield from ((number, passage) for _, passage in read(source))


def _of_python(text: str) -> Iterator[tuple[int, str]]:
    """Every string (docstrings, help texts, messages) and every run of comment lines."""
    tree = ast.parse(text)
    parts = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts |= {id(part) for part in ast.walk(node)}
            pieces = (str(p.value) if isinstance(p, ast.Constant) else "X" for p in node.values)
            yield node.lineno, "".join(pieces)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts:
            yield node.lineno, node.value
    block: list[str] = []
    last = 0
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type != tokenize.COMMENT:
            continue
        if block and token.start[0] > last + 1:
            yield last, " ".join(block)
            block = []
        block.append(token.string.lstrip("# "))
        last = token.start[0]
    if block:
        yield last, " ".join(block)


def docstrings(path: Path) -> Iterator[tuple[int, str]]:
    """Line and text of every docstring of a Python file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            text = ast.get_docstring(node)
            if text is not None:
                yield getattr(node, "lineno", 1), text
