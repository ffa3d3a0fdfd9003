"""Every stage refuses inputs that are cut short, damaged, foreign or another stage's."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from codesign.store.table import write_table
from codesign.study.__main__ import main as run_stage
from tests.workflow.snakemake_run import snakemake

pytestmark = pytest.mark.workflow

RULES = Path(__file__).parents[2] / "workflow" / "rules"


def outputs_of_stages() -> dict[str, set[str]]:
    """The options that name outputs, by stage, as the rules have them."""
    found = {}
    for file in RULES.rglob("*.smk"):
        calls = re.findall(r'stage\(\s*"(\w+)"(.*?)\n\s+\)', file.read_text("utf-8"), re.DOTALL)
        for name, call in calls:
            options = re.findall(r'(\w+)="output\b', call)
            found[name] = {f"--{option.replace('_', '-')}" for option in options}
    return found


def commands(finished: Path) -> list[list[str]]:
    """The commands of all rules: stage and arguments; one command for each stage is enough."""
    answer = snakemake(finished, "--cores", "1", "--dry-run", "--forceall", "--printshellcmds")
    assert answer.returncode == 0, answer.stderr[-3000:]
    text = answer.stdout + answer.stderr
    found = re.findall(r"python -m codesign\.study (.*) > \S+ 2>&1", text)
    by_stage = {line.split()[0]: shlex.split(line) for line in found}
    assert len(by_stage) >= 12
    return list(by_stage.values())


def cut(path: Path, copy: Path) -> None:
    copy.write_bytes(path.read_bytes()[:-100])


def flip(path: Path, copy: Path) -> None:
    content = bytearray(path.read_bytes())
    content[60] ^= 8
    copy.write_bytes(content)


def empty(path: Path, copy: Path) -> None:
    copy.write_bytes(b"")


def replace_by_text(path: Path, copy: Path) -> None:
    copy.write_text("model,layer\nDQN,DQN-K1\n", encoding="utf-8")


def replace_by_foreign(path: Path, copy: Path) -> None:
    pd.read_parquet(path).to_parquet(copy)


DAMAGES: list[Callable[[Path, Path], None]] = [cut, flip, empty, replace_by_text]
DAMAGES += [replace_by_foreign]


def test_damaged_inputs_end_in_one_sentence(
    finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture
) -> None:  # type: ignore[type-arg]
    """Any table of any stage: the file is named, nothing is written, no traceback."""
    monkeypatch.chdir(finished)
    tried, known = 0, outputs_of_stages()
    for words in commands(finished):
        options = known[words[0]]
        outputs = tmp_path / "outputs"
        outputs.mkdir(exist_ok=True)
        for place, word in enumerate(words):
            if words[place - 1] in options:
                words[place] = str(outputs / Path(word).name)
        tables = [
            i
            for i, word in enumerate(words)
            if word.endswith(".parquet") and words[i - 1] not in options
        ]
        for place in tables[:1] + tables[-1:]:
            for damage in DAMAGES:
                bad = tmp_path / Path(words[place]).name
                damage(finished / words[place], bad)
                capfd.readouterr()
                code = run_stage([*words[:place], str(bad), *words[place + 1 :]])
                said = capfd.readouterr().err
                assert (code, said.count("\n")) == (1, 1), (words, damage, said)
                assert said.startswith(f"codesign: {bad}: "), said
                assert not list(outputs.iterdir())
                tried += 1
    assert tried > 80


def test_another_stages_table_is_refused(
    finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture
) -> None:  # type: ignore[type-arg]
    """A search that is given trials in place of layers."""
    monkeypatch.chdir(finished)
    (words,) = [words for words in commands(finished) if words[0] == "mapping"]
    place = words.index("--layers") + 1
    trials = next(Path("results/tiny/mapping").rglob("trials.parquet"))

    code = run_stage([*words[:place], str(trials), *words[place + 1 :]])

    assert code == 1
    assert f"{trials}: written by the stage 'mapping', expected a table of 'workloads'" in (
        capfd.readouterr().err
    )


def test_an_edited_table_is_refused(tmp_path: Path) -> None:
    """Metadata are part of what the hash covers."""
    from codesign.errors import InputError
    from codesign.store.table import read_table

    path = tmp_path / "x.parquet"
    write_table(pd.DataFrame({"a": [1, 2, 3]}), path, {"accounting": "timeloop"})
    path.write_bytes(path.read_bytes().replace(b"timeloop", b"timeloap"))

    with pytest.raises(InputError, match="damaged or edited"):
        read_table(path)
