"""B4: Which methods win, how often, and with which significance."""

from codesign.study.result import Result

RESULT = Result(
    title="How often each method wins",
    question="How often does each method win, and is that more than chance?",
    others=("ranks", "anytime"),
    shown=("ranks",),
    figures={"anytime": "anytime"},
    mapping="R2",
    hardware="R3",
    in_spaces=True,
)
