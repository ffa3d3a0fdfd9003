"""`codesign check`: judges a certificate of the exact mapper."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from codesign.commands.answers import add_json, print_json
from codesign.commands.options import add_command

_DESCRIPTION = """\
Checks a certificate that `codesign map --method exact` wrote beside its design. The mappings must
cost what the design claims, to the bit. Every spatial split must either be among those that the
search went through, or have a lower bound, computed again by other code, that is not better than
what the certificate claims.
"""

_EXAMPLES = """\
  codesign map --workload dqn --hardware eyeriss-168 --method exact --output results/dqn
  codesign check results/dqn/certificate.json

  codesign map --workload resnet --layer ResNet-K4 --hardware eyeriss-168 --method exact \\
      --dataflow free --output results/k4
  codesign check results/k4/certificate.json
"""


def add_parser(subparsers: Any) -> None:
    """Adds the command."""
    parser = add_command(
        subparsers, "check", "check a proof of optimality", _DESCRIPTION, _EXAMPLES
    )
    parser.add_argument("certificate", metavar="CERTIFICATE", type=Path, help="a certificate.json")
    add_json(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Runs the command; returns the exit code."""
    from codesign.search.output.certificates import check_certificate

    found = check_certificate(options.certificate)
    if options.json:
        layers = [
            {"layer": name, "verdict": verdict, "gap_percent": 100 * gap, **asdict(checked)}
            for name, verdict, gap, checked in found
        ]
        print_json({"layers": layers})
        return 0
    for name, verdict, gap, checked in found:
        claim = "optimal" if verdict == "optimal" else f"within {100 * gap:.3g} % of the optimum"
        print(
            f"{name}: {claim}; of {checked.splits} spatial splits, {checked.bounded} cannot be "
            f"better, {checked.empty} have no mapping, {checked.explored} were searched"
        )
    return 0
