"""The one exception a user is meant to read."""

from __future__ import annotations


class InputError(ValueError):
    """Bad input, told in one sentence: the field, its value and what was expected."""
