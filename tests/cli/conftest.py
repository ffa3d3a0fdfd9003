"""What tests of the commands share: a tiny network and a way to call `codesign`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from codesign.cli import main


class Answer(NamedTuple):
    """What a command leaves behind."""

    code: int
    out: str
    err: str


Command = Callable[..., Answer]


@pytest.fixture
def codesign(capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs a command in this process."""

    def run(*arguments: object) -> Answer:
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        told = capsys.readouterr()
        return Answer(code, told.out, told.err)

    return run


@pytest.fixture
def workload(tmp_path: Path) -> Path:
    """Two small layers, one of them twice in the network."""
    path = tmp_path / "tiny.yaml"
    path.write_text(
        "name: tiny\n"
        "layers:\n"
        "- {name: stem, R: 3, S: 3, P: 4, Q: 4, C: 2, K: 8, count: 2}\n"
        "- {name: head, type: gemm, M: 4, N: 8, K: 16}\n",
        encoding="utf-8",
    )
    return path


@pytest.fixture
def chip(tmp_path: Path) -> Path:
    """An Eyeriss of eight PEs."""
    path = tmp_path / "small.yaml"
    path.write_text(
        "name: small\n"
        "template: eyeriss\n"
        "budget: {pes: 8, local_words: 64, global_kb: 4}\n"
        "parameters: {H1: 4, H2: 2, H3: 12, H4: 32, H5: 16}\n",
        encoding="utf-8",
    )
    return path
