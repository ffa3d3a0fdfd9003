"""Copies of the sources that need not compile the kernels again."""

from __future__ import annotations

from pathlib import Path

from numba.core.caching import UserProvidedCacheLocator


def adopt_kernels(repository: Path, copy: Path) -> None:
    """Makes Numba find the compiled kernels in a copy of a checkout, which has copied dates.

    Numba keeps the kernels of a package in a folder that is named after the package's path.
    """
    for package in (copy / "src/codesign").rglob("__init__.py"):
        original = repository / package.relative_to(copy)
        old, new = (_kernels_of(path) for path in (original, package))
        for kernels in (copy / "src/codesign/__pycache__").glob(f"*/{old}"):
            kernels.rename(kernels.with_name(new))


def _kernels_of(module: Path) -> str:
    """The name of the folder with the kernels of a module's package."""
    return str(UserProvidedCacheLocator.get_suitable_cache_subpath(module))
