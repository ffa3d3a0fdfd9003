"""The sources that a stage's results depend on, as one digest.

Snakemake does not watch `src/`. Therefore a rule has `digest(its module)` among its `params`, and
it is run again if that changes. Modules are read, never imported. This takes milliseconds, and it
also works for modules that cannot be imported here.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from codesign.dependencies import PACKAGE, file_of, reach
from codesign.search.plugins import plugin_files
from codesign.study.registry import OPTIONS

REGISTRY = "codesign.search.registry"
DATA_SUFFIXES = frozenset({".css", ".html", ".json", ".mplstyle", ".svg", ".toml", ".yaml"})

SETTINGS = "variant"
"""The argument of `register(…)` that changes the results of a method. The other arguments, such as
labels and colours, do not."""

Methods = frozenset[str] | None


class Part(NamedTuple):
    """The part of the registered methods that counts.

    Args:
        methods: the methods whose code counts.
        looks: whether labels, colours and other properties of all methods count.
    """

    methods: frozenset[str]
    looks: bool


Scope = Part | None
"""A part, or None for everything."""


def digest(*modules: str, methods: Methods = None, looks: bool = False) -> str:
    """A hash of the code of `modules` and of all modules of this package that they reach.

    Comments, docstrings and layout do not count. Data files in a module's folder count, and so do
    plugins, if methods are looked up.

    Args:
        modules: the modules to begin with.
        methods: the search methods in use, so that an edit of another method does not change the
            digest; None for all. If given, labels and colours of methods do not count, since they
            do not change results.
        looks: with `methods`, whether labels and colours of all methods count after all, for
            stages that draw them.
    """
    content = hashlib.sha256()
    scope = _scope(methods, looks)
    reached = _reached(modules, scope)
    for name in reached:
        content.update(f"{name}={_fingerprint(name, _relevant(name, scope))}\n".encode())
    if REGISTRY in reached:
        for plugin in plugin_files():
            content.update(plugin.read_bytes() if plugin.is_file() else b"")
    return content.hexdigest()[:16]


def closure(*modules: str, methods: Methods = None) -> tuple[str, ...]:
    """The modules of this package that `modules` reach by imports, including themselves, sorted.

    Imports inside functions count, and so do names of modules in strings (`"codesign.search.bo"`),
    which are used for imports on demand. Imports from the package itself (`from codesign import …`)
    do not count: its names are defined in other modules.

    Raises:
        ValueError: one of `modules` has no source file.
    """
    return _reached(modules, _scope(methods, looks=False))


def _scope(methods: Methods, looks: bool) -> Scope:
    return None if methods is None else Part(methods, looks)


def _reached(modules: Iterable[str], scope: Scope) -> tuple[str, ...]:
    return reach(modules, lambda name: _imports(name, _relevant(name, scope)))


def _file(name: str) -> Path:
    file = file_of(name)
    if file is None:
        raise ValueError(f"{name}: no such module of {PACKAGE}")
    return file


@cache
def _statements(name: str, scope: Scope) -> tuple[ast.stmt, ...]:
    """The code of a module without docstrings, and without parts of methods that do not count."""
    tree = ast.parse(_file(name).read_bytes(), name)
    for node in ast.walk(tree):
        for part in ("body", "orelse", "finalbody"):
            block = getattr(node, part, None)
            if isinstance(block, list):
                block[:] = [statement for statement in block if _is_run(statement)]
    return tuple(node for node in tree.body if scope is None or _counts(node, scope))


def _relevant(name: str, scope: Scope) -> Scope:
    """The scope if the module registers methods, else None, so that most modules are read once."""
    return scope if _registers(name) else None


@cache
def _registers(name: str) -> bool:
    return any(_registered_as(node) for node in _statements(name, None))


def _is_run(node: ast.AST) -> bool:
    """Whether a statement is code: not a bare string, and not only for type checkers."""
    if isinstance(node, ast.If) and not node.orelse:
        return not (isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING")
    return not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))


def _counts(node: ast.stmt, scope: Part) -> bool:
    """Whether any part of a statement counts. Removes from a registered function what does not.

    For a function under one or more `@register("name", …)`, its code counts if one of these methods
    is in use, with the settings of the methods in use.
    """
    if not isinstance(node, ast.FunctionDef) or not _registered_as(node):
        return True
    is_used = not scope.methods.isdisjoint(_registered_as(node))
    if not is_used:
        node.body, node.args, node.returns = [], ast.arguments([], [], None, [], [], None, []), None
    if not scope.looks:
        node.decorator_list = [
            decorator
            for decorator in node.decorator_list
            if _name_in(decorator) is None or _name_in(decorator) in scope.methods
        ]
        for decorator in node.decorator_list:
            if isinstance(decorator, ast.Call) and _name_in(decorator) is not None:
                decorator.args = decorator.args[:1]
                decorator.keywords = [k for k in decorator.keywords if k.arg == SETTINGS]
    return is_used or scope.looks


def _registered_as(node: ast.stmt) -> tuple[str, ...]:
    """The names that a function's decorators register it under."""
    decorators = node.decorator_list if isinstance(node, ast.FunctionDef) else ()
    return tuple(name for decorator in decorators if (name := _name_in(decorator)) is not None)


def _name_in(decorator: ast.expr) -> str | None:
    """The name in `@register("name", …)`; None for any other decorator."""
    if (
        isinstance(decorator, ast.Call)
        and isinstance(decorator.func, ast.Name)
        and decorator.func.id == "register"
        and decorator.args
        and isinstance(decorator.args[0], ast.Constant)
    ):
        return str(decorator.args[0].value)
    return None


@cache
def _imports(name: str, scope: Scope) -> tuple[str, ...]:
    """The modules of this package that `name` itself mentions."""
    package = name if _file(name).name == "__init__.py" else name.rpartition(".")[0]
    nodes = (node for top in _statements(name, scope) for node in ast.walk(top))
    mentioned = {word for node in nodes for word in _mentions(node, package)}
    return tuple(sorted(word for word in mentioned if word != PACKAGE and file_of(word)))


def _mentions(node: ast.AST, package: str) -> Iterator[str]:
    """The names in one node that may be modules of this package."""
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
def _fingerprint(name: str, scope: Scope) -> str:
    """A hash of the code of a module and of the data files in its folder."""
    code = "\n".join(ast.dump(node) for node in _statements(name, scope))
    content = hashlib.sha256(code.encode())
    for data in sorted(_file(name).parent.iterdir()):
        # Options of a config reach the stages as arguments, so their schema does not count.
        if data.suffix in DATA_SUFFIXES and data.name != OPTIONS:
            content.update(data.name.encode() + data.read_bytes())
    return content.hexdigest()
