"""How kernels are compiled: once, to disk, without reference counts or the interpreter lock."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numba

Kernel = TypeVar("Kernel", bound=Callable[..., Any])


def _cache_folder() -> str:
    """A folder for machine code, one for every state of the package's sources.

    Numba itself watches only the file that a kernel stands in, not those of what it calls: a
    kernel would survive an edit of the model under it.
    """
    package = Path(__file__).parent
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for folder in ("workload", "cost", "space", "search"):
        for source in sorted((package / folder).rglob("*.py")):
            digest.update(source.read_bytes())
    return str(package / "__pycache__" / f"kernels-{digest.hexdigest()[:12]}")


def _compiler(**options: Any) -> Callable[[Kernel], Kernel]:
    def compile_kernel(function: Kernel) -> Kernel:
        given = numba.config.CACHE_DIR  # type: ignore[attr-defined]
        if not given:
            numba.config.CACHE_DIR = _FOLDER  # type: ignore[attr-defined]
        try:
            # Kernels own no arrays, they fill those they are given. Without reference counting
            # (`_nrt`), two atomic operations a use of an array, they run several times faster.
            return numba.njit(  # type: ignore[no-any-return, call-overload]
                cache=True, nogil=True, error_model="numpy", _nrt=False, **options
            )(function)
        finally:
            numba.config.CACHE_DIR = given  # type: ignore[attr-defined]

    return compile_kernel


_FOLDER = _cache_folder()

compiled = _compiler()
"""Decorator of a kernel."""

inlined = _compiler(inline="always")
"""Decorator of a small kernel that is written into its callers."""
