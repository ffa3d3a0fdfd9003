"""How kernels are compiled: once, to disk, without reference counts or the interpreter lock."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numba

from codesign.dependencies import reached_sources

Kernel = TypeVar("Kernel", bound=Callable[..., Any])

_PACKAGE = Path(__file__).parent


@cache
def _cache_folder(module: str) -> str:
    """A folder for the machine code of a module, one for every state of what it is made from.

    Numba itself watches only the file that a kernel stands in, not those of what it calls: a
    kernel would survive an edit of the cost model under it.
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
"""Decorator of a kernel that is written into its callers: a small one, or one that a kernel calls
in one place. A call of a compiled kernel hands over each array of a bundle by itself."""
