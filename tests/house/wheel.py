"""Builds the wheel of this checkout, through its source distribution, without a network."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

SOURCES = ("pyproject.toml", "setup.py", "README.md", "LICENSE", "src", "config")


def run(*command: object, folder: Path, **environment: str) -> str:
    """What a command prints, run in a folder, with none of this environment's Python settings."""
    kept = {k: v for k, v in os.environ.items() if k not in {"PYTHONPATH", "CODESIGN_CONFIG"}}
    answer = subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        env={**kept, "MPLBACKEND": "Agg", **environment},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert answer.returncode == 0, f"{command}\n{answer.stdout}\n{answer.stderr}"
    return answer.stdout


def build_wheel(repository: Path, folder: Path) -> Path:
    """The wheel, in `folder`; nothing is left behind in the checkout."""
    tree = folder / "tree"
    tree.mkdir()
    leftovers = shutil.ignore_patterns("__pycache__", "*.egg-info")
    for name in SOURCES:
        source = repository / name
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, tree / name, **({"ignore": leftovers} if source.is_dir() else {}))
    built = run_backend("build_sdist", tree, folder)
    with tarfile.open(built) as archive:
        archive.extractall(folder, filter="data")
    return run_backend("build_wheel", folder / built.name.removesuffix(".tar.gz"), folder)


def run_backend(hook: str, tree: Path, target: Path) -> Path:
    """The file that a hook of setuptools makes of a tree."""
    text = f"from setuptools import build_meta; print(build_meta.{hook}({str(target)!r}))"
    told = run(sys.executable, "-c", text, folder=tree)
    return target / told.split()[-1]


def install_wheel(wheel: Path, folder: Path) -> Path:
    """The Python of a new environment with the wheel, and this environment's packages beside it."""
    run(sys.executable, "-m", "venv", "--without-pip", folder, folder=folder.parent)
    python = folder / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet"]
    run(*pip, "--no-deps", "--no-index", wheel, folder=folder.parent)
    paths = "import sysconfig; print(sysconfig.get_path('purelib'))"
    ours = run(sys.executable, "-c", paths, folder=folder)
    theirs = run(python, "-c", paths, folder=folder)
    Path(theirs.strip(), "packages.pth").write_text(ours, encoding="utf-8")
    return python
