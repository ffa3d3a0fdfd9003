"""What a reader takes away: a question and an answer per result, grouped by what became of them."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from codesign.study.registry import RESULTS
from codesign.study.report.claim import result_of
from codesign.study.report.views import answer
from codesign.study.verdict import AGREE, DISAGREE, UNDECIDED

REPRODUCED, IN_PART, NOT_REPRODUCED, OPEN, NOT_COMPARED, NEW = (
    "Reproduces",
    "Reproduces in part",
    "Does not reproduce",
    "Undecided",
    "Not comparable with the paper",
    "Beyond the paper",
)
FOUND = "Found"
"""The only group of a study of other networks than the paper's."""


@dataclass(frozen=True)
class Finding:
    """A result in a line.

    Args:
        id, question: as in its declaration.
        answer: the answer, in a sentence.
        group: its group on the first screen.
    """

    id: str
    question: str
    answer: str
    group: str


@dataclass(frozen=True)
class Findings:
    """The findings of one group."""

    group: str
    findings: tuple[Finding, ...]


def find(
    tables: dict[str, pd.DataFrame], claims: pd.DataFrame, reproduces: bool
) -> tuple[Findings, ...]:
    """The findings of all results, in groups.

    Args:
        tables: the main tables of results, by id.
        claims: the summary.
        reproduces: whether results are compared with the paper's.
    """
    found = [
        Finding(
            result,
            RESULTS[result].question,
            answer(result, table) or _counted(_verdicts(result, claims)),
            _group(result, _verdicts(result, claims)) if reproduces else FOUND,
        )
        for result, table in tables.items()
    ]
    order = (REPRODUCED, IN_PART, NOT_REPRODUCED, OPEN, NOT_COMPARED, NEW, FOUND)
    groups = (Findings(name, tuple(f for f in found if f.group == name)) for name in order)
    return tuple(group for group in groups if group.findings)


def _verdicts(result: str, claims: pd.DataFrame) -> list[str]:
    """The verdicts on a result's claims."""
    is_own = [result_of(str(name)) == result for name in claims["id"]]
    return [str(verdict) for verdict in claims["verdict"][is_own]]


def _group(result: str, verdicts: list[str]) -> str:
    agree, disagree = verdicts.count(AGREE), verdicts.count(DISAGREE)
    if agree and disagree:
        return IN_PART
    if agree or disagree:
        return REPRODUCED if agree else NOT_REPRODUCED
    if UNDECIDED in verdicts:
        return OPEN
    return NOT_COMPARED if result.startswith("R") else NEW


def _counted(verdicts: list[str]) -> str:
    """A sentence for a result that does not give an answer itself."""
    agree, disagree = verdicts.count(AGREE), verdicts.count(DISAGREE)
    if not agree + disagree:
        return "The figure and the table answer it."
    return f"{agree} of {agree + disagree} statements of the paper hold here."
