"""Digests of stages change with the code they run, and with nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from codesign import dependencies
from codesign.study.registry import RESULTS, figure_modules, figures
from codesign.study.running import sources
from codesign.study.stages import STAGES

COMPARISON = "codesign.study.comparison"
ROOMS = ("codesign.study.results", COMPARISON)
STAGES_OF_RESULTS = [name for name, module in STAGES.items() if module.startswith(ROOMS)]

MODULES = {
    "__init__.py": "VERSION = 1\n",
    "errors.py": "class E(Exception): ...\n",
    "cost.py": "from codesign.errors import E\n\ndef price():\n    return 1\n",
    "search/__init__.py": "",
    "search/registry.py": (
        "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    from codesign.typed import T\n"
        "def register(name, label='', **says): ...\n"
        "@register('random', 'Random')\n"
        "def _random():\n    from codesign.search.random import Random\n"
        "@register('tpe-slow', variant={'speed': 1})\n"
        "@register('tpe', 'TPE', colour='red')\n"
        "def _tpe(speed=2):\n    from codesign.search import tpe\n"
    ),
    "search/random.py": "class Random: ...\n",
    "search/tpe.py": "from .. import cost\n",
    "study.py": (
        "import codesign.cost\nfrom codesign import VERSION\n"
        "from codesign.search.registry import register\nLAZY = 'codesign.late:run'\n"
    ),
    "late.py": "X = 1\n",
    "typed.py": "class T: ...\n",
    "drawing.py": "from codesign.search.registry import register\n",
    "figures/__init__.py": "",
    "figures/r1.py": "from codesign.errors import E\n",
    "figures/page.css": "a {}",
}


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small package of ours on disk."""
    for name, text in MODULES.items():
        path = tmp_path / "codesign" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.setattr(dependencies, "SOURCE_FOLDER", tmp_path)
    forget()
    yield tmp_path / "codesign"
    monkeypatch.undo()
    forget()


def forget() -> None:
    """Drops what `sources` has read."""
    for cached in (
        *(sources._statements, sources._registers),
        *(sources._imports, sources._fingerprint),
    ):
        cached.cache_clear()


def digest(*modules: str, methods: frozenset[str] | None = None, looks: bool = False) -> str:
    """The digest of what is on disk now."""
    forget()
    return sources.digest(*modules, methods=methods, looks=looks)


def test_closure_follows_imports_anywhere_and_names_in_texts(package: Path) -> None:
    """Imports in functions, relative imports and module names in texts count."""
    found = sources.closure("codesign.study")

    assert found == (
        "codesign.cost",
        "codesign.errors",
        "codesign.late",
        "codesign.search",
        "codesign.search.random",
        "codesign.search.registry",
        "codesign.search.tpe",
        "codesign.study",
    )


def test_closure_leaves_out_methods_that_are_not_in_use(package: Path) -> None:
    """With `methods`, the registry leads to those methods alone."""
    found = sources.closure("codesign.study", methods=frozenset({"random"}))

    assert "codesign.search.random" in found
    assert "codesign.search.tpe" not in found


def test_digest_ignores_comments_docstrings_and_layout(package: Path) -> None:
    """Only what Python executes counts."""
    before = digest("codesign.cost")

    (package / "cost.py").write_text(
        '"""New."""\n# why\nfrom codesign.errors import E\n'
        'def price():\n    """Doc."""\n    return (1)\n'
    )
    assert digest("codesign.cost") == before

    (package / "cost.py").write_text("from codesign.errors import E\ndef price():\n    return 2\n")
    assert digest("codesign.cost") != before


def test_digest_follows_dependencies_only(package: Path) -> None:
    """An edit reaches the stages that import the module, and no others."""
    stages = ("codesign.study", "codesign.figures.r1")
    before = [digest(stage) for stage in stages]

    (package / "cost.py").write_text("def price():\n    return 3\n")

    after = [digest(stage) for stage in stages]
    assert [a == b for a, b in zip(before, after, strict=True)] == [False, True]


def test_digest_of_one_method_ignores_another(package: Path) -> None:
    """Editing TPE does not touch random search."""
    methods = (frozenset({"random"}), frozenset({"tpe"}))
    before = [digest("codesign.study", methods=m) for m in methods]

    (package / "search" / "tpe.py").write_text("X = 2\n")

    after = [digest("codesign.study", methods=m) for m in methods]
    assert [a == b for a, b in zip(before, after, strict=True)] == [True, False]


RANDOM, TPE, SLOW = (frozenset({name}) for name in ("random", "tpe", "tpe-slow"))


