"""`python -m codesign.study.serve COMMAND …`: runs a command while a stage server is running.

The stage server has imported what stages use and has loaded the compiled kernels, which takes a
stage two seconds. It forks for every stage that the command or its children start with `python -m
codesign.study` (see `study.running.client`). The results are the same bytes as without a server.
"""

from __future__ import annotations

import gc
import importlib
import os
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import traceback
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import codesign
from codesign.errors import InputError
from codesign.search import plugins
from codesign.study.running.client import (
    ONE_THREAD,
    PASSED_ON,
    REFUSES,
    SERVER,
    SERVES,
    STATUS,
    Request,
    close,
    code_in_use,
    end_by,
    read_at_start,
    receive,
)

WAITING = 1000
"""Clients that may wait to be accepted."""

PATIENCE_S = 5.0
"""How long a client may take to send its request, which it has ready."""

LONGEST_FOLDER = 70
"""Bytes of a path; the path of a socket may have about a hundred."""

NOT_FOUND = 127
"""The exit code if the command cannot be started, as in a shell."""

TABLES = ("pyarrow.pandas_compat",)
"""Modules that Arrow itself imports only when it converts a table."""

State = frozenset[tuple[str, int, int]]


def main(command: list[str], kind: type[Server] | None = None) -> int:
    """Runs a command with a stage server, or one of another `kind`. Returns its exit code."""
    if not command:
        print("usage: python -m codesign.study.serve COMMAND …", file=sys.stderr)
        return 2
    with (
        tempfile.TemporaryDirectory(prefix="codesign-", dir=_short_folder()) as folder,
        socket.socket(socket.AF_UNIX) as listener,
    ):
        address = f"{folder}/stages"
        listener.bind(address)
        listener.listen(WAITING)
        environment = dict(os.environ)
        server = (kind or Server)(listener)
        try:
            running = subprocess.Popen(command, env={**environment, SERVER: address})
        except OSError as error:
            print(f"codesign: {command[0]}: {error.strerror}", file=sys.stderr)
            return NOT_FOUND
        # The command decides when it ends. ^C in a terminal reaches it without our help.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda number, _: running.send_signal(number))
        try:
            server.load()
        except (ImportError, InputError):
            # The stages themselves say what is missing, as without a server.
            listener.close()
            return _code(running.wait())
        server.serve(lambda: running.poll() is not None)
        return _code(running.wait())


def _short_folder() -> str:
    """The folder for temporary files; `/tmp` if its path is too long for that of a socket in it."""
    folder = tempfile.gettempdir()
    return folder if len(os.fsencode(folder)) <= LONGEST_FOLDER else "/tmp"


def _code(code: int) -> int:
    """The exit code of a command as a shell tells it."""
    return 128 - code if code < 0 else code


