"""The command line: finds the command, runs it, and tells errors in one sentence."""

from __future__ import annotations

import argparse
import contextlib
import importlib
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from typing import NoReturn

from codesign import __version__
from codesign.errors import InputError

COMMANDS = ("check", "evaluate", "map", "search", "show", "compare", "export", "import")
"""Modules of `codesign.commands`, each with `add_parser(subparsers)` and `run(arguments)`."""

BAD_INPUT, INTERRUPTED, TERMINATED, PIPE_CLOSED = 2, 130, 143, 141

_DESCRIPTION = """\
Searches neural-network accelerators and the mappings of networks onto them together.

  codesign map --workload dqn --hardware eyeriss-168 --output results/dqn
  codesign search --workload dqn --hardware-space eyeriss-168 --output results/dqn-found
  codesign show results/dqn-found/design.yaml
"""


class _Parser(argparse.ArgumentParser):
    """Refuses bad arguments as `codesign` refuses any bad input."""

    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message} (see '{self.prog} --help')")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns the exit code: 0, or 2 for bad input."""
    try:
        with _stopping_cleanly():
            code = _run(sys.argv[1:] if arguments is None else arguments)
            sys.stdout.flush()
            return code
    except InputError as error:
        _tell(str(error))
    except BrokenPipeError:
        # Whoever read our output has seen enough; nothing may be written at exit either.
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except OSError as error:
        _tell(error.strerror or str(error))
    except MemoryError:
        _tell("out of memory")
    except KeyboardInterrupt:
        return INTERRUPTED
    return BAD_INPUT


def _run(arguments: Sequence[str]) -> int:
    parser = _Parser(
        prog="codesign",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"codesign {__version__}")
    subparsers = parser.add_subparsers(
        metavar="COMMAND", required=True, title="commands (each has its own --help)"
    )
    for name in COMMANDS:
        importlib.import_module(f"codesign.commands.{name}").add_parser(subparsers)
    options = parser.parse_args(arguments)
    code: int = options.run(options)
    return code


@contextlib.contextmanager
def _stopping_cleanly() -> Iterator[None]:
    """Lets `kill`, and the schedulers that use it, unwind the program, so that drafts go too."""

    def stop(*_: object) -> NoReturn:
        sys.exit(TERMINATED)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _tell(message: str) -> None:
    sentence = " ".join(message.split())
    printable = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in sentence)
    print(f"codesign: error: {printable}", file=sys.stderr)
