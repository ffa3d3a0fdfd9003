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

from codesign.search.plugins import plugin_files
from codesign.study.registry import OPTIONS

PACKAGE = "codesign"
REGISTRY = "codesign.search.registry"
SOURCE_FOLDER = Path(__file__).parents[3]
DATA_SUFFIXES = frozenset({".css", ".html", ".json", ".mplstyle", ".svg", ".toml", ".yaml"})

Methods = frozenset[str] | None


def digest(*modules: str, methods: Methods = None) -> str:
    """A hash of the code of `modules` and of all that they import of this package.

    Comments, docstrings and layout do not count; data files beside a module do, and so do plugins,
    where methods are looked up.

    Args:
        modules: where to begin.
        methods: the search methods in use, so that an edit of one does not touch the others;
            None stands for all.
    """
    content = hashlib.sha256()
    reached = closure(*modules, methods=methods)
    for name in reached:
        content.update(f"{name}={_fingerprint(name, _relevant(name, methods))}\n".encode())
    if REGISTRY in reached:
        for plugin in plugin_files():
            content.update(plugin.read_bytes() if plugin.is_file() else b"")
    return content.hexdigest()[:16]


def closure(*modules: str, methods: Methods = None) -> tuple[str, ...]:
    """The modules of this package that `modules` reach by imports, themselves included, sorted.

    An import counts wherever it stands, also inside a function, and so does a module's name in a
    text (`"codesign.search.bo"`), which is how one names what is loaded on demand. What the
    package itself offers (`from codesign import …`) does not: it only repeats what is elsewhere.

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
            waiting += _imports(name, _relevant(name, methods))
    return tuple(sorted(found))


def _exists(name: str) -> bool:
    path = SOURCE_FOLDER.joinpath(*name.split("."))
    return (path / "__init__.py").is_file() or path.with_suffix(".py").is_file()


def _file(name: str) -> Path:
    path = SOURCE_FOLDER.joinpath(*name.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


@cache
def _statements(name: str, methods: Methods) -> tuple[ast.stmt, ...]:
    """The code of a module without its docstrings and without methods that are not in use."""
    tree = ast.parse(_file(name).read_bytes(), name)
    for node in ast.walk(tree):
        for part in ("body", "orelse", "finalbody"):
            block = getattr(node, part, None)
            if isinstance(block, list):
                block[:] = [statement for statement in block if not _is_text(statement)]
    return tuple(node for node in tree.body if not _is_unused(node, methods))


def _relevant(name: str, methods: Methods) -> Methods:
    """The methods where the module registers any, else None: most modules are read but once."""
    return methods if _registers(name) else None


@cache
def _registers(name: str) -> bool:
    return any(_registered_as(node) for node in _statements(name, None))


def _is_text(node: ast.AST) -> bool:
    """Whether a statement is a docstring, or another text that stands alone."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_unused(node: ast.stmt, methods: Methods) -> bool:
    """Whether `node` is a function under `@register("name")` of another method.

    What is under `@register_family("name", …)` is in use where that method is, or one whose name
    continues it: `name-…`.
    """
    names = _registered_as(node) if methods is not None else ()
    used = {part for name in methods or () for part in (name, name.partition("-")[0])}
    return bool(names) and not used.intersection(names)


def _registered_as(node: ast.stmt) -> tuple[str, ...]:
    """The names that a function's decorators register it under."""
    return tuple(
        str(decorator.args[0].value)
        for decorator in (node.decorator_list if isinstance(node, ast.FunctionDef) else ())
        if isinstance(decorator, ast.Call)
        and isinstance(decorator.func, ast.Name)
        and decorator.func.id.startswith("register")
        and isinstance(decorator.args[0], ast.Constant)
    )


@cache
def _imports(name: str, methods: Methods) -> tuple[str, ...]:
    """The modules of this package that `name` itself mentions."""
    package = name if _file(name).name == "__init__.py" else name.rpartition(".")[0]
    nodes = (node for top in _statements(name, methods) for node in ast.walk(top))
    mentioned = {word for node in nodes for word in _mentions(node, package)}
    return tuple(sorted(word for word in mentioned if word != PACKAGE and _exists(word)))


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
            yield base
            yield from (f"{base}.{item.name}" for item in node.names)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        word = node.value.partition(":")[0]
        if word.startswith(f"{PACKAGE}.") and all(p.isidentifier() for p in word.split(".")):
            yield word


def _is_ours(name: str) -> bool:
    return name.partition(".")[0] == PACKAGE


@cache
def _fingerprint(name: str, methods: Methods) -> str:
    """A hash of the code of a module and of the data files in its folder."""
    code = "\n".join(ast.dump(node) for node in _statements(name, methods))
    content = hashlib.sha256(code.encode())
    for data in sorted(_file(name).parent.iterdir()):
        # What a config may say reaches the stages as arguments.
        if data.suffix in DATA_SUFFIXES and data.name != OPTIONS:
            content.update(data.name.encode() + data.read_bytes())
    return content.hexdigest()
