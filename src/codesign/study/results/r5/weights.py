"""λ of the paper's method and of its variants, by their names."""

from __future__ import annotations

from codesign.study.paper import LCB_WEIGHT, REFERENCE

PREFIX = "bo-lcb-"
"""Names of methods that say their λ begin with this."""


def weight(method: str) -> float:
    """λ of a method, the weight of the deviation in its lower confidence bound.

    Raises:
        ValueError: it is none that says it.
    """
    return LCB_WEIGHT if method == REFERENCE else float(method.removeprefix(PREFIX))
