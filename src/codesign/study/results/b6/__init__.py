"""B6: The cost model compared with Timeloop's own answers."""

from codesign.study.result import Result

RESULT = Result(
    title="Agreement with Timeloop",
    question="Does this cost model give the same answers as Timeloop?",
    drawn="records",
    others=("records",),
    is_default=False,
)
