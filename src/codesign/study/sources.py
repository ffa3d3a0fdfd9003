"""What a stage's results depend on: the sources that its module reaches, as one digest.

Snakemake does not see `src/`. A rule therefore carries `digest(its module)` among its `params`, and
is run again when that changes. The modules are read, never imported: it takes milliseconds, and a
module that cannot be imported here does not matter.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

PACKAGE = "codesign"
SOURCE_FOLDER = Path(__file__).parents[2]
DATA_SUFFIXES = frozenset({".css", ".html", ".json", ".mplstyle", ".svg", ".toml", ".yaml"})


def digest(*modules: str) -> str:
    """A hash of the code of `modules` and of all that they import of this package.

    Comments, docstrings and layout do not count; data files beside a module do.
    """
    content = hashlib.sha256()
    for name in closure(*modules):
        content.update(f"{name}={_fingerprint(_file(name))}\n".encode())
    return content.hexdigest()[:16]


def closure(*modules: str) -> tuple[str, ...]:
    """The modules of this package that `modules` reach by imports, themselves included, sorted.

    An import counts wherever it stands, also inside a function, and so does a module's name in a
    text (`"codesign.search.bo"`), which is how a registry names what it loads on demand.

    Raises:
        ValueError: one of `modules` has no source file.
    """
    found: set[str] = set()
    waiting = list(modules)
    for name in waiting:
        if not _exists(name):
            raise ValueError(f"{name}: no such module under {SOURCE_FOLDER}")
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += _imports(name)
    return tuple(sorted(found))


def _exists(name: str) -> bool:
    path = SOURCE_FOLDER.joinpath(*name.split("."))
    return (path / "__init__.py").is_file() or path.with_suffix(".py").is_file()


def _file(name: str) -> Path:
    path = SOURCE_FOLDER.joinpath(*name.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_bytes(), str(path))


@cache
def _imports(name: str) -> tuple[str, ...]:
    """The modules of this package that `name` itself mentions."""
    path = _file(name)
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    mentioned = (word for node in ast.walk(_tree(path)) for word in _mentions(node, package))
    return tuple(sorted({word for word in mentioned if word and _exists(word)}))


def _mentions(node: ast.AST, package: str) -> Iterator[str]:
    """Names of what could be modules of this package in one node."""
    if isinstance(node, ast.Import):
        yield from (item.name for item in node.names if _is_ours(item.name))
    elif isinstance(node, ast.ImportFrom):
        base = node.module or ""
        if node.level:
            parents = package.split(".")
            above = parents[: len(parents) - node.level + 1]
            base = ".".join([*above, base]) if base else ".".join(above)
        if _is_ours(base):
            submodules = [f"{base}.{item.name}" for item in node.names]
            yield from submodules
            # `from codesign import cost` is about `cost`, not about what `codesign` exports.
            if base != PACKAGE or not all(_exists(name) for name in submodules):
                yield base
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        word = node.value.partition(":")[0]
        if word.startswith(f"{PACKAGE}.") and word.replace(".", "").isidentifier():
            yield word


def _is_ours(name: str) -> bool:
    return name.partition(".")[0] == PACKAGE


@cache
def _fingerprint(path: Path) -> str:
    """A hash of the code of a file and of the data files in its folder."""
    tree = _tree(path)
    code = "\n".join(ast.dump(_without_docstrings(node)) for node in tree.body)
    content = hashlib.sha256(code.encode())
    for data in sorted(path.parent.iterdir()):
        if data.suffix in DATA_SUFFIXES:
            content.update(data.name.encode() + data.read_bytes())
    return content.hexdigest()


def _without_docstrings(statement: ast.stmt) -> ast.stmt:
    """`statement` with every text that stands alone made empty."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            node.value.value = ""
    return statement
