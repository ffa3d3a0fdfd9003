"""B5: Fronts, one accelerator for all models, and R1 under other assumptions."""

from codesign.study.result import Result

RESULT = Result(
    title="Fronts, generality, and the assumptions of R1",
    question="On which assumptions do the paper's gains depend?",
    drawn="figure",
    others=("crossings", "fronts", "figure"),
    hardware="R1",
    stages=("variants", "generality", "weak"),
)
