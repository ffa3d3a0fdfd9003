"""B5: R1 under other assumptions; one accelerator for all models; fronts."""

from codesign.study.result import Result

RESULT = Result(
    title="The assumptions of R1, generality, and fronts",
    question="On which assumptions do the paper's gains depend?",
    others=("ranking", "crossings", "fronts"),
    shown=("ranking",),
    figures={"generality": "", "fronts": "fronts"},
    hardware="R1",
    stages=("variants", "generality", "weak"),
)