@pytest.mark.parametrize(
    ("before", "after", "changed"),
    [
        ("'TPE'", "'Parzen'", {"looks"}),
        ("colour='red'", "colour='blue'", {"looks"}),
        ("'speed': 1", "'speed': 0", {"looks", "slow"}),
        ("speed=2", "speed=3", {"tpe", "slow"}),
        ("'Random'", "'random search'", {"looks"}),
        ("def register(", "LIMIT = 1\ndef register(", {"looks", "random", "tpe", "slow"}),
    ],
)
def test_what_a_method_says_of_itself_counts_where_it_is_drawn(
    package: Path, before: str, after: str, changed: set[str]
) -> None:
    """A label runs no search again; a setting those of its variant; code those that use it."""

    def digests() -> dict[str, str]:
        searched = {"random": RANDOM, "tpe": TPE, "slow": SLOW}
        found = {name: digest("codesign.study", methods=m) for name, m in searched.items()}
        return found | {"looks": digest("codesign.drawing", methods=frozenset(), looks=True)}

    registry = package / "search" / "registry.py"
    first = digests()
    assert before in registry.read_text()
    registry.write_text(registry.read_text().replace(before, after))
    second = digests()

    assert {name for name in first if first[name] != second[name]} == changed


def test_figures_of_methods_do_not_depend_on_their_code(package: Path) -> None:
    """What draws knows labels, and loads no optimizer."""
    before = digest("codesign.drawing", methods=frozenset(), looks=True)

    (package / "search" / "tpe.py").write_text("X = 2\n")

    assert digest("codesign.drawing", methods=frozenset(), looks=True) == before


def test_what_type_checkers_read_does_not_count(package: Path) -> None:
    """It is never run."""
    before = digest("codesign.study")

    (package / "typed.py").write_text("class T:\n    x = 1\n")

    assert digest("codesign.study") == before
    assert "codesign.typed" not in sources.closure("codesign.study")


def test_digest_covers_data_files_beside_a_module(package: Path) -> None:
    """A style sheet is part of the page it styles."""
    before = digest("codesign.figures.r1")

    (package / "figures" / "page.css").write_text("b {}")

    assert digest("codesign.figures.r1") != before


def test_unknown_module_is_refused(package: Path) -> None:
    """Otherwise the digest of a misspelt stage would be empty and never change."""
    with pytest.raises(ValueError, match=r"codesign\.stdy: no such module"):
        sources.closure("codesign.stdy")


@pytest.mark.parametrize("stage", ["mapping", "hardware", "baselines", "optima"])
def test_searches_reach_the_cost_model_and_no_figure(stage: str) -> None:
    """The real package: searches depend on the model, not on how results are drawn."""
    found = sources.closure(f"codesign.study.searches.{stage}")

    assert {"codesign.cost.kernel", "codesign.space.mapping_space"} <= set(found)
    assert not [n for n in found if n.startswith(("codesign.drawing", "codesign.study.results"))]


def test_optima_reach_no_optimizer() -> None:
    """The real package: an edit of a search method does not touch what is proven without it."""
    found = sources.closure("codesign.study.searches.optima", methods=frozenset())

    assert "codesign.search.exact.exhaustive" in found
    assert not [
        name for name in found if name.startswith(("codesign.search.tpe.", "codesign.search.bo."))
    ]


@pytest.mark.parametrize("figure", [name for result in RESULTS for name in figures(result)])
def test_figures_reach_no_search(figure: str) -> None:
    """The real package: figures know tables, and of searches what methods say of themselves."""
    modules = (*figure_modules(figure), "codesign.study.report.draw")
    found = sources.closure(*modules, methods=frozenset())

    searches = {n for n in found if n.startswith(("codesign.search", "codesign.cost"))}
    known = {f"codesign.search.{name}" for name in ("registry", "base", "plugins")}
    assert searches <= {"codesign.search"} | known


@pytest.mark.parametrize("stage", STAGES_OF_RESULTS)
def test_tables_reach_no_figure(stage: str) -> None:
    """The real package: an edit of a figure, claim or view reruns no table and no search."""
    found = sources.closure(STAGES[stage])
    rooms = [n for n in found if n.startswith(ROOMS)]
    last = {name.rpartition(".")[2].partition("_")[0] for name in rooms}

    assert not [name for name in found if name.startswith("codesign.drawing")]
    assert not last & {"figure", "claims", "view"}


def test_drawing_knows_no_study() -> None:
    """The real package: the tool box lies below what it draws."""
    folder = dependencies.SOURCE_FOLDER / "codesign" / "drawing"
    modules = [f"codesign.drawing.{path.stem}" for path in folder.glob("[a-z]*.py")]

    assert len(modules) >= 3
    assert not [n for n in sources.closure(*modules) if n.startswith("codesign.study")]
