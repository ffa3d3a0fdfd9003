"""B4: whether the paper's method beats random search more often than by chance."""

from __future__ import annotations

import pandas as pd

from codesign.study import paper
from codesign.study.duels import headline
from codesign.study.paper import REFERENCE
from codesign.study.report.claim import Claim, compared
from codesign.study.spaces import is_of_paper
from codesign.study.verdict import Verdict, no_statement, superior


def claims(table: pd.DataFrame, budget: paper.Spent) -> list[Claim]:
    """One claim per kind of search that has both methods: how often BO ends below, level, above."""
    rows = table[(table["method"] == "random") & (table["rival"] == REFERENCE)]
    own = table[(table["method"] == REFERENCE) & (table["rival"] == "random")]
    lines = []
    for row, seen in zip(
        headline(rows).to_dict("records"), headline(own).to_dict("records"), strict=True
    ):
        is_claimed = is_of_paper(str(row["space"]))
        judged = (
            superior(str(seen["outcome"]), bool(seen["saturated"]))
            if is_claimed
            else no_statement("the paper does not search this space")
        )
        wins, ties, losses = (
            f"{100 * seen[name] / seen['pairs']:.1f} %" for name in ("wins", "ties", "losses")
        )
        lines.append(
            compared(
                f"B4 {row['space']}",
                f"EDP of {REFERENCE} / EDP of random, {row['space']}, over {seen['strata']} tasks",
                "BO ahead" if is_claimed else "–",
                row,
                Verdict(
                    judged.word,
                    f"{judged.reason}; of the pairs of searches of a task, BO ends below in "
                    f"{wins}, level in {ties}, above in {losses}; p = {seen['p_holm']:.2g} after "
                    "Holm's correction",
                ),
                budget if is_claimed else None,
            )
        )
    return lines
