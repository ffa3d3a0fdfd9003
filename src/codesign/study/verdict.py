"""The one rule for verdicts, which the claims of all results use.

**Two arms** are compared by `outcome`. Let the interval of the ratio of their EDPs be given
(`study.duels`). If all of it is beyond the margin of equivalence on one side, the arm with the
lower EDP is better. If all of it is within the margin, the arms are equivalent. Otherwise the
comparison is undecided: more searches could decide it. If at least half of the pairs of searches
tie at the least EDP known, the comparison is saturated: the task is too easy to distinguish the
arms.

**A statement of the paper** gets one of four verdicts. It agrees or disagrees if the outcomes say
so; it is undecided if they do not; and it is not comparable if the comparison is saturated, if this
study has spent less than the paper, or if there is no statement.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

MARGIN_PERCENT = 0.5
"""EDPs that differ by at most this, in %, are equivalent."""

BETTER, WORSE, EQUIVALENT, UNDECIDED = "better", "worse", "equivalent", "undecided"
OUTCOMES = (BETTER, EQUIVALENT, UNDECIDED, WORSE)

AGREE, DISAGREE, NOT_COMPARABLE = "agree", "disagree", "not comparable"
VERDICTS = (AGREE, DISAGREE, UNDECIDED, NOT_COMPARABLE)

SATURATED_SHARE = 0.5
"""A comparison is saturated if at least this share of its pairs tie at the least EDP known."""

ABOUT_FACTOR = 2.0
"""A number that the paper calls approximate agrees with ours within this factor."""

ROUNDING = 1e-12
"""Relative differences up to this are due to rounding."""


@dataclass(frozen=True)
class Verdict:
    """A verdict on a statement of the paper, and why."""

    word: str
    reason: str


def outcome(low: float, high: float) -> str:
    """How an arm compares with a rival, from the interval of its EDP / the rival's EDP.

    NaN and intervals that are not known are undecided.
    """
    margin = 1 + MARGIN_PERCENT / 100
    if high < 1 / margin:
        return BETTER
    if low > margin:
        return WORSE
    if low >= 1 / margin and high <= margin:
        return EQUIVALENT
    return UNDECIDED


def is_saturated(pairs: int, at_least: int) -> bool:
    """Whether `at_least` of `pairs` pairs, which tie at the least EDP known, are too many."""
    return pairs > 0 and at_least >= SATURATED_SHARE * pairs


def superior(found: str, saturated: bool) -> Verdict:
    """The verdict on "the paper's method is better", from its outcome against a rival."""
    if saturated:
        share = f"{100 * SATURATED_SHARE:.0f} %"
        return Verdict(NOT_COMPARABLE, f"saturated: at least {share} of the pairs tie at the least")
    if found == UNDECIDED:
        return Verdict(UNDECIDED, f"undecided at a margin of {MARGIN_PERCENT:g} %")
    words = {
        BETTER: f"better by more than {MARGIN_PERCENT:g} %",
        EQUIVALENT: f"equivalent: equal within {MARGIN_PERCENT:g} %",
        WORSE: f"worse by more than {MARGIN_PERCENT:g} %",
    }
    return Verdict(AGREE if found == BETTER else DISAGREE, words[found])


def flat_between(inner: Sequence[str], ends: Sequence[str], saturated: bool) -> Verdict:
    """The verdict on "it makes no difference except at the extremes".

    Args:
        inner: the outcomes of the settings between the extremes, against the paper's setting.
        ends: the outcomes of both extremes.
        saturated: whether any of the comparisons is saturated.
    """
    if saturated:
        return Verdict(NOT_COMPARABLE, "saturated: settings tie at the least")
    if any(found in (BETTER, WORSE) for found in inner):
        return Verdict(DISAGREE, "between the extremes it matters")
    if not inner or UNDECIDED in inner:
        return Verdict(UNDECIDED, "undecided between the extremes")
    if WORSE in ends:
        return Verdict(AGREE, "flat between the extremes, and worse at one of them")
    if UNDECIDED in ends:
        return Verdict(UNDECIDED, "flat between the extremes, and undecided there")
    return Verdict(DISAGREE, "flat at the extremes too")


def number(claimed: float, low: float, high: float, most: float = math.inf) -> Verdict:
    """The verdict on a number of the paper, from our interval.

    Args:
        claimed: the paper's number; NaN if it has none.
        low, high: our interval.
        most: the largest value that is possible, which is proven.
    """
    if math.isnan(claimed):
        return Verdict(NOT_COMPARABLE, "the paper has no such number")
    if low <= claimed <= high:
        return Verdict(AGREE, "within our interval")
    if claimed > most:
        return Verdict(DISAGREE, "beyond what is possible here")
    if high < claimed:
        return Verdict(DISAGREE, "ours is less")
    if low > claimed:
        return Verdict(DISAGREE, "ours is more")
    return Verdict(NOT_COMPARABLE, "we found nothing")


def about(claimed: float, ours: float) -> Verdict:
    """The verdict on an approximate number of the paper."""
    if claimed / ABOUT_FACTOR <= ours <= claimed * ABOUT_FACTOR:
        return Verdict(AGREE, f"within a factor of {ABOUT_FACTOR:g}")
    side = "less" if ours < claimed else "more"
    return Verdict(DISAGREE, f"ours is {side} by more than a factor of {ABOUT_FACTOR:g}")


def below(limit: float, ours: Sequence[float]) -> Verdict:
    """The verdict on "each of them is below `limit`"."""
    met = sum(value < limit for value in ours)
    word = AGREE if met == len(ours) else DISAGREE
    return Verdict(word, f"{met} of {len(ours)} are below")


def without_exception(hits: int, cases: int, difference: float) -> Verdict:
    """The verdict on "always the same".

    Args:
        hits: the number of cases in which the answers are the same.
        cases: the number of all cases.
        difference: the largest relative difference of a quantity that is not counted.
    """
    is_met = hits == cases and difference <= ROUNDING
    return Verdict(AGREE if is_met else DISAGREE, f"{hits:,} of {cases:,}")


def no_statement(reason: str) -> Verdict:
    """The verdict where the paper says nothing."""
    return Verdict(NOT_COMPARABLE, reason)


def within_budget(verdict: Verdict, shortfall: str) -> Verdict:
    """`verdict`, or `not comparable` if this study has spent less than the paper.

    Args:
        verdict: the verdict on a statement of the paper.
        shortfall: how the budget is less (`paper.Spent.shortfall`); empty if it is not.
    """
    if not shortfall:
        return verdict
    return Verdict(NOT_COMPARABLE, f"{shortfall}; {verdict.reason}")