class Server:
    """Runs stages in forks of this process.

    Args:
        listener: the socket on which it listens.
    """

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self._clients: dict[int, socket.socket] = {}
        # Before anything is imported: an edit after that is not in this process.
        self._sources = _sources()
        self._environment = read_at_start({**os.environ, **ONE_THREAD})
        # Libraries read them when they are imported. More threads could not be forked.
        os.environ.update(ONE_THREAD)

    def load(self) -> None:
        """Imports what stages use, draws one figure, and loads all kernels.

        Raises:
            ImportError: a package is missing.
            InputError: a plugin is wrong.
        """
        from codesign.study.registry import RESULTS, draw_function, figures
        from codesign.study.stages import STAGES
        from codesign.warm import main as load_kernels

        for module in (*STAGES.values(), *TABLES):
            importlib.import_module(module)
        for result in RESULTS:
            for figure in figures(result):
                draw_function(figure)
        _draw_anything()
        load_kernels()
        # A collection in a fork does not touch, and therefore copy, what all forks share.
        gc.collect()
        gc.freeze()

    def serve(self, is_over: Callable[[], bool]) -> None:
        """Serves until `is_over`, which is asked when a child of this process ends.

        Stages that are still running then are ended.
        """
        ended, on_end = socket.socketpair()
        with ended, on_end, selectors.DefaultSelector() as selector:
            for each in (ended, on_end):
                each.setblocking(False)
            before = signal.signal(signal.SIGCHLD, lambda *_: None)
            signal.set_wakeup_fd(on_end.fileno(), warn_on_full_buffer=False)
            selector.register(self._listener, selectors.EVENT_READ)
            selector.register(ended, selectors.EVENT_READ)
            try:
                while not is_over():
                    for key, _ in selector.select():
                        if key.fileobj is self._listener:
                            self._accept(selector)
                        elif key.fileobj is ended:
                            ended.recv(4096)
                            self._tell_ends(selector)
                        else:
                            self._hear(key.data, selector)
            finally:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, before)
                for stage in self._clients:
                    os.kill(stage, signal.SIGTERM)

    def _accept(self, selector: selectors.BaseSelector) -> None:
        """Forks for the stage of a client, or refuses it."""
        connection, _ = self._listener.accept()
        try:
            connection.settimeout(PATIENCE_S)
            request, files = receive(connection)
        except OSError:
            connection.close()
            return
        stage = 0
        # If it cannot fork either, the client runs the stage.
        with suppress(OSError):
            stage = self._fork(request, files) if self.can_run(request) else 0
        close(files)
        with suppress(OSError):  # If the client has ended, `_hear` notices it.
            connection.sendall(SERVES if stage else REFUSES)
        if stage:
            self._clients[stage] = connection
            selector.register(connection, selectors.EVENT_READ, stage)
        else:
            connection.close()

    def _fork(self, request: Request, files: list[int]) -> int:
        """Starts a stage, whose standard files are `files`. Returns the id of its process."""
        with warnings.catch_warnings():
            # Python 3.12 warns of threads. Ours are those of libraries, which prepare for forks.
            warnings.simplefilter("ignore", DeprecationWarning)
            stage = os.fork()
        if stage:
            return stage
        code = 1
        try:
            signal.set_wakeup_fd(-1)
            for number in (*PASSED_ON, signal.SIGCHLD):
                signal.signal(number, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            # A session of its own: ^C in a terminal reaches it once, from the client.
            os.setsid()
            for standard, file in enumerate(files):
                os.dup2(file, standard)
            close(files)
            self._listener.close()
            for connection in self._clients.values():
                connection.close()
            code = _run(request, self.run)
        finally:
            os._exit(code)

    def run(self, arguments: list[str]) -> int:
        """Runs a stage, in a fork. Returns its exit code."""
        from codesign.study.stages import run_stage

        return run_stage(arguments)

    def _tell_ends(self, selector: selectors.BaseSelector) -> None:
        """Tells the clients whose stages have ended how they ended."""
        for stage in list(self._clients):
            ended, status = os.waitpid(stage, os.WNOHANG)
            if not ended:
                continue
            connection = self._clients.pop(stage)
            if connection in selector.get_map():
                selector.unregister(connection)
            with connection, suppress(OSError):  # The client may have ended first.
                connection.sendall(STATUS.pack(os.waitstatus_to_exitcode(status)))

    def _hear(self, stage: int, selector: selectors.BaseSelector) -> None:
        """Passes on a signal from a client to its stage. Ends the stage if the client has ended."""
        connection = self._clients.get(stage)
        if connection is None:
            return  # It has just ended.
        try:
            heard = connection.recv(1)
        except OSError:
            heard = b""
        os.kill(stage, heard[0] if heard else signal.SIGTERM)
        if not heard:
            selector.unregister(connection)

    def can_run(self, request: Request) -> bool:
        """Whether a stage runs here exactly as it would in the process of the client."""
        return (
            request.code == code_in_use()
            and read_at_start(request.environment) == self._environment
            # Plugins are found from the working directory, and may do anything when they start.
            and not request.environment.get(plugins.VARIABLE)
            and _sources() == self._sources
        )


def _draw_anything() -> None:
    """Draws a figure, for which Matplotlib finds its fonts and imports what it saves with."""
    from codesign.drawing.style import new_figure, save

    figure, grid = new_figure(1, 1, 1.0)
    grid[0, 0].set_xscale("log")
    with tempfile.TemporaryDirectory() as folder:
        save(figure, Path(folder) / "figure.pdf", Path(folder) / "figure.png")


def _sources() -> State:
    """The files of the package with their sizes and times, which change with every edit."""
    found = []
    for folder, folders, files in os.walk(Path(str(codesign.__file__)).parent):
        folders[:] = [name for name in folders if name != "__pycache__"]
        for name in files:
            file = os.stat(os.path.join(folder, name))  # noqa: PTH116, PTH118 - twice as fast
            found.append((f"{folder}/{name}", file.st_size, file.st_mtime_ns))
    return frozenset(found)


def _run(request: Request, run: Callable[[list[str]], int]) -> int:
    """Calls `run` in the surroundings of a client. Returns the exit code."""
    os.chdir(request.folder)
    os.umask(request.umask)
    os.environ.clear()
    os.environ.update(request.environment)
    sys.path[:] = request.path
    sys.argv[1:] = request.arguments
    # New ones, because they may be buffered in another way. They stay open until the end.
    sys.stdin = open(0, encoding=sys.stdin.encoding, closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", encoding=sys.stdout.encoding, closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", 1, sys.stderr.encoding, "backslashreplace", closefd=False)  # noqa: SIM115
    try:
        code = run(request.arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        traceback.print_exc()
        end_by(signal.SIGINT)
        raise
    except SystemExit as end:
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
