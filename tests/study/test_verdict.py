"""The one rule for verdicts, and that the claims of all results use it and nothing else."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from codesign.study import verdict
from codesign.study.registry import RESULTS, modules_of
from codesign.study.verdict import (
    AGREE,
    BETTER,
    DISAGREE,
    EQUIVALENT,
    NOT_COMPARABLE,
    UNDECIDED,
    WORSE,
    about,
    below,
    flat_between,
    is_saturated,
    number,
    outcome,
    superior,
    within_budget,
    without_exception,
)

NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("low", "high", "found"),
    [
        (0.90, 0.99, BETTER),
        (0.90, 0.9949, BETTER),
        (0.90, 0.9951, UNDECIDED),
        (0.9951, 1.0049, EQUIVALENT),
        (0.996, 0.999, EQUIVALENT),
        (0.98, 1.001, UNDECIDED),
        (1.0049, 1.02, UNDECIDED),
        (1.0051, 1.02, WORSE),
        (0.5, 2.0, UNDECIDED),
        (0.0, INF, UNDECIDED),
        (INF, INF, WORSE),
        (NAN, NAN, UNDECIDED),
    ],
)
def test_outcomes_are_by_interval_and_margin(low: float, high: float, found: str) -> None:
    """Half a percent of EDP does not count; an interval on the margin decides nothing."""
    assert outcome(low, high) == found


@pytest.mark.parametrize(("low", "high"), [(0.8, 0.9), (0.99, 1.2), (1.1, 3.0), (0.997, 1.002)])
def test_both_arms_see_the_same(low: float, high: float) -> None:
    """The margin is as wide on the one side as on the other."""
    swapped = {BETTER: WORSE, WORSE: BETTER}

    assert outcome(1 / high, 1 / low) == swapped.get(outcome(low, high), outcome(low, high))


def test_half_of_the_pairs_are_too_many() -> None:
    """From there on the task is too easy; without pairs there is nothing to say."""
    assert not is_saturated(100, 49)
    assert is_saturated(100, 50)
    assert not is_saturated(0, 0)


@pytest.mark.parametrize(
    ("found", "saturated", "word"),
    [
        (BETTER, False, AGREE),
        (EQUIVALENT, False, DISAGREE),
        (WORSE, False, DISAGREE),
        (UNDECIDED, False, UNDECIDED),
        (BETTER, True, NOT_COMPARABLE),
        (EQUIVALENT, True, NOT_COMPARABLE),
    ],
)
def test_superiority(found: str, saturated: bool, word: str) -> None:
    """A tie does not agree, and a ceiling does not answer."""
    assert superior(found, saturated).word == word


@pytest.mark.parametrize(
    ("inner", "ends", "word"),
    [
        ([EQUIVALENT], [WORSE, EQUIVALENT], AGREE),
        ([EQUIVALENT], [EQUIVALENT, EQUIVALENT], DISAGREE),
        ([EQUIVALENT], [BETTER, EQUIVALENT], DISAGREE),
        ([EQUIVALENT], [UNDECIDED, EQUIVALENT], UNDECIDED),
        ([EQUIVALENT, WORSE], [WORSE, WORSE], DISAGREE),
        ([EQUIVALENT, UNDECIDED], [WORSE, WORSE], UNDECIDED),
        ([], [WORSE, WORSE], UNDECIDED),
    ],
)
def test_flat_except_at_the_extremes(inner: list[str], ends: list[str], word: str) -> None:
    """Equivalent in between, worse at one end at least."""
    assert flat_between(inner, ends, saturated=False).word == word
    assert flat_between(inner, ends, saturated=True).word == NOT_COMPARABLE


def test_numbers() -> None:
    """Within our interval; where it is not, whether it could be at all."""
    assert number(18.3, 15.0, 20.0).word == AGREE
    assert number(18.3, 5.0, 7.0, most=8.0).reason.startswith("beyond")
    assert number(18.3, 5.0, 7.0, most=30.0).reason == "ours is less"
    assert number(18.3, 25.0, 27.0).reason == "ours is more"
    assert number(NAN, 5.0, 7.0).word == NOT_COMPARABLE
    assert number(18.3, NAN, NAN).word == NOT_COMPARABLE
    assert (about(10, 5.0).word, about(10, 4.9).word, about(10, 21).word) == (
        AGREE,
        DISAGREE,
        DISAGREE,
    )
    assert (below(1.0, [0.5, 0.9]).word, below(1.0, [0.5, 1.0]).word) == (AGREE, DISAGREE)
    assert without_exception(3, 3, 1e-15).word == AGREE
    assert without_exception(2, 3, 0.0).word == without_exception(3, 3, 1e-3).word == DISAGREE


def test_a_smaller_budget_is_not_comparable() -> None:
    """Whatever the outcome; the reason still says what it would be."""
    spent = within_budget(superior(BETTER, False), "budget is small")

    assert spent.word == NOT_COMPARABLE
    assert spent.reason == "budget is small; better by more than 0.5 %"
    assert within_budget(superior(BETTER, False), "").word == AGREE


@pytest.mark.parametrize("result", RESULTS)
def test_no_claims_module_has_a_rule_of_its_own(result: str, repository: Path) -> None:
    """It does not order numbers and does not write verdicts: words and comparisons
    are those of `study.verdict`."""
    module = modules_of(result, "claims")[0]
    tree = ast.parse((repository / "src" / (module.replace(".", "/") + ".py")).read_text("utf-8"))

    assert rules_of_its_own(tree) == []


def rules_of_its_own(tree: ast.AST) -> list[str]:
    """The ordered comparisons and the words of verdicts in a module."""
    found = []
    words = {*verdict.VERDICTS, *verdict.OUTCOMES}
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            ordered = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
            found += [ast.unparse(node) for op in node.ops if isinstance(op, ordered)]
        if isinstance(node, ast.Constant) and node.value in words:
            found.append(str(node.value))
        if isinstance(node, (ast.Name, ast.Attribute)):
            name = node.id if isinstance(node, ast.Name) else node.attr
            if name in {"AGREE", "DISAGREE", "NOT_COMPARABLE", "isclose", *NAMES}:
                found.append(name)
    return found


NAMES = ("BETTER", "WORSE", "EQUIVALENT", "UNDECIDED", "MARGIN_PERCENT")


@pytest.mark.parametrize(
    "text",
    ["ok = a < b", "v = 'agree'", "v = verdict.AGREE", "v = np.isclose(a, b)", "m = 1 >= x > 0"],
)
def test_a_rule_of_its_own_would_be_seen(text: str) -> None:
    """Each of these is found."""
    assert rules_of_its_own(ast.parse(text))
