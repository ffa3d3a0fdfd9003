"""The core works without any extra; a feature that needs one says which command installs it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterable
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

BLOCKED = """\
import sys

blocked = frozenset({blocked})


class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in blocked:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)


sys.meta_path.insert(0, Missing())
from codesign.{module} import main

for words in {commands}:
    code = main(words)
    if code:
        print("the command was:", *words, file=sys.stderr)
        sys.exit(code)
"""
"""Runs command lines, up to the first that fails, where packages are missing."""

NETWORK = """\
name: tiny
layers:
- {name: stem, R: 3, S: 3, P: 4, Q: 4, C: 2, K: 8}
- {name: head, type: gemm, M: 4, N: 8, K: 16}
"""


@pytest.fixture(scope="module")
def beyond_the_core(repository: Path) -> list[str]:
    """Every module that is installed here but not by `pip install codesign`."""
    lock = (repository / "requirements-core.lock").read_text(encoding="utf-8")
    lines = [line for line in lock.splitlines() if not line.startswith(" ")]
    core = {canonicalize_name(Requirement(line.rstrip("\\ ")).name) for line in lines}
    modules = {
        module
        for module, packages in packages_distributions().items()
        if not {canonicalize_name(name) for name in packages} & (core | {"codesign"})
    }
    assert {"hyperopt", "jsonschema", "matplotlib", "onnx", "scipy", "snakemake"} <= modules
    assert not modules & {"codesign", "numba", "numpy", "pandas", "pyarrow", "tqdm", "yaml"}
    return sorted(name for name in modules if re.fullmatch(r"\w+", name))


def call(
    folder: Path, blocked: list[str], *commands: Iterable[object], module: str = "cli"
) -> subprocess.CompletedProcess[str]:
    """What commands answer in one process where the `blocked` modules are missing."""
    words = [[str(word) for word in command] for command in commands]
    text = BLOCKED.format(blocked=blocked, module=module, commands=words)
    return subprocess.run(
        [sys.executable, "-c", text],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_the_core_runs_without_any_extra(tmp_path: Path, beyond_the_core: list[str]) -> None:
    """Maps, searches, proves, checks, shows, prices, compares, exports and imports."""
    (tmp_path / "tiny.yaml").write_text(NETWORK, encoding="utf-8")
    chip = ("--workload", "tiny.yaml", "--hardware", "eyeriss-168")
    search = ("--workload", "tiny.yaml", "--hardware-space", "eyeriss-168")
    small = ("--hardware-trials", 12, "--mapping-trials", 12)
    commands: list[tuple[object, ...]] = [
        *(
            ("map", *chip, "--method", method, "--trials", 12, "--output", method)
            for method in ("random", "tpe", "bo", "timeloop-random", "exact")
        ),
        *(
            ("search", *search, *small, "--method", method, "--output", f"found-{method}")
            for method in ("tpe", "bo")
        ),
        ("check", "exact/certificate.json"),
        ("show", "found-tpe/design.yaml"),
        ("show", "tpe/design.yaml", "--usage"),
        ("evaluate", "found-bo/design.yaml"),
        ("compare", "tpe", "found-tpe"),
        ("export", "--format", "timeloop", "exact/design.yaml", "exported"),
        ("import", "timeloop", "exported", "--output", "back.yaml"),
    ]

    answer = call(tmp_path, beyond_the_core, *commands)

    assert answer.returncode == 0, answer.stderr
    assert json.loads((tmp_path / "found-tpe/summary.json").read_text("utf-8"))


@pytest.mark.parametrize(
    ("missing", "extra", "words"),
    [
        ("onnx", "onnx", "import onnx model.onnx --output x.yaml"),
        ("matplotlib", "drawing", "show design.yaml --picture x.pdf"),
        *(
            (
                package,
                extra,
                f"map --workload tiny.yaml --hardware eyeriss-168 --method {method} --output out",
            )
            for package, extra, method in [
                ("hyperopt", "hyperopt", "hyperopt"),
                ("scipy", "relax", "relax-round"),
                ("xgboost", "xgboost", "tvm-xgboost"),
                ("torch", "treegru", "tvm-treegru"),
            ]
        ),
    ],
)
def test_a_missing_extra_is_told_in_one_sentence(
    tmp_path: Path, missing: str, extra: str, words: str
) -> None:
    (tmp_path / "tiny.yaml").write_text(NETWORK, encoding="utf-8")

    answer = call(tmp_path, [missing], words.split())

    name = {"torch": "PyTorch"}.get(missing, missing)
    assert answer.returncode == 2
    said, _ = answer.stderr.splitlines()
    assert f"needs {name}, which is not installed: pip install 'codesign[{extra}]'" in said
    assert not (tmp_path / "out").exists()


def test_a_stage_says_that_it_needs_the_study(tmp_path: Path) -> None:
    answer = call(tmp_path, ["matplotlib"], ["draw"], module="study.__main__")

    assert answer.returncode == 1
    assert answer.stderr.splitlines()[:-1] == [
        "codesign: stage 'draw' needs matplotlib, which is not installed: "
        "pip install 'codesign[study]'"
    ]
