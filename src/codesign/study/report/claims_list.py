"""`CLAIMS.md` of an archive: for every claim, the command and the table behind it, and the verdict.

The README of the archive has the same claims with their intervals and reasons.
"""

from __future__ import annotations

from collections import Counter

import pandas as pd

from codesign.study.registry import RESULTS, tables
from codesign.study.report.cells import number
from codesign.study.report.claim import result_of
from codesign.study.report.markdown import table as markdown

_TEXT = """\
# The claims of the run `{run}`

{counts}

A command makes the tables of its result, and everything that they need, in `results/{run}`. The
links lead to the tables of this archive. `python tests/recompute.py results/archive/{run}` computes
the numbers again by code of its own.
"""

_RESULT = """
## {id}: {title}

{question}

`snakemake {id} --configfile {config}` makes {tables}.

{claims}
"""


def claims_list(run: str, config: str, summary: pd.DataFrame) -> str:
    """The text of `CLAIMS.md`.

    Args:
        run: the name of the run.
        config: the path of its config file, from the root of the repository.
        summary: the summary, with a row for each claim.
    """
    counts = Counter(summary["verdict"])
    said = ", ".join(f"{count} of verdict “{verdict}”" for verdict, count in counts.most_common())
    text = _TEXT.format(run=run, counts=f"{len(summary)} claims: {said}.")
    results = summary["id"].map(result_of)
    for result in RESULTS:
        claims = summary[results == result]
        if len(claims):
            text += _RESULT.format(
                id=result,
                title=RESULTS[result].title,
                question=RESULTS[result].question,
                config=config,
                tables=", ".join(f"[{name}](tables/{name}.parquet)" for name in tables(result)),
                claims=markdown(
                    ("claim", "quantity", "paper", "ours", "verdict"),
                    [
                        (row["id"], row["quantity"], row["paper"], number(row["ours"]),
                         row["verdict"] or "–")
                        for row in claims.to_dict("records")
                    ],
                ),
            )  # fmt: skip
    return text
