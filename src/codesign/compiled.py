"""How kernels are compiled: once, to disk, without reference counts or the interpreter lock."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numba

Kernel = TypeVar("Kernel", bound=Callable[..., Any])

_PACKAGE = Path(__file__).parent
_IMPORT = re.compile(
    r"^\s*(?:from|import) codesign\.([\w.]+)(?: import ([^\n(]+|\([^)]*\)))?", re.M
)


@cache
def _cache_folder(module: str) -> str:
    """A folder for the machine code of a module, one for every state of what it is made from.

    Numba itself watches only the file that a kernel stands in, not those of what it calls: a
    kernel would survive an edit of the model under it.
    """
    waiting, reached = [module.removeprefix("codesign.")], set()
    digest = hashlib.sha256(numba.__version__.encode())
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            for home, names in _IMPORT.findall(_source(name)):
                # What is imported may be a module, or something in one.
                waiting += [home, *(f"{home}.{word}" for word in re.findall(r"\w+", names))]
    for name in sorted(reached):
        digest.update(_source(name).encode())
    return str(_PACKAGE / "__pycache__" / f"kernels-{digest.hexdigest()[:12]}")


@cache
def _source(name: str) -> str:
    """The source of a module of this package; nothing where it has no file."""
    path = _PACKAGE.joinpath(*name.split("."))
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _compiler(**options: Any) -> Callable[[Kernel], Kernel]:
    def compile_kernel(function: Kernel) -> Kernel:
        given = numba.config.CACHE_DIR  # type: ignore[attr-defined]
        if not given:
            numba.config.CACHE_DIR = _cache_folder(function.__module__)  # type: ignore[attr-defined]
        try:
            # Kernels own no arrays, they fill those they are given. Without reference counting
            # (`_nrt`), two atomic operations a use of an array, they run several times faster.
            compiler: Any = numba.njit
            settings = {"cache": True, "nogil": True, "error_model": "numpy", "_nrt": False}
            return compiler(**settings, **options)(function)
        finally:
            numba.config.CACHE_DIR = given  # type: ignore[attr-defined]

    return compile_kernel


compiled = _compiler()
"""Decorator of a kernel."""

inlined = _compiler(inline="always")
"""Decorator of a small kernel that is written into its callers."""
