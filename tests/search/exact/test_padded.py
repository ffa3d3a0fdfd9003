"""Proofs over padded factors: nothing is better, and their certificates hold."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from codesign.cli import main
from codesign.errors import InputError
from codesign.factors import PADDED
from codesign.hardware import Arithmetic, Hardware, StorageLevel
from codesign.hardware.dataflow import FREE
from codesign.hardware.files import load_chip
from codesign.search.exact import exhaust, solve
from codesign.search.exact.branch_and_bound import SearchCertificate
from codesign.search.exact.check import LayerClaim, check_layer
from codesign.search.exact.check_bounds import Split
from codesign.search.exact.check_splits import Variant
from codesign.search.task import MappingTask
from codesign.space.slots import build_slots, padded_layers
from codesign.store.design_file import load_design
from codesign.workload import Layer
from tests.budgets import count

FREE_PADDED = replace(FREE, factors=PADDED)


def small_task(seed: int) -> tuple[MappingTask, str]:
    """A layer of two odd dimensions on a small accelerator with all kinds of bottlenecks."""
    rng = np.random.default_rng(seed)
    x, y = int(rng.integers(1, 5)), int(rng.integers(1, 4))
    levels = (
        StorageLevel("RF", int(rng.integers(3, 12)), x * y, x, technology="RegFile"),
        StorageLevel("Buffer", int(rng.integers(20, 80)), read_bandwidth=rng.choice([2.0, 8.0])),
        StorageLevel("DRAM", None, technology="DRAM", read_bandwidth=rng.choice([1.0, 1e3])),
    )
    letters = rng.choice(list("RPCK"), 2, replace=False)
    sizes = {str(letter): int(rng.choice([3, 5, 7])) for letter in letters}
    accounting = str(rng.choice(["timeloop", "timeloop-4", "exact"]))
    hardware = Hardware("small", Arithmetic("MACs", x * y, x), levels)
    layer = Layer.conv("layer", **sizes)
    task = MappingTask(layer, hardware, dataflow=FREE_PADDED, accounting=accounting)
    return task, str(rng.choice(["edp", "energy", "delay"]))


def claim_of(task: MappingTask, objective: str) -> LayerClaim:
    result = solve(task, objective)
    proof = result.certificate
    assert isinstance(proof, SearchCertificate)
    assert proof.verdict == "optimal"
    assert proof.explored is not None
    explored: dict[Variant, set[Split]] = {}
    for split, sizes, keep in zip(*(array.tolist() for array in proof.explored), strict=True):
        explored.setdefault((tuple(sizes), tuple(keep)), set()).add(tuple(map(tuple, split)))
    least = proof.lower_bound
    kept = {variant: frozenset(splits) for variant, splits in explored.items()}
    return LayerClaim(result.best.mapping(0), objective, least, least, kept)


def proven() -> Iterator[tuple[int, MappingTask, str, LayerClaim]]:
    """Small tasks that have mappings, each with its seed, its objective and its claim."""
    for seed in range(count(12, 30)):
        task, objective = small_task(seed)
        if task.problem is None:
            yield seed, task, objective, claim_of(task, objective)


def test_proofs_equal_enumeration_and_pass_the_check() -> None:
    padded = 0
    for seed, task, objective, claim in proven():
        least = exhaust(task, objective).certificate.lower_bound

        assert claim.lower_bound == pytest.approx(least, rel=1e-12), (seed, task, objective)
        check_layer(task, claim)
        padded += claim.mapping.padded(task.layer) != task.layer
    assert padded > count(1, 3)


def test_a_proof_without_a_needed_split_is_refused() -> None:
    refused = 0
    for _, task, _, claim in proven():
        for variant, splits in claim.explored.items():
            for split in splits:
                less = replace(claim, explored={**claim.explored, variant: splits - {split}})
                try:
                    check_layer(task, less)
                except InputError:
                    refused += 1
    assert refused > count(1, 3)


def test_sizes_that_no_padded_factors_have_are_refused() -> None:
    task, objective = small_task(3)
    claim = claim_of(task, objective)
    sizes = tuple(3 * n for n in task.layer.sizes)
    wild: dict[Variant, frozenset[Split]] = {**claim.explored, (sizes, (7, 7, 7)): frozenset()}

    with pytest.raises(InputError, match="which its map-space lacks"):
        check_layer(task, replace(claim, explored=wild))


def test_padded_sizes_come_with_ascending_operations() -> None:
    layer = Layer.conv("layer", P=13, C=11, K=7)
    task = MappingTask(layer, load_chip("gemmini").hardware, dataflow=FREE_PADDED)
    slots = build_slots(layer, task.hardware, task.dataflow)
    found = list(padded_layers(slots, math.prod))
    listed, macs = [sizes for _, sizes in found], [macs for macs, _ in found]

    assert listed[0] == layer.sizes
    assert macs == [math.prod(sizes) for sizes in listed]
    assert macs == sorted(macs)
    assert len(set(listed)) == len(listed)


@pytest.mark.parametrize("chip_name", ["eyeriss-168", "gemmini", "simba"])
def test_a_prime_product_costs_what_the_next_power_of_two_does(chip_name: str) -> None:
    """127 cubed on a chip: with divisors, up to 900 times the EDP of 128 cubed."""
    chip = load_chip(chip_name)
    prime, even = (Layer.conv("product", P=n, C=n, K=n) for n in (127, 128))

    def least(layer: Layer, factors: str) -> float:
        task = MappingTask(layer, chip.hardware, chip.technology, replace(FREE, factors=factors))
        found = solve(task).certificate
        assert found.verdict == "optimal"
        return found.lower_bound

    assert least(prime, PADDED) <= least(even, PADDED) <= least(even, "divisors")
    assert least(prime, "divisors") > 100 * least(prime, PADDED)


def test_the_commands_know_padded_factors(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Mapped, proven, checked, priced again and shown; nothing passes for divisors."""
    network = tmp_path / "odd.yaml"
    network.write_text("name: odd\nlayers: [{name: odd, P: 19, C: 23, K: 5}]\n")
    folder = tmp_path / "found"
    search = ["map", "--workload", str(network), "--hardware", "eyeriss-168"]

    assert main([*search, "--factors", "padded", "--method", "exact", "--output", str(folder)]) == 0
    assert main(["check", str(folder / "certificate.json")]) == 0
    assert main(["evaluate", str(folder)]) == 0
    assert main(["show", str(folder), "--layer", "odd"]) == 0
    told = capsys.readouterr().out
    assert "the claimed cost comes out bit for bit" in told
    assert "runs as" in told
    assert "% more operations" in told

    exported = ["export", "--format", "timeloop", str(folder / "design.yaml")]
    assert main([*exported, str(tmp_path / "timeloop")]) == 0
    assert "odd: written with " in capsys.readouterr().out
    again = [
        "import",
        "timeloop",
        str(tmp_path / "timeloop"),
        "--output",
        str(tmp_path / "again.yaml"),
    ]
    assert main(again) == 0
    written = load_design(folder / "design.yaml"), load_design(tmp_path / "again.yaml")
    assert written[0].edp == written[1].edp
    assert written[1].factors == "divisors"

    design = (folder / "design.yaml").read_text()
    assert "factors: padded\n" in design
    (folder / "design.yaml").write_text(design.replace("factors: padded\n", "", 1))
    assert main(["evaluate", str(folder)]) == 2
    assert "unless factors are padded" in capsys.readouterr().err
    (folder / "design.yaml").write_text(design)

    certificate = json.loads((folder / "certificate.json").read_text())
    certificate["dataflow"]["factors"] = "divisors"
    (folder / "certificate.json").write_text(json.dumps(certificate))
    assert main(["check", str(folder / "certificate.json")]) == 2
    assert "factors is 'divisors', expected 'padded'" in capsys.readouterr().err


def test_map_says_when_divisors_leave_most_of_the_array_idle(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    network = tmp_path / "odd.yaml"
    network.write_text("name: odd\nlayers: [{name: prime, P: 127, C: 127, K: 127}]\n")
    search = ["map", "--workload", str(network), "--hardware", "gemmini", "--trials", "5"]

    assert main([*search, "--output", str(tmp_path / "a")]) == 0
    assert "prime: its divisors fill at most 1 of 256 PEs; --factors padded" in (
        capsys.readouterr().out
    )
    assert main([*search, "--factors", "padded", "--output", str(tmp_path / "b")]) == 0
    assert "divisors fill" not in capsys.readouterr().out
