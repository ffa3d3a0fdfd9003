"""`python -m tests.fuzz.guided TARGET …`: coverage-guided fuzzing of one target by atheris."""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["codesign", "yaml"], enable_loader_override=False):
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
