"""The exception that is raised for bad input and shown to users."""

from __future__ import annotations


class InputError(ValueError):
    """Bad input; the message is one sentence with the field, its value and what was expected."""

    def _render_traceback_(self) -> list[str]:
        # IPython calls this: a notebook then shows the sentence without a traceback.
        return [f"{type(self).__name__}: {self}"]
