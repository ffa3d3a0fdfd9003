"""Names: the working directory's files, then `$CODESIGN_CONFIG`'s, then what is shipped."""

from __future__ import annotations

from pathlib import Path

import pytest

from codesign.errors import InputError
from codesign.hardware.files import load_chip
from codesign.shipped import KINDS, find, names
from codesign.workload import load_workload


@pytest.fixture(autouse=True)
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty working directory, and nothing said about another place."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.delenv("CODESIGN_CONFIG", raising=False)


def place(folder: Path, kind: str, name: str) -> Path:
    """A file that has a name."""
    path = folder / kind / f"{name}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("name: x\nlayers: [{R: 3, P: 4}]\n", encoding="utf-8")
    return path


def sources(kind: str) -> dict[str, str]:
    return {entry.name: entry.source for entry in names(kind)}


@pytest.mark.parametrize("kind", KINDS)
def test_in_an_empty_folder_all_that_is_shipped_has_a_name(kind: str, repository: Path) -> None:
    expected = {path.stem for path in (repository / "config" / kind).glob("*.yaml")}

    assert expected
    assert sources(kind) == dict.fromkeys(expected, "shipped")
    assert all(entry.path.samefile(find(kind, entry.name)) for entry in names(kind))


def test_a_folder_called_config_hides_nothing() -> None:
    """As many projects have one."""
    Path("config").mkdir()
    Path("config/settings.yaml").write_text("x: 1\n", encoding="utf-8")
    mine = place(Path("config"), "workloads", "mine")

    assert find("workloads", "mine") == mine
    assert load_workload("dqn").layers
    assert load_chip("eyeriss-168").hardware.pes == 168
    assert sources("workloads")["mine"] == "config"
    assert sources("workloads")["dqn"] == "shipped"


def test_the_first_place_that_has_a_name_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "elsewhere"
    monkeypatch.setenv("CODESIGN_CONFIG", str(elsewhere))
    theirs = place(elsewhere, "workloads", "dqn")
    assert find("workloads", "dqn") == theirs

    ours = place(Path("config"), "workloads", "dqn")
    only_theirs = place(elsewhere, "workloads", "other")

    assert find("workloads", "dqn") == ours
    assert find("workloads", "other") == only_theirs
    found = [(e.name, e.source) for e in names("workloads") if e.name in {"dqn", "other", "mlp"}]
    assert found == [("dqn", "config"), ("other", "$CODESIGN_CONFIG"), ("mlp", "shipped")]


def test_a_path_is_no_name() -> None:
    """It is read from where it says, whatever has that name."""
    place(Path("config"), "workloads", "dqn")

    assert find("workloads", "dqn.yaml") == Path("dqn.yaml")
    assert find("workloads", Path("there/dqn.yml")) == Path("there/dqn.yml")


def test_an_unknown_name_is_told_what_there_is_and_where() -> None:
    place(Path("config"), "hardware", "mine")

    with pytest.raises(InputError) as caught:
        find("hardware", "eyeris-168")

    assert str(caught.value) == (
        "hardware: no 'eyeris-168' (did you mean 'eyeriss-168'?); expected a YAML file or one of: "
        "mine (config); eyeriss-168, eyeriss-256, gemmini, nvdla, simba (shipped)"
    )


@pytest.mark.parametrize("name", ["", ".", "..", "hardware/simba", "../hardware/simba", "simba\0"])
def test_what_is_no_name_is_none(name: str) -> None:
    with pytest.raises(InputError, match="expected a YAML file or one of"):
        find("hardware", name)


def test_a_folder_is_no_file_that_has_a_name() -> None:
    Path("config/workloads/dqn.yaml").mkdir(parents=True)

    assert sources("workloads")["dqn"] == "shipped"


def test_another_place_has_to_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODESIGN_CONFIG", "nowhere")

    with pytest.raises(InputError, match="CODESIGN_CONFIG is 'nowhere', expected a folder"):
        find("workloads", "dqn")
