"""Kernels take bundles: few parameters, which a reader can hold in mind."""

from __future__ import annotations

import ast
from pathlib import Path

MOST_PARAMETERS = 10

COMPILERS = {"compiled", "inlined"}
"""The decorators of `codesign.compiled`."""


def kernels(package: Path) -> dict[str, int]:
    """The parameters of every kernel under a folder, by file and name."""
    return {
        f"{path.relative_to(package)}: {node.name}": sum(
            len(kind) for kind in (node.args.posonlyargs, node.args.args, node.args.kwonlyargs)
        )
        for path in sorted(package.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
        and any(isinstance(d, ast.Name) and d.id in COMPILERS for d in node.decorator_list)
    }


def test_no_kernel_takes_more_than_ten_parameters(repository: Path) -> None:
    """Arrays that belong together travel as one NamedTuple, which costs nothing when inlined."""
    found = kernels(repository / "src" / "codesign")

    assert len(found) > 80
    assert {name: count for name, count in found.items() if count > MOST_PARAMETERS} == {}


def test_parameters_of_every_sort_are_counted(tmp_path: Path) -> None:
    """Whichever decorator it is under, wherever the function stands."""
    (tmp_path / "a.py").write_text(
        "@compiled\ndef f(a, b, /, c, *, d): ...\n"
        "class C:\n    @inlined\n    def g(self): ...\n"
        "def h(a): ...\n"
    )

    assert kernels(tmp_path) == {"a.py: f": 4, "a.py: g": 1}
