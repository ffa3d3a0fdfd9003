"""`codesign check`: checks a certificate of the exact mapper."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codesign.commands.answers import add_json, print_json
from codesign.commands.options import add_command

if TYPE_CHECKING:
    from codesign.search.output.certificates import CheckedCertificate

_DESCRIPTION = """\
Checks a certificate that `codesign map --method exact` wrote beside its design. The mappings must
cost what the design claims, to the bit. Every spatial split must either be among those that the
search went through, or have a lower bound, computed again by other code, that is not better than
what the certificate claims. The command says how many splits rest on the search; --redo searches
them again.
"""

_EXAMPLES = """\
  codesign map --workload dqn --hardware eyeriss-168 --method exact --output results/dqn
  codesign check results/dqn/certificate.json

  codesign map --workload resnet --layer ResNet-K4 --hardware eyeriss-168 --method exact \\
      --dataflow free --output results/k4
  codesign check results/k4/certificate.json --redo
"""


def add_parser(subparsers: Any) -> None:
    """Adds the command."""
    parser = add_command(
        subparsers, "check", "check a proof of optimality", _DESCRIPTION, _EXAMPLES
    )
    parser.add_argument("certificate", metavar="CERTIFICATE", type=Path, help="a certificate.json")
    parser.add_argument(
        "--redo",
        action="store_true",
        help="search every layer again, so that nothing rests on the search that certified it",
    )
    add_json(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Runs the command, and returns the exit code."""
    from codesign.search.output.certificates import check_certificate

    found = check_certificate(options.certificate)
    if options.redo:
        found.redo()
    if options.json:
        print_json(_answer(found, options.redo))
        return 0
    print(
        f"{found.design.name}: least {found.objective} over the mappings of dataflow "
        f"{found.dataflow.name}, by accounting {found.design.accounting}"
    )
    for rule in found.dataflow.rules:
        print(f"  {rule}")
    for layer in found.layers:
        checked = layer.checked
        gap = f"within {100 * layer.gap:.3g} % of the optimum"
        print(
            f"{layer.task.layer.name}: {'optimal' if layer.verdict == 'optimal' else gap}; of "
            f"{checked.splits} spatial splits {checked.bounded} cannot be better, {checked.empty} "
            f"hold no mapping, {checked.explored} rest on the search"
        )
    if options.redo:
        print("searched again: every bound holds")
    else:
        print(
            f"on trust: that the search went rightly through {found.trusted} of {found.splits} "
            "spatial splits; --redo goes through them again"
        )
    return 0


def _answer(found: CheckedCertificate, is_redone: bool) -> dict[str, Any]:
    return {
        "design": found.design.name,
        "objective": found.objective,
        "dataflow": found.dataflow.name,
        "rules": [str(rule) for rule in found.dataflow.rules],
        "accounting": found.design.accounting,
        "on_trust": 0 if is_redone else found.trusted,
        "layers": [
            {
                "layer": layer.task.layer.name,
                "verdict": layer.verdict,
                "gap_percent": 100 * layer.gap,
                **asdict(layer.checked),
            }
            for layer in found.layers
        ],
    }
