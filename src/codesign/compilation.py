"""What a command does while kernels compile: it says so, and signals wait until a kernel is done.

LLVM calls back into Python while it compiles or loads a kernel. An exception that a signal's
handler raises there would be printed and lost, or would end the process.
"""

from __future__ import annotations

import threading
from collections.abc import Callable


class Compilation:
    """The compilation of kernels by the main thread, which is the one that handles signals.

    Args:
        announce: what to do before the first kernel compiles, if anything.
    """

    def __init__(self, announce: Callable[[], None] | None = None) -> None:
        self.announce = announce
        self.depth = 0
        self._waiting: Callable[[], None] | None = None

    def tell(self) -> None:
        """A kernel has to be compiled, since none is there to load."""
        announce, self.announce = self.announce, None
        if announce is not None:
            announce()

    def begin(self) -> None:
        """A kernel is compiled or loaded from now on, for itself or within another one."""
        if threading.current_thread() is threading.main_thread():
            self.depth += 1

    def end(self) -> None:
        """The kernel is there. Does what waited for it, which may raise."""
        if threading.current_thread() is threading.main_thread():
            self.depth -= 1
            waiting, self._waiting = self._waiting, None
            if waiting is not None:
                waiting()

    def wait(self, action: Callable[[], None]) -> None:
        """Does `action` at once, or as soon as the present kernel is there."""
        if self.depth:
            self._waiting = action
        else:
            action()


COMPILATION = Compilation()
"""The one of this process. Kernels report to it (`compiled`), and commands ask it (`cli`)."""
