"""Runs a stage on a stage server (`study.serve`), if there is one.

Importing the packages that stages use takes longer than many stages. The server has imported them
once, and forks for every stage. This module is what the client and the server agree on. It imports
nothing that takes time.

A client connects to the server's socket and sends a `Request`, and with it its standard input,
output and error. The answer is `SERVES` if the server can run the stage exactly as the client
would, otherwise `REFUSES`. The exit status follows as one number, see `STATUS`. Meanwhile, the
client passes on signals, one byte each, and the stage ends if the client ends.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import codesign

SERVER = "CODESIGN_STAGES"
"""The environment variable with the path of the server's socket."""

SERVES, REFUSES = b"y", b"n"

STATUS = struct.Struct(">i")
"""The exit code of a stage; the negative number of the signal that ended it, if one did."""

PASSED_ON = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)

ONE_THREAD = {
    **{f"{name}_NUM_THREADS": "1" for name in ("GOTO", "MKL", "NUMEXPR", "OMP", "OPENBLAS")},
    "VECLIB_MAXIMUM_THREADS": "1",
}
"""The environment of jobs that take one core. The server runs only stages that have it: a process
with threads cannot fork."""

_STANDARD = (0, 1, 2)
_LENGTH = struct.Struct(">Q")

# Python and libraries read these when they start, thus before the server forks.
_READ_AT_START = (
    *("CODESIGN_PLUGINS", "LANG", "LC_", "LD_", "DYLD_", "MPL", "NUMBA_", "PYTHON"),
    *("ARROW_", "MALLOC_", "KMP_", "BLIS_", "TZ"),
    *ONE_THREAD,
)


class Request(NamedTuple):
    """What a stage is run with.

    Args:
        arguments: of `python -m codesign.study`.
        folder: the working directory.
        umask: the mode bits that new files do not get.
        environment: all environment variables.
        path: `sys.path`.
        code: the interpreter and the package, see `code_in_use`.
    """

    arguments: list[str]
    folder: str
    umask: int
    environment: dict[str, str]
    path: list[str]
    code: list[str]


def code_in_use() -> list[str]:
    """The interpreter with its version, and the package that it imports."""
    return [sys.executable, sys.version, str(codesign.__file__)]


def read_at_start(environment: dict[str, str]) -> dict[str, str]:
    """The variables that a process reads when it starts. Server and client must have the same."""
    return {k: v for k, v in environment.items() if k.startswith(_READ_AT_START)}


def run_on_server(arguments: list[str]) -> int | None:
    """Runs a stage on the server that the environment names. Returns its exit code.

    If a signal ended the stage, this process ends by the same signal.

    Returns:
        The exit code; None if there is no server, or if it cannot run the stage as this process
        would: then nothing was done.
    """
    address = os.environ.get(SERVER)
    if not address:
        return None
    with socket.socket(socket.AF_UNIX) as connection:
        try:
            connection.connect(address)
            send(connection, _request(arguments))
            if connection.recv(1) != SERVES:
                return None
        except OSError:
            return None
        with _passing_signals_on(connection):
            answer = connection.recv(STATUS.size, socket.MSG_WAITALL)
    if len(answer) != STATUS.size:
        print("codesign: the stage server ended before the stage", file=sys.stderr)
        return 1
    code: int = STATUS.unpack(answer)[0]
    if code < 0:
        end_by(-code)
    return code


def _request(arguments: list[str]) -> Request:
    umask = os.umask(0o077)
    os.umask(umask)
    return Request(
        arguments, str(Path.cwd()), umask, dict(os.environ), list(sys.path), code_in_use()
    )


def send(
    connection: socket.socket, request: Request, files: tuple[int, int, int] = _STANDARD
) -> None:
    """Sends a request, and its standard input, output and error: by default this process's.

    Raises:
        OSError: the server has gone, or a standard file is closed.
    """
    content = json.dumps(request).encode()
    socket.send_fds(connection, [_LENGTH.pack(len(content))], files)
    connection.sendall(content)


def receive(connection: socket.socket) -> tuple[Request, list[int]]:
    """Receives a request, and the client's standard input, output and error.

    Raises:
        OSError: the client ended, or stopped, before it had sent all of it.
    """
    head, files, _, _ = socket.recv_fds(connection, _LENGTH.size, len(_STANDARD))
    try:
        if len(head) != _LENGTH.size or len(files) != len(_STANDARD):
            raise ConnectionError("no request")
        length = _LENGTH.unpack(head)[0]
        with connection.makefile("rb") as stream:
            content = stream.read(length)
        if len(content) != length:
            raise ConnectionError("no whole request")
    except BaseException:
        close(files)
        raise
    return Request(*json.loads(content)), files


def close(files: list[int]) -> None:
    """Closes files by their descriptors."""
    for file in files:
        os.close(file)


@contextmanager
def _passing_signals_on(connection: socket.socket) -> Iterator[None]:
    """Passes signals on to the stage: only its end ends this process."""

    def pass_on(number: int, _: object) -> None:
        with suppress(OSError):  # The stage has just ended.
            connection.send(bytes([number]))

    # An ignored signal stays ignored, as under `nohup`.
    heard = [number for number in PASSED_ON if signal.getsignal(number) != signal.SIG_IGN]
    before = {number: signal.signal(number, pass_on) for number in heard}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def end_by(number: int) -> None:
    """Ends this process by a signal, as if it had no handler."""
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
