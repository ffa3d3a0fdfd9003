"""An input may take so long and no longer, and refuse itself by `InputError` alone."""

from __future__ import annotations

import functools
import signal
import tempfile
from pathlib import Path

from codesign.errors import InputError
from tests.fuzz.targets import Target

SECONDS = 20
"""Of computing: far beyond what any input of a few kB takes."""


class Hang(Exception):  # noqa: N818
    """An input that took too long."""


@functools.cache
def warm_up(target: Target) -> None:
    """Compiles the kernels, whose time does not count, and checks that the seeds are accepted."""
    with tempfile.TemporaryDirectory() as folder:
        for seed in target.seeds():
            path = Path(folder) / f"input{target.suffix}"
            path.write_bytes(seed)
            target.read(path)


def _ring(*_: object) -> None:
    raise Hang(f"more than {SECONDS} s")


def accepts(target: Target, data: bytes, folder: Path | None = None) -> bool:
    """Whether a target takes a file of these bytes; whatever else it does is an error.

    Raises:
        AssertionError: the refusal is not one sentence.
        Hang: it took too long.
    """
    warm_up(target)
    with tempfile.TemporaryDirectory(dir=folder) as inside:
        path = Path(inside) / f"input{target.suffix}"
        path.write_bytes(data)
        before = signal.signal(signal.SIGPROF, _ring)
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        try:
            target.read(path)
        except InputError as error:
            told = str(error)
            assert told, "a refusal without words"
            assert len(told) < 8000, f"a refusal of {len(told)} letters"
            return False
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.signal(signal.SIGPROF, before)
    return True
