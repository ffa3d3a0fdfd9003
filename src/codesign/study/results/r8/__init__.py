"""R8: the found designs and Eyeriss."""

from codesign.study.result import Result

RESULT = Result(
    title="The found designs and Eyeriss",
    question="What do the found accelerators look like, and why do they cost less?",
    others=("designs", "breakdown", "reasons"),
    shown=("reasons",),
    figures={"breakdown": "breakdown"},
    hardware="R1",
)
