"""S3: FreeREA's search of networks, reproduced, and with the accelerator in the loop."""

from codesign.study.result import Result

RESULT = Result(
    title="Networks searched without training, and with the accelerator",
    question="Does FreeREA's search come out, and what do its networks cost on each chip?",
    others=("fronts",),
    shown=("fronts",),
    figures={"fronts": "fronts"},
    stages=("searched",),
    is_default=False,
)
