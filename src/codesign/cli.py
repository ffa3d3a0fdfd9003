"""The command line: finds the command, runs it, and reports errors in one sentence."""

from __future__ import annotations

import argparse
import contextlib
import importlib
import os
import re
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from typing import Any, NoReturn

from codesign import __version__
from codesign.commands.letters import writing_anything
from codesign.compilation import COMPILATION
from codesign.errors import InputError

COMMANDS = (
    "check",
    "evaluate",
    "map",
    "search",
    "show",
    "compare",
    "list",
    "export",
    "import",
    "completion",
)
"""Modules of `codesign.commands`, each with `add_parser(subparsers)` and `run(arguments)`."""

BAD_INPUT, INTERRUPTED, TERMINATED, PIPE_CLOSED = 2, 130, 143, 141

_DESCRIPTION = """\
Searches neural-network accelerators and the mappings of networks onto them together.

  codesign map --workload dqn --hardware eyeriss-168 --output results/dqn
  codesign search --workload dqn --hardware-space eyeriss-168 --output results/dqn-found
  codesign show results/dqn-found/design.yaml
"""


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Leaves room for the longest command: argparse does not count the indentation of commands."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog)
        self._action_max_length = max(map(len, COMMANDS)) + 2 * self._indent_increment


class _Parser(argparse.ArgumentParser):
    """Raises `InputError` for bad arguments, as for any other bad input."""

    def error(self, message: str) -> NoReturn:
        # The message of an option's type already says the value and what was expected.
        message = re.sub(r"^argument (\S+): is ", r"\1 is ", message)
        raise InputError(f"{message} (see '{self.prog} --help')")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is None or value in action.choices:
            return
        from codesign.reading import closest, shown

        choices = [str(choice) for choice in action.choices]
        problem = f"is {shown(value)}, expected one of {', '.join(choices)}"
        raise argparse.ArgumentError(action, problem + closest(value, choices))


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns the exit code.

    It is 0 for success, 2 for bad input or a failing system, 130 after Ctrl-C, 141 if the reader
    of the output has gone. SIGTERM raises `SystemExit(143)`.
    """
    try:
        with writing_anything(), _stopping_cleanly():
            code = _run(sys.argv[1:] if arguments is None else arguments)
            sys.stdout.flush()
            return code
    except InputError as error:
        _tell(f"error: {error}")
    except BrokenPipeError:
        # The reader has closed the pipe. Python's flush at exit must not write to it either.
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except OSError as error:
        name = f"{error.filename}: " if error.filename else ""
        _tell(f"error: {name}{error.strerror or error}")
    except MemoryError:
        _tell("error: out of memory")
    except KeyboardInterrupt as end:
        _tell("; ".join(["interrupted", *_notes(end)]))
        return INTERRUPTED
    except SystemExit as end:
        if end.code == TERMINATED:
            _tell("; ".join(["terminated", *_notes(end)]))
        raise
    return BAD_INPUT


def _run(arguments: Sequence[str]) -> int:
    _refuse_nul(arguments)
    options, rest = make_parser().parse_known_args(arguments)
    if rest:
        _refuse(rest, options.parser)
    code: int = options.run(options)
    return code


def make_parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    parser = _Parser(
        prog="codesign",
        description=_DESCRIPTION,
        formatter_class=_Formatter,
    )
    parser.add_argument("--version", action="version", version=f"codesign {__version__}")
    subparsers = parser.add_subparsers(
        metavar="COMMAND", required=True, title="commands (each has its own --help)"
    )
    for name in COMMANDS:
        importlib.import_module(f"codesign.commands.{name}").add_parser(subparsers)
    return parser


def _refuse_nul(arguments: Sequence[str]) -> None:
    """Refuses NUL in arguments: no system passes it, but a caller in Python can."""
    for before, argument in zip(["", *arguments], arguments, strict=False):
        if "\0" in argument:
            option = before if before.startswith("--") else "an argument"
            raise InputError(f"{option} is {argument!r}, expected a text without NUL")


def _refuse(rest: Sequence[str], parser: argparse.ArgumentParser) -> NoReturn:
    """Raises `InputError` that names the unknown argument and the option most like it."""
    from codesign.reading import closest

    unknown = next((word for word in rest if word.startswith("-")), rest[0])
    options = [name for action in parser._actions for name in action.option_strings]
    hint = closest(unknown.partition("=")[0], options) if unknown.startswith("-") else ""
    parser.error(f"unknown argument {unknown}{hint}")


@contextlib.contextmanager
def _stopping_cleanly() -> Iterator[None]:
    """Turns SIGTERM, which schedulers send, into `SystemExit`, so that drafts are removed.

    While a kernel compiles, SIGTERM and Ctrl-C wait until it is done.
    """

    def stop() -> NoReturn:
        sys.exit(TERMINATED)

    def interrupt() -> NoReturn:
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handlers = [(signal.SIGTERM, stop)]
    # Where Ctrl-C is ignored (as under nohup) or handled by the caller, it stays so.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        handlers.append((signal.SIGINT, interrupt))
    before = [
        (number, signal.signal(number, lambda *_, act=action: COMPILATION.wait(act)))
        for number, action in handlers
    ]
    COMPILATION.announce = _tell_of_compilation if sys.stderr.isatty() else None
    try:
        yield
    finally:
        COMPILATION.announce = None
        for number, handler in before:
            signal.signal(number, handler)


def _tell_of_compilation() -> None:
    _tell("compiling kernels for this machine, once (up to half a minute)")


def _notes(end: BaseException) -> list[str]:
    """What the command adds to the message of its end (`commands.options.at_the_end`)."""
    return getattr(end, "__notes__", [])


def _tell(message: str) -> None:
    sentence = " ".join(message.split())
    printable = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in sentence)
    print(f"codesign: {printable}", file=sys.stderr)
