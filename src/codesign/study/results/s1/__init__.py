"""S1: semi-decoupled co-design: networks ranked on one accelerator, searched on another."""

from codesign.study.result import Result

RESULT = Result(
    title="Networks ranked on a proxy accelerator",
    question="Does the ranking of networks on one accelerator hold on another one?",
    is_default=False,
)
