"""B3: How much of the gain is hardware, and how much is freedom in mapping."""

from codesign.study.result import Result

RESULT = Result(
    title="Gains by hardware and by free mapping",
    question="Is the gain due to the hardware or to freedom in mapping?",
    others=("runs", "costs"),
    shown=("costs",),
    hardware="R1",
    stages=("crossed",),
)
