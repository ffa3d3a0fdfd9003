"""Compiled kernels are kept on disk, and never outlive what they were made from."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from codesign import compiled, dependencies
from codesign.study.running import sources as stages

folder_of = compiled._cache_folder.__wrapped__
"""`_cache_folder` without its memory of earlier answers: sources change while a test runs."""

KERNELS = ("codesign.cost.kernel", "codesign.space.sampler", "codesign.search.tpe.parzen")

SOURCES = {
    "codesign.search.kernel": (
        "from codesign.model import (\n    A,\n)\nif A:\n    import codesign.late\n"
    ),
    "codesign.model": "from codesign.constants import A\nimport numpy\n",
    "codesign.constants": "A = 1\n",
    "codesign.late": "from codesign.model import A\n",
    "codesign.bystander": "from codesign.search.kernel import f\n",
}
"""A small package: the kernel reaches all modules except the bystander; imports form a circle."""


@pytest.fixture
def sources(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The package above in place of this one; a test may edit it."""
    edited = dict(SOURCES)
    monkeypatch.setattr(dependencies, "source", lambda name: edited.get(name, ""))
    return edited


@pytest.fixture
def edit(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Adds a line to the source of a module, as it is seen by kernels."""

    def add_line(name: str) -> None:
        read = dependencies.source
        monkeypatch.setattr(
            dependencies, "source", lambda other: read(other) + "\nX = 1\n" * (other == name)
        )

    return add_line


@pytest.mark.parametrize("name", ["search.kernel", "model", "constants", "late"])
def test_editing_what_a_kernel_reaches_changes_its_folder(
    sources: dict[str, str], name: str
) -> None:
    """Directly or through others, at the top or inside a function."""
    before = folder_of("codesign.search.kernel")

    sources[f"codesign.{name}"] += "\nB = 2\n"

    assert folder_of("codesign.search.kernel") != before


def test_editing_anything_else_does_not(sources: dict[str, str]) -> None:
    """Least of all what uses the kernel."""
    before = folder_of("codesign.search.kernel")

    sources["codesign.bystander"] += "\nB = 2\n"

    assert folder_of("codesign.search.kernel") == before


def test_undoing_an_edit_finds_the_old_folder(sources: dict[str, str]) -> None:
    """The folder is a function of the sources, so that switching branches recompiles nothing."""
    before = folder_of("codesign.search.kernel")
    sources["codesign.model"] = sources["codesign.model"].replace("A", "B")
    assert folder_of("codesign.search.kernel") != before

    sources["codesign.model"] = SOURCES["codesign.model"]

    assert folder_of("codesign.search.kernel") == before


def test_another_numba_has_another_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Machine code of one version is not fit for another."""
    before = folder_of(KERNELS[0])

    monkeypatch.setattr(compiled.numba, "__version__", "0.0")

    assert folder_of(KERNELS[0]) != before


@pytest.mark.parametrize("module", KERNELS)
def test_our_kernels_depend_on_how_they_are_compiled(
    module: str, edit: Callable[[str], None]
) -> None:
    """The options of the compiler are part of what a kernel is made from."""
    before = folder_of(module)

    edit("codesign.compiled")

    assert folder_of(module) != before


def test_the_cost_kernel_depends_on_the_shapes_it_is_sized_for(
    edit: Callable[[str], None],
) -> None:
    """A constant in another package, two imports away, is compiled into it."""
    before = folder_of("codesign.cost.kernel")

    edit("codesign.workload.shape")

    assert folder_of("codesign.cost.kernel") != before


def test_no_kernel_imports_modules_in_a_way_that_goes_unseen(repository: Path) -> None:
    """`from codesign.package import module` names the package alone: its module would be missed."""
    package = repository / "src" / "codesign"
    missed = []
    for path in package.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if "from codesign.compiled import" not in text:
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("codesign"):
                folder = package.joinpath(*(node.module or "").split(".")[1:])
                missed += [
                    f"{path}: {alias.name}"
                    for alias in node.names
                    if (folder / f"{alias.name}.py").is_file()
                ]

    assert not missed


def test_the_pattern_finds_what_parsing_finds(repository: Path) -> None:
    """Kernels and stages of the study see the same modules behind a kernel."""
    modules = [
        ".".join(path.relative_to(repository / "src").with_suffix("").parts)
        for path in (repository / "src" / "codesign").rglob("*.py")
        if "from codesign.compiled import" in path.read_text(encoding="utf-8")
    ]

    assert len(modules) > 20
    for module in modules:
        assert dependencies.reach([module], dependencies.imports) == stages.closure(module)


def test_sources_are_those_on_disk(repository: Path) -> None:
    """Modules, packages, and nothing for a name that has no file."""
    read = dependencies.source.__wrapped__
    root = repository / "src" / "codesign"

    assert read("codesign.cost.kernel") == (root / "cost/kernel.py").read_text(encoding="utf-8")
    assert read("codesign.cost") == (root / "cost/__init__.py").read_text(encoding="utf-8")
    assert read("codesign.nowhere.at_all") == ""


def test_a_kernel_follows_an_edit_of_what_it_calls(repository: Path, tmp_path: Path) -> None:
    """A real run: compiled, edited in another module, and run again, it gives the new answer."""
    package = tmp_path / "codesign"
    package.mkdir()
    (package / "__init__.py").write_text("")
    for name in ("compilation", "compiled", "dependencies"):
        shutil.copy(repository / f"src/codesign/{name}.py", package)
    (package / "model.py").write_text("PRICE = 2\n")
    (package / "kernel.py").write_text(
        "from codesign.compiled import compiled\n"
        "from codesign.model import PRICE\n"
        "@compiled\n"
        "def cost(words):\n"
        "    return PRICE * words\n"
    )
    # Numba looks at the kernel's own file only, which no edit below touches.
    program = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "from codesign.kernel import cost\n"
        "print(cost(21), sum(cost.stats.cache_hits.values()))"
    )

    def run() -> str:
        answer = subprocess.run(
            [sys.executable, "-c", program], check=True, capture_output=True, text=True
        )
        return answer.stdout.strip()

    assert run() == "42 0"
    assert run() == "42 1"
    (package / "model.py").write_text("PRICE = 3\n")
    assert run() == "63 0"


@pytest.mark.slow
def test_the_installation_compiles_what_searches_need(tmp_path: Path) -> None:
    """After it, neither mapping nor hardware search compiles anything."""
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "kernels")}

    def run(*words: str) -> set[Path]:
        subprocess.run([sys.executable, "-m", *words], check=True, env=environment, cwd=tmp_path)
        return set((tmp_path / "kernels").rglob("*.nbc"))

    run("codesign.warm")
    compiled = run("codesign.warm", "map")
    search = ["search", "--workload", "dqn", "--hardware-space", "eyeriss-168"]
    search += ["--hardware-trials", "15", "--mapping-trials", "15", "--output", "found"]

    assert compiled
    assert run("codesign", *search) == compiled
