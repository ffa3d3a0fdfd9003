"""`python -m codesign.study STAGE …`: runs one stage of the study, for the workflow's rules.

If a stage server is running (`study.serve`), it runs the stage. Then this process imports nothing
that takes time.
"""

from __future__ import annotations

import sys

from codesign.study.running.client import run_on_server


def main(arguments: list[str]) -> int:
    """Runs the stage that the first argument names. Returns the exit code."""
    code = run_on_server(arguments)
    if code is not None:
        return code
    from codesign.study.stages import run_stage

    return run_stage(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
