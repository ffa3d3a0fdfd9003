"""B3: How much of the gain is hardware, and how much is freedom in mapping."""

from codesign.study.result import Result

RESULT = Result(
    title="Hardware or mapping freedom",
    others=("runs", "costs"),
    shown=("costs",),
    hardware="R1",
    stages=("crossed",),
)
