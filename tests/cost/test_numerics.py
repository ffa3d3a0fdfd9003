"""Counts are whole numbers, exact up to the largest layer there may be, and refused beyond."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from codesign.cli import main
from codesign.cost import Evaluator
from codesign.cost.interpreter import interpret
from codesign.errors import InputError
from codesign.hardware import Arithmetic, Hardware, StorageLevel
from codesign.hardware.levels import MIN_BANDWIDTH
from codesign.mapping import LevelMapping, Mapping, MappingBatch
from codesign.workload import Layer
from codesign.workload.layer import MAX_MACS

# Their product is just below 2^53, and none is a power of two.
P, C, K = 131_071, 262_139, 262_144
OPERATIONS = P * C * K
LARGEST = 2**63 - 1


def memory(bandwidth: float | None) -> Hardware:
    """Nothing but a memory: every operand of every operation comes from there."""
    level = StorageLevel(
        "DRAM", None, technology="DRAM", read_bandwidth=bandwidth, write_bandwidth=bandwidth
    )
    return Hardware("memory", Arithmetic("MACs", 1, 1), (level,))


def outside(layer: Layer, levels: int = 1) -> Mapping:
    """All loops at the outermost level, the output's innermost: partial sums come and go."""
    loops = [("K", layer.size("K")), ("P", layer.size("P")), ("C", layer.size("C"))]
    return Mapping((*(LevelMapping(),) * (levels - 1), LevelMapping(tuple(loops))))


def counts(layer: Layer, hardware: Hardware, accounting: str) -> tuple[int, dict[str, list[int]]]:
    batch = MappingBatch.of(layer.shape, [outside(layer)])
    costs, detail = Evaluator(layer, hardware, accounting=accounting).detail(batch)
    names = ("tile_words", "reads", "fills", "updates")
    return int(costs.cycles[0]), {n: getattr(detail, n)[0, 0].tolist() for n in names}


def expected(layer: Layer) -> dict[str, list[int]]:
    """With Python's integers, which have no end: one word an operand and operation."""
    p, c, k = (layer.size(name) for name in "PCK")
    macs, outputs = p * c * k, p * k
    shape = layer.shape.dataspace_names
    words = {"Weights": c * k, "Inputs": p * c, "Outputs": outputs}
    reads = {"Weights": macs, "Inputs": macs, "Outputs": macs - outputs}
    return {
        "tile_words": [words[name] for name in shape],
        "reads": [reads[name] for name in shape],
        "updates": [macs if name == "Outputs" else 0 for name in shape],
    }


def test_the_formulas_of_this_test_hold_where_one_can_count() -> None:
    """The interpreter walks every operation of a small layer."""
    layer = Layer.conv("small", P=5, C=3, K=4)

    found = interpret(layer, memory(None), outside(layer))

    for name, values in expected(layer).items():
        assert getattr(found, name)[0].tolist() == values, name


@pytest.mark.parametrize("accounting", ["timeloop", "timeloop-4", "exact"])
@pytest.mark.parametrize("sizes", [(5, 3, 4), (P, C, K), (2**17, 2**18, 2**18), (3, 2**25, 2**25)])
def test_counts_are_exact(accounting: str, sizes: tuple[int, int, int]) -> None:
    """From a handful of operations to 2^53 of them."""
    layer = Layer.conv("layer", **dict(zip("PCK", sizes, strict=True)))

    _, found = counts(layer, memory(None), accounting)

    for name, values in expected(layer).items():
        assert found[name] == values, name


@pytest.mark.parametrize("accounting", ["timeloop", "timeloop-4", "exact"])
def test_cycles_are_exact_to_the_end_of_64_bits(accounting: str) -> None:
    """The largest layer at the least bandwidth that a file may give."""
    layer = Layer.conv("layer", P=P, C=C, K=K)

    cycles, found = counts(layer, memory(MIN_BANDWIDTH), accounting)

    reads, updates = sum(found["reads"]), sum(found["updates"])
    assert cycles == round(max(reads, updates) / MIN_BANDWIDTH)
    assert 2**61 < cycles <= LARGEST


@pytest.mark.parametrize(
    "sizes", [{"P": 2**18, "C": 2**18, "K": 2**18}, {"P": 2**31 - 1, "K": 2**31 - 1}, {"P": 2**31}]
)
def test_beyond_is_refused(sizes: dict[str, int]) -> None:
    """By the layer, hence by whatever prices one."""
    with pytest.raises(InputError, match=r"expected (at most 2\^53|a whole number)"):
        Layer.conv("layer", **sizes)


def test_the_interpreter_refuses_what_it_cannot_walk() -> None:
    """It does not try for days."""
    layer = Layer.conv("layer", P=P, C=C, K=K)

    with pytest.raises(InputError, match="too many to mark"):
        interpret(layer, memory(None), outside(layer))


def write(path: Path, **sizes: int) -> Path:
    """A record file of one layer on a memory."""
    storage = [{"name": "DRAM", "technology": "DRAM", "bandwidth": 2 * MIN_BANDWIDTH}]
    loops = [["K", sizes["K"]], ["P", sizes["P"]], ["C", sizes["C"]]]
    lines = [
        {"define_arch": "a", "spec": {"arithmetic": {"instances": 1}, "storage": storage}},
        {"define_layer": "l", "spec": {"R": 1, "S": 1, "Q": 1, **sizes}},
        {"id": 2**63 - 1, "arch": "a", "layer": "l", "mapping": [{"temporal": loops}]},
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def test_the_command_line_keeps_every_digit(tmp_path: Path) -> None:
    """In a column of whole numbers."""
    records = write(tmp_path / "x.jsonl", P=P, C=C, K=K)

    code = main(["evaluate", "--records", str(records), "--output", str(tmp_path / "x.parquet")])

    (row,) = pq.read_table(tmp_path / "x.parquet").to_pylist()
    layer = Layer.conv("layer", P=P, C=C, K=K)
    assert code == 0
    assert row["id"] == 2**63 - 1
    assert row["cycles"] == counts(layer, memory(MIN_BANDWIDTH), "timeloop")[0] > 2**61


def test_the_command_line_refuses_what_is_too_large(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a sentence, with the line; no file appears."""
    records = write(tmp_path / "x.jsonl", P=P, C=C, K=2 * K)

    code = main(["evaluate", "--records", str(records), "--output", str(tmp_path / "x.parquet")])

    assert code == 2
    assert "line 2: layer l: 1.8e+16 operations or words, expected at most 2^53" in (
        capsys.readouterr().err
    )
    assert not (tmp_path / "x.parquet").exists()
    assert MAX_MACS == 2**53
