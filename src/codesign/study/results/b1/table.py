"""B1: TPE with constraints and tuned for short searches, beside Hyperopt as it comes."""

from __future__ import annotations

import argparse

from codesign.study.comparison.table import add_curves as add_arguments
from codesign.study.comparison.table import write_summed_up

__all__ = ["add_arguments", "run"]


def run(options: argparse.Namespace) -> None:
    """Writes the curves, all layers or models as one, and the table."""
    write_summed_up(options, __name__)
