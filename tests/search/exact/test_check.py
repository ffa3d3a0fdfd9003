"""Certificates: true ones pass, whatever is changed in one is refused in a sentence."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from codesign.cli import main
from codesign.errors import InputError
from codesign.search.exact import solve
from codesign.search.exact.branch_and_bound import SearchCertificate
from codesign.search.exact.check import LayerClaim, check_layer, splits
from codesign.search.exact.facts import Facts
from codesign.search.exact.spatial import all_splits
from codesign.search.output.certificates import check_certificate
from codesign.space.slots import build_slots
from tests.search.exact.cases import is_feasible, random_task


def _check(seeds: range) -> tuple[int, int]:
    """Checks proofs of random tasks, whole and without each split that was gone through."""
    checked = refused = 0
    for seed in seeds:
        task, objective = random_task(seed)
        if not is_feasible(task):
            continue
        try:
            result = solve(task, objective)
        except InputError:
            continue
        proof = result.certificate
        if not isinstance(proof, SearchCertificate) or proof.explored is None:
            continue
        explored = [tuple(tuple(map(int, row)) for row in split) for split in proof.explored]
        mapping = result.best.mapping(0)
        claim = LayerClaim(
            mapping, objective, proof.lower_bound, proof.lower_bound, frozenset(explored)
        )
        check_layer(task, claim)
        checked += 1
        for split in explored[:3]:
            fewer = LayerClaim(
                mapping, objective, claim.value, claim.value, claim.explored - {split}
            )
            with contextlib.suppress(InputError):
                check_layer(task, fewer)
                continue
            refused += 1
    return checked, refused


def test_proofs_of_random_tasks_pass() -> None:
    checked, refused = _check(range(25))
    assert checked > 10
    assert refused > 5


@pytest.mark.slow
@pytest.mark.parametrize("start", range(1000, 9000, 2000))
def test_proofs_of_many_random_tasks_pass(start: int) -> None:
    checked, refused = _check(range(start, start + 2000))
    assert checked > 800
    assert refused > 300


def test_both_list_the_same_splits() -> None:
    for seed in range(60):
        task, _ = random_task(seed)
        if not is_feasible(task):
            continue
        facts = Facts(task)
        if not facts.is_covered:
            continue
        listed = set(splits(build_slots(task.layer, task.hardware, task.dataflow)))
        found = {
            tuple(tuple(map(int, row)) for row in split) for split in all_splits(facts, 0.0)[0]
        }
        assert found <= listed, seed


@pytest.fixture(scope="module")
def proven(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a proof."""
    folder = tmp_path_factory.mktemp("proof")
    arguments = "map --workload mlp --layer MLP-K2 --hardware eyeriss-168 --method exact"
    assert main([*arguments.split(), "--output", str(folder)]) == 0
    return folder


def test_a_certificate_passes(proven: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(proven / "certificate.json")]) == 0
    assert "MLP-K2: optimal; of " in capsys.readouterr().out


def _raise_bound(content: dict[str, Any]) -> None:
    content["layers"][0]["lower_bound"] *= 1.5


def _raise_bound_of_a_bound(content: dict[str, Any]) -> None:
    _raise_bound(content)
    content["layers"][0]["verdict"] = "bound"


def _drop_splits(content: dict[str, Any]) -> None:
    del content["layers"][0]["explored"][0]


def _invent_a_split(content: dict[str, Any]) -> None:
    content["layers"][0]["explored"].append({"GlobalBuffer": {"K": 7}})


def _spoil_a_split(content: dict[str, Any]) -> None:
    content["layers"][0]["explored"].append({"Nowhere": {"K": 2}})


def _drop_layers(content: dict[str, Any]) -> None:
    content["layers"].clear()


def _change_objective(content: dict[str, Any]) -> None:
    content["layers"][0]["objective"] = "energy"


def _pin(content: dict[str, Any]) -> None:
    rule = {"level": "PsumRegFile", "kind": "temporal", "pinned": [["K", 64]]}
    content["dataflow"]["rules"] = [rule | {"free": None, "order": None}]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_raise_bound, "the cost of the mapping called optimal"),
        (_raise_bound_of_a_bound, "is above the mapping's"),
        (_drop_splits, "did not explore"),
        (_invent_a_split, "lacks"),
        (_spoil_a_split, "factors of dimensions by level"),
        (_drop_layers, "says nothing of layer 'MLP-K2'"),
        (_change_objective, "the cost of the mapping called optimal"),
        (_pin, "requires a factor 64 of K.PsumRegFile"),
    ],
)
def test_what_is_changed_is_refused(
    proven: Path, tmp_path: Path, change: Callable[[dict[str, Any]], None], message: str
) -> None:
    content = json.loads((proven / "certificate.json").read_text())
    change(content)
    (tmp_path / "design.yaml").write_bytes((proven / "design.yaml").read_bytes())
    (tmp_path / "certificate.json").write_text(json.dumps(content))
    with pytest.raises(InputError, match=message):
        check_certificate(tmp_path / "certificate.json")


def test_another_design_is_refused(proven: Path, tmp_path: Path) -> None:
    text = (proven / "design.yaml").read_text()
    (tmp_path / "design.yaml").write_text(text + "\n")
    (tmp_path / "certificate.json").write_bytes((proven / "certificate.json").read_bytes())
    with pytest.raises(InputError, match="sha256"):
        check_certificate(tmp_path / "certificate.json")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 2}'])
def test_what_is_no_certificate_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "certificate.json"
    path.write_text(text)
    with pytest.raises(InputError, match=str(path)):
        check_certificate(path)


def test_another_search_leaves_no_certificate(tmp_path: Path) -> None:
    arguments = "map --workload mlp --layer MLP-K2 --hardware eyeriss-168 --trials 2"
    (tmp_path / "certificate.json").write_text("{}")
    assert main([*arguments.split(), "--output", str(tmp_path)]) == 0
    assert not (tmp_path / "certificate.json").exists()
