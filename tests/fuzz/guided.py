"""`python -m tests.fuzz.guided TARGET …`: coverage-guided fuzzing of one target by atheris."""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

SOURCES = Path(__file__).resolve().parents[2] / "src"
KERNELS = [
    ".".join(path.relative_to(SOURCES).with_suffix("").parts)
    for package in ("cost", "space", "search")
    for path in (SOURCES / "codesign" / package).rglob("*.py")
    if path.stem != "records"
]
"""What is not followed: Numba could not compile functions that report where they go."""

with atheris.instrument_imports(
    include=["codesign", "yaml"], exclude=KERNELS, enable_loader_override=False
):
    from tests.fuzz.limits import accepts
    from tests.fuzz.targets import TARGETS


def main() -> None:
    """Does not return: atheris ends the process."""
    target = TARGETS[sys.argv[1]]

    def one(data: bytes) -> None:
        accepts(target, data)

    atheris.Setup([sys.argv[0], *sys.argv[2:]], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
