"""The prose of the repository: what readers see of pages, source files and settings."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

FENCED = re.compile(r"^```.*?^```|^::\n(?:\n|[ ]+.*\n)+", re.DOTALL | re.MULTILINE)
CODE = re.compile(r"``[^`]*``|`[^`]*`|\{\{.*?\}\}")
COMMENT = re.compile(r"(?:^|\s)#+ ?(.*)")


def passages(path: Path) -> Iterator[tuple[int, str]]:
    """Line and text of every passage of a file, on one line, with code spans left out."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        found = _of_python(text)
    elif path.suffix in (".md", ".rst"):
        found = _of_page(text)
    elif path.suffix in (".yaml", ".yml"):
        found = enumerate(text.splitlines(), start=1)
    else:
        found = _of_comments(text)
    for line, passage in found:
        yield line, CODE.sub("X", " ".join(passage.split()))


def _of_page(text: str) -> Iterator[tuple[int, str]]:
    """Every line outside of blocks of code."""
    without_code = FENCED.sub(lambda match: "\n" * match[0].count("\n"), text)
    yield from enumerate(without_code.splitlines(), start=1)


def _of_comments(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.splitlines(), start=1):
        match = COMMENT.search(line)
        if match:
            yield number, match[1]


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
