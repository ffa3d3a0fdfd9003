"""The one exception a user is meant to read."""

from __future__ import annotations


class InputError(ValueError):
    """Bad input, told in one sentence: the field, its value and what was expected."""

    def _render_traceback_(self) -> list[str]:
        # IPython asks for it: in a notebook the sentence is all that helps.
        return [f"{type(self).__name__}: {self}"]
