"""How kernels are compiled: once, to disk, without reference counts or the interpreter lock."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numba
from numba.core import event

from codesign.compilation import COMPILATION
from codesign.dependencies import reached_sources


class _Compiler(event.Listener):
    """Reports when kernels compile or load."""

    def on_start(self, _: event.Event) -> None:
        COMPILATION.begin()

    def on_end(self, _: event.Event) -> None:
        COMPILATION.end()


class _Compiled(event.Listener):
    """Reports kernels that compile, but none that load."""

    def on_start(self, _: event.Event) -> None:
        COMPILATION.tell()

    def on_end(self, _: event.Event) -> None:
        pass


event.register("numba:compiler_lock", _Compiler())
event.register("numba:compile", _Compiled())

Kernel = TypeVar("Kernel", bound=Callable[..., Any])

_PACKAGE = Path(__file__).parent


@cache
def _cache_folder(module: str) -> str:
    """A folder for the machine code of a module: a new one whenever a source it uses changes.

    Numba itself watches only the file of a kernel, not the files of the functions that it calls.
    A kernel that is out of date would be used after an edit of the cost model.
    """
    digest = hashlib.sha256(numba.__version__.encode())
    for source in reached_sources(module):
        digest.update(source.encode())
    return str(_PACKAGE / "__pycache__" / f"kernels-{digest.hexdigest()[:12]}")


def _compiler(**options: Any) -> Callable[[Kernel], Kernel]:
    def compile_kernel(function: Kernel) -> Kernel:
        given = numba.config.CACHE_DIR  # type: ignore[attr-defined]
        if not given:
            numba.config.CACHE_DIR = _cache_folder(function.__module__)  # type: ignore[attr-defined]
        try:
            # Kernels do not own arrays, they fill those that they are given. Reference counting
            # (`_nrt`) costs two atomic operations per use of an array; without it, kernels run
            # several times faster. No kernel is called from C (`no_cfunc_wrapper`).
            compiler: Any = numba.njit
            settings = {"cache": True, "nogil": True, "error_model": "numpy", "_nrt": False}
            settings["no_cfunc_wrapper"] = True
            return compiler(**settings, **options)(function)
        finally:
            numba.config.CACHE_DIR = given  # type: ignore[attr-defined]

    return compile_kernel


compiled = _compiler()
"""Decorator that compiles a kernel."""

inlined = _compiler(inline="always")
"""Decorator of a kernel that is inlined into its callers: a small one, or one with one call. A
call of a compiled kernel passes every array of a bundle separately, which takes time."""
