"""R8: The found designs compared with Eyeriss."""

from codesign.study.result import Result

RESULT = Result(
    title="The found designs beside Eyeriss",
    others=("designs", "breakdown", "reasons"),
    shown=("reasons",),
    figures={"breakdown": "breakdown"},
    hardware="R1",
)
