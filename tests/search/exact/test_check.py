"""Certificates: true ones pass, whatever is changed in one is refused in a sentence."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from codesign.cli import main
from codesign.errors import InputError
from codesign.search.exact import solve
from codesign.search.exact.branch_and_bound import SearchCertificate
from codesign.search.exact.check import LayerClaim, check_layer
from codesign.search.exact.check_splits import SplitList
from codesign.search.exact.facts import Facts
from codesign.search.exact.splits import all_splits
from codesign.search.output.certificates import check_certificate
from codesign.space.slots import build_slots
from tests.budgets import count
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
        explored = [tuple(tuple(map(int, row)) for row in split) for split in proof.explored.splits]
        mapping = result.best.mapping(0)
        own = task.layer.sizes, tuple(result.best.keep[0].tolist())
        claim = LayerClaim(
            mapping, objective, proof.lower_bound, proof.lower_bound, {own: frozenset(explored)}
        )
        check_layer(task, claim)
        checked += 1
        for split in explored[:3]:
            fewer = LayerClaim(
                mapping, objective, claim.value, claim.value,
                {own: claim.explored[own] - {split}},
            )  # fmt: skip
            with contextlib.suppress(InputError):
                check_layer(task, fewer)
                continue
            refused += 1
    return checked, refused


def test_proofs_of_random_tasks_pass() -> None:
    checked, refused = _check(range(count(12, 25)))
    assert checked > count(4, 10)
    assert refused > count(2, 5)


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
        slots = build_slots(task.layer, task.hardware, task.dataflow)
        listed = SplitList(slots, [[size] for size in task.layer.sizes]).all()
        found = {tuple(tuple(map(int, row)) for row in split) for split in all_splits(facts)}
        assert found <= listed, seed


RULE = {"level": "PsumRegFile", "kind": "temporal", "free": None, "order": None}
"""Of a dataflow, as certificates have it, without its pins."""


@pytest.fixture(scope="module")
def proven(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a proof."""
    folder = tmp_path_factory.mktemp("proof")
    arguments = "map --workload mlp --layer MLP-K2 --hardware eyeriss-168 --method exact"
    assert main([*arguments.split(), "--output", str(folder)]) == 0
    return folder


def test_a_certificate_passes(proven: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(proven / "certificate.json")]) == 0
    told = capsys.readouterr().out
    assert "mlp on eyeriss-168: least edp over the mappings of dataflow free" in told
    assert "MLP-K2: optimal; of " in told
    assert "on trust: that the search went rightly through " in told


@pytest.mark.parametrize("objective", ["edp", "energy", "delay"])
def test_where_nothing_costs_anything_the_proof_is_checked_too(
    tmp_path: Path, objective: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """By an energy table of zeros."""
    names = ("mac_pj", "dram_pj_per_vector", "sram_pj_per_vector", "regfile_pj_per_vector")
    table = tmp_path / "zero.yaml"
    table.write_text("name: zero\n" + "".join(f"{name}: 0\n" for name in names))
    arguments = "map --workload mlp --layer MLP-K2 --hardware eyeriss-168 --method exact"
    arguments += f" --technology {table} --objective {objective} --output {tmp_path}"

    assert main(arguments.split()) == 0
    assert main(["check", str(tmp_path / "certificate.json")]) == 0

    assert "MLP-K2: optimal; of " in capsys.readouterr().out


def test_nothing_rests_on_trust_when_it_is_searched_again(
    proven: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A bound that no search reaches is found out, though its splits are all listed."""
    assert main(["check", str(proven / "certificate.json"), "--redo"]) == 0
    assert "searched again: every bound holds" in capsys.readouterr().out

    found = check_certificate(proven / "certificate.json")
    bold = [replace(layer, lower_bound=layer.lower_bound * 1.001) for layer in found.layers]
    with pytest.raises(InputError, match="searched again, the lower bound is"):
        replace(found, layers=tuple(bold)).redo()


def test_a_dataflow_is_printed_rule_by_rule(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """So that a name does not hide what was searched."""
    arguments = "map --workload mlp --layer MLP-K2 --hardware eyeriss-168 --method exact"
    arguments += " --dataflow row-stationary"
    assert main([*arguments.split(), "--output", str(tmp_path)]) == 0
    capsys.readouterr()

    assert main(["check", str(tmp_path / "certificate.json")]) == 0

    assert "DummyBuffer spatial-y: S fit, free C K, order S C K" in capsys.readouterr().out


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
    content["objective"] = "energy"


def _shrink_the_bound(content: dict[str, Any]) -> None:
    content["layers"][0].update(verdict="bound", lower_bound=0)


def _shrink_the_bound_to_almost_nothing(content: dict[str, Any]) -> None:
    content["layers"][0].update(verdict="bound", lower_bound=1e-320)


def _set_file(name: str) -> Callable[[dict[str, Any]], None]:
    def change(content: dict[str, Any]) -> None:
        content["design"]["file"] = name

    return change


def _pin(content: dict[str, Any]) -> None:
    """As if it were the free map-space."""
    content["dataflow"]["rules"] = [RULE | {"pinned": {"R": 1}}]


def _pin_as(content: dict[str, Any], pinned: object) -> None:
    content["dataflow"]["rules"] = [RULE | {"pinned": pinned}]


def _rename_the_dataflow(content: dict[str, Any]) -> None:
    _pin(content)
    content["dataflow"]["name"] = "mine"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_raise_bound, "the cost of the mapping called optimal"),
        (_raise_bound_of_a_bound, "is above the mapping's"),
        (_drop_splits, "did not explore"),
        (_invent_a_split, "lacks"),
        (_spoil_a_split, "factors of dimensions by level"),
        (_drop_layers, "layer 'MLP-K2' of design.yaml is missing"),
        (_change_objective, "objective is 'energy', expected 'edp', which the design's origin has"),
        (_shrink_the_bound, "lower_bound is 0, expected at least a 1e.12th of the mapping's"),
        (_shrink_the_bound_to_almost_nothing, "expected at least a 1e.12th of the mapping's"),
        *((_set_file(name), "Is a directory") for name in (".", "..")),
        (_set_file("x" * 300), "File name too long"),
        (_pin, "rules has 1 entries that are not those of dataflow 'free', expected none"),
        (_rename_the_dataflow, "name is 'mine', expected 'free', which the design's origin has"),
        *(
            (lambda content, pinned=pinned: _pin_as(content, pinned), "rules.0.: pinned")
            for pinned in ([5], [[]], ["K"], 5, "K", [["K", 64]], {"K": {}}, {"K": 0})
        ),
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


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 1}', "[" * 200_000])
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
