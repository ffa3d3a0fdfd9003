"""R1: The EDP of the co-designed accelerator relative to Eyeriss, per model."""

from codesign.study.result import Result

RESULT = Result(
    title="Co-designed accelerators against Eyeriss",
    question="How much EDP does co-design save against Eyeriss?",
    others=("pairs",),
    hardware="R1",
)
