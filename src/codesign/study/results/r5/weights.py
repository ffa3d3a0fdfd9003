"""λ of the paper's method and of its variants, from their names."""

from __future__ import annotations

from codesign.study.paper import LCB_WEIGHT, REFERENCE

PREFIX = "bo-lcb-"
"""The beginning of the names of methods that have λ in their name."""


def weight(method: str) -> float:
    """λ of a method, the weight of the deviation in its lower confidence bound.

    Raises:
        ValueError: its name does not have λ.
    """
    return LCB_WEIGHT if method == REFERENCE else float(method.removeprefix(PREFIX))
