"""Record files: what is accepted, and one sentence for everything that is not."""

from __future__ import annotations

import copy
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from codesign.cli import main
from codesign.cost import Evaluator, records
from codesign.cost.record_table import evaluate_records, price_records
from codesign.cost.records import read_records
from codesign.errors import InputError
from codesign.mapping import MappingBatch

ARCHITECTURE = {
    "define_arch": "tiny",
    "spec": {
        "arithmetic": {"name": "MACs", "instances": 4, "meshX": 4, "word-bits": 16},
        "storage": [
            {"name": "RF", "entries": 64, "instances": 4, "meshX": 4, "word-bits": 16},
            {"name": "Buffer", "sizeKB": 8, "instances": 1, "read_bandwidth": 2.5},
            {"name": "DRAM", "technology": "DRAM", "block-size": 4},
        ],
    },
}
LAYER = {
    "define_layer": "product",
    "spec": {"R": 1, "S": 1, "P": 8, "Q": 1, "C": 4, "K": 6},
}
RECORD = {
    "id": 7,
    "arch": "tiny",
    "layer": "product",
    "mapping": [
        {"temporal": [["C", 4], ["P", 2]]},
        {"spatial": [["K", "X", 2]], "temporal": [["K", 3]], "bypass": ["Weights"]},
        {"temporal": [["P", 4]]},
    ],
}

Edit = Callable[[dict[str, Any], dict[str, Any], dict[str, Any]], None]


def lines(*entries: dict[str, Any]) -> str:
    return "".join(json.dumps(entry) + "\n" for entry in entries)


def write(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.fixture
def good(tmp_path: Path) -> Path:
    """A file with one record."""
    return write(tmp_path / "good.jsonl", lines(ARCHITECTURE, LAYER, RECORD))


def refusal(path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """The sentence with which the command refuses a record file; it prints nothing else."""
    folder = path.parent
    before = sorted(folder.iterdir())

    code = main(["evaluate", "--records", str(path), "--output", str(folder / "out.parquet")])

    told = capsys.readouterr()
    assert code == 2
    assert told.out == ""
    assert told.err.startswith("codesign: error: ")
    assert told.err.count("\n") == 1
    assert len(told.err) < 600
    assert sorted(folder.iterdir()) == before
    return told.err.removeprefix("codesign: error: ").strip()


def test_a_record_says_what_to_price(good: Path) -> None:
    """A record knows its id, its layer, its accelerator and its mapping."""
    (record,) = read_records(good)

    assert record.id == 7
    assert record.layer.macs == 8 * 4 * 6
    assert [level.name for level in record.hardware.levels] == ["RF", "Buffer", "DRAM"]
    assert record.hardware.levels[1].entries == 4096
    assert record.mapping.levels[1].bypass == {"Weights"}


def test_a_records_row_is_what_the_evaluator_says(good: Path) -> None:
    """The table holds the costs of the record's mapping under its id."""
    (record,) = read_records(good)
    batch = MappingBatch.of(record.layer.shape, [record.mapping])
    expected = Evaluator(record.layer, record.hardware).price(batch)

    (row,) = evaluate_records([good]).to_dict("records")

    assert row["id"] == 7
    assert row["valid"]
    assert row["energy_pj"] == expected.energy_pj[0]
    assert row["cycles"] == expected.cycles[0]
    assert row["edp"] == expected.energy_pj[0] * expected.cycles[0]


def test_invalid_mappings_have_a_reason_and_no_cost(tmp_path: Path) -> None:
    """A capacity or a fanout that is exceeded is a result, not an error."""
    overfull, overspread = copy.deepcopy(RECORD), copy.deepcopy(RECORD)
    overfull["mapping"] = [{"temporal": [["C", 4], ["P", 8], ["K", 6]]}, {}, {}]
    overspread["mapping"][1] = {"spatial": [["K", "X", 6]], "bypass": ["Weights"]}
    path = write(tmp_path / "x.jsonl", lines(ARCHITECTURE, LAYER, overfull, overspread, RECORD))

    found = evaluate_records([path])

    assert found["valid"].to_list() == [False, False, True]
    assert found["reason"].to_list()[:2] == ["capacity", "fanout"]
    assert found["level"].to_list()[:2] == ["RF", "Buffer"]
    assert found["reason"].isna().to_list() == [False, False, True]
    assert found[["cycles", "energy_pj", "edp", "utilization"]][:2].isna().all(axis=None)


def test_packed_and_unpacked_files_are_the_same(good: Path, tmp_path: Path) -> None:
    """What counts is the content: a packed file may even have the other one's name."""
    packed = write(tmp_path / "good.jsonl.gz", gzip.compress(good.read_bytes()))
    misnamed = write(tmp_path / "misnamed.jsonl", packed.read_bytes())

    expected, *others = (evaluate_records([path]) for path in (good, packed, misnamed))

    for other in others:
        pd.testing.assert_frame_equal(other, expected)


def test_several_files_come_one_after_the_other(good: Path, tmp_path: Path) -> None:
    """Rows keep the order of the files and of the records in them."""
    second = write(tmp_path / "b.jsonl", lines(ARCHITECTURE, LAYER, RECORD | {"id": 3}))

    found = evaluate_records([good, second, good])

    assert found["id"].to_list() == [7, 3, 7]


@pytest.mark.parametrize(("every", "expected"), [(1, [0, 1, 2, 3, 4]), (2, [0, 2, 4]), (9, [0])])
def test_every_nth_record_is_read(tmp_path: Path, every: int, expected: list[int]) -> None:
    """Counted in records: definitions may stand anywhere, and those of the others count."""
    entries = [RECORD | {"id": number} for number in range(5)]
    entries[1:1] = [ARCHITECTURE | {"define_arch": "other"}]
    path = write(tmp_path / "x.jsonl", lines(ARCHITECTURE, LAYER, *entries))

    assert [record.id for record in read_records(path, every)] == expected


def test_of_records_that_are_left_out_the_json_is_checked(tmp_path: Path) -> None:
    wrong = RECORD | {"arch": "unknown"}
    path = write(tmp_path / "x.jsonl", lines(ARCHITECTURE, LAYER, RECORD, wrong))
    assert len(list(read_records(path, 2))) == 1

    write(path, lines(ARCHITECTURE, LAYER, RECORD) + "{")
    with pytest.raises(InputError, match="line 4: not JSON"):
        list(read_records(path, 2))


def test_the_same_definition_may_stand_twice(tmp_path: Path) -> None:
    """Files can be joined, as long as a name means one thing."""
    path = write(tmp_path / "x.jsonl", lines(ARCHITECTURE, LAYER, RECORD) * 2)

    assert len(evaluate_records([path])) == 2


@pytest.mark.slow
def test_chunks_do_not_change_the_result(
    reference_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Priced in small parts, with evaluators dropped in between, a set has the same answers."""
    path = reference_dir / "space.jsonl.gz"
    expected = evaluate_records([path])
    monkeypatch.setattr("codesign.cost.record_table.CHUNK_RECORDS", 999)
    monkeypatch.setattr("codesign.cost.record_table.MAX_EVALUATORS", 50)

    parts = [part.answers for part in price_records([path])]

    assert len(parts) > 10
    pd.testing.assert_frame_equal(pd.concat(parts, ignore_index=True), expected)


def test_progress_counts_every_record(good: Path) -> None:
    """The sum of the reported numbers is the number of records."""
    told: list[int] = []

    evaluate_records([good, good], progress=told.append)

    assert sum(told) == 2


def test_accounting_must_be_known(good: Path) -> None:
    """A typo does not pass for the default."""
    with pytest.raises(
        InputError,
        match="accounting is 'exakt', expected timeloop, timeloop-2022, timeloop-4, exact",
    ):
        evaluate_records([good], accounting="exakt")


def test_exact_accounting_reaches_the_kernel(good: Path) -> None:
    """The two accountings differ where Timeloop charges the first visit of an output tile."""
    timeloop, exact = (evaluate_records([good], accounting=a) for a in ("timeloop", "exact"))

    assert (exact["energy_pj"] < timeloop["energy_pj"]).all()
    np.testing.assert_array_equal(exact["valid"], timeloop["valid"])


EDITS: dict[str, tuple[Edit, list[str]]] = {
    # what is wrong: how, and what the message must say
    "negative dimension": (
        lambda arch, layer, record: layer["spec"].update(K=-6),
        ["line 2", "K is -6", "whole number from 1"],
    ),
    "zero dimension": (lambda arch, layer, record: layer["spec"].update(P=0), ["line 2", "P is 0"]),
    "fractional dimension": (
        lambda arch, layer, record: layer["spec"].update(P=2.0),
        ["line 2", "P is 2.0"],
    ),
    "dimension as text": (
        lambda arch, layer, record: layer["spec"].update(P="8"),
        ["line 2", "P is '8'"],
    ),
    "dimension as truth value": (
        lambda arch, layer, record: layer["spec"].update(P=True),
        ["line 2", "P is True"],
    ),
    "huge dimension": (
        lambda arch, layer, record: layer["spec"].update(C=10**30),
        ["line 2", "C is 1000"],
    ),
    "huge layer": (
        lambda arch, layer, record: layer["spec"].update(C=2**30, K=2**30),
        ["line 2", "layer product", "at most 2^53"],
    ),
    "missing dimension": (
        lambda arch, layer, record: layer["spec"].pop("R"),
        ["line 2", "'R' is missing"],
    ),
    "unknown dimension in layer": (
        lambda arch, layer, record: layer["spec"].update(T=3),
        ["line 2", "unknown field 'T'"],
    ),
    "misspelt stride": (
        lambda arch, layer, record: layer["spec"].update(Wstrid=2),
        ["line 2", "'Wstrid'", "did you mean 'Wstride'?"],
    ),
    "unknown architecture": (
        lambda arch, layer, record: record.update(arch="tini"),
        ["line 3", "arch is 'tini'", "did you mean 'tiny'?"],
    ),
    "unknown layer": (
        lambda arch, layer, record: record.update(layer="sum"),
        ["line 3", "layer is 'sum'"],
    ),
    "unknown dimension in loop": (
        lambda arch, layer, record: record["mapping"][2].update(temporal=[["Z", 4]]),
        ["line 3", "level DRAM", "dimension 'Z'", "R S P Q C K N"],
    ),
    "unknown axis": (
        lambda arch, layer, record: record["mapping"][1].update(spatial=[["K", "Z", 2]]),
        ["line 3", "level Buffer", "axis 'Z'", "X or Y"],
    ),
    "unknown dataspace": (
        lambda arch, layer, record: record["mapping"][1].update(bypass=["Weigths"]),
        ["line 3", "'Weigths'", "did you mean 'Weights'?"],
    ),
    "factors too small": (
        lambda arch, layer, record: record["mapping"][2].update(temporal=[["P", 2]]),
        ["line 3", "factors of P multiply to 4, expected 8"],
    ),
    "factors too large": (
        lambda arch, layer, record: record["mapping"][2].update(temporal=[["P", 4], ["K", 2]]),
        ["line 3", "factors of K multiply to 12, expected 6"],
    ),
    "loop twice": (
        lambda arch, layer, record: record["mapping"][0].update(
            temporal=[["C", 2], ["P", 2], ["C", 2]]
        ),
        ["line 3", "level RF", "temporal loop C", "once"],
    ),
    "spatial loop twice": (
        lambda arch, layer, record: record["mapping"][1].update(
            spatial=[["K", "X", 2], ["K", "X", 3]]
        ),
        ["line 3", "level Buffer", "spatial loop", "once"],
    ),
    "factor zero": (
        lambda arch, layer, record: record["mapping"][2].update(temporal=[["P", 0]]),
        ["line 3", "factor of P 0"],
    ),
    "factor as text": (
        lambda arch, layer, record: record["mapping"][2].update(temporal=[["P", "4"]]),
        ["line 3", "factor of P '4'"],
    ),
    "huge factor": (
        lambda arch, layer, record: record["mapping"][2].update(temporal=[["P", 2**64 + 4]]),
        ["line 3", "factor of P 1844"],
    ),
    "loop of the wrong form": (
        lambda arch, layer, record: record["mapping"][2].update(temporal=[["P", "X", 4]]),
        ["line 3", "temporal has", "[dimension, factor]"],
    ),
    "loops that are not a list": (
        lambda arch, layer, record: record["mapping"][2].update(temporal={"P": 4}),
        ["line 3", "temporal is {'P': 4}", "a list"],
    ),
    "level missing": (
        lambda arch, layer, record: record["mapping"].pop(),
        ["line 3", "2 levels, expected 3", "RF, Buffer, DRAM"],
    ),
    "outermost level bypassed": (
        lambda arch, layer, record: record["mapping"][2].update(bypass=["Inputs"]),
        ["line 3", "level DRAM", "bypass ['Inputs']"],
    ),
    "negative id": (lambda arch, layer, record: record.update(id=-1), ["line 3", "id is -1"]),
    "huge id": (
        lambda arch, layer, record: record.update(id=2**63),
        ["line 3", "id is 9223372036854775808"],
    ),
    "id missing": (lambda arch, layer, record: record.pop("id"), ["line 3", "'id' is missing"]),
    "misspelt field": (
        lambda arch, layer, record: record.update(maping=record.pop("mapping")),
        ["line 3", "'mapping' is missing"],
    ),
    "field too many": (
        lambda arch, layer, record: record.update(note="x"),
        ["line 3", "unknown field 'note'"],
    ),
    "no storage": (
        lambda arch, layer, record: arch["spec"].update(storage=[]),
        ["line 1", "0 storage levels"],
    ),
    "capacity missing": (
        lambda arch, layer, record: arch["spec"]["storage"][0].pop("entries"),
        ["line 1", "storage[0]", "capacity is missing"],
    ),
    "capacity twice": (
        lambda arch, layer, record: arch["spec"]["storage"][0].update(sizeKB=2),
        ["line 1", "both entries and sizeKB"],
    ),
    "negative capacity": (
        lambda arch, layer, record: arch["spec"]["storage"][0].update(entries=-1),
        ["line 1", "entries is -1"],
    ),
    "huge capacity": (
        lambda arch, layer, record: arch["spec"]["storage"][1].update(sizeKB=1e300),
        ["line 1", "sizeKB is 1e+300"],
    ),
    "tiny bandwidth": (
        lambda arch, layer, record: arch["spec"]["storage"][1].update(read_bandwidth=1e-300),
        ["line 1", "read_bandwidth is 1e-300"],
    ),
    "mesh that does not divide": (
        lambda arch, layer, record: arch["spec"]["storage"][0].update(meshX=3),
        ["line 1", "meshX is 3", "divisor of the 4 instances"],
    ),
    "mesh that does not nest": (
        lambda arch, layer, record: arch["spec"]["storage"][0].update(instances=3, meshX=3),
        ["line 1", "mesh-X of MACs is 4", "RF's, which is 3"],
    ),
    "unknown technology": (
        lambda arch, layer, record: arch["spec"]["storage"][2].update(technology="DRAMM"),
        ["line 1", "'DRAMM'", "did you mean 'DRAM'?"],
    ),
    "same level twice": (
        lambda arch, layer, record: arch["spec"]["storage"][1].update(name="RF"),
        ["line 1", "two levels are called 'RF'"],
    ),
    "misspelt level field": (
        lambda arch, layer, record: arch["spec"]["storage"][0].update({"block_size": 4}),
        ["line 1", "'block_size'", "did you mean 'block-size'?"],
    ),
    "name with control characters": (
        lambda arch, layer, record: arch["spec"]["storage"][0].update(name="R\x1b[31mF"),
        ["line 1", "name is 'R\\x1b", "without control characters"],
    ),
    "unknown dataspace kept": (
        lambda arch, layer, record: arch["spec"]["storage"][0].update(
            keeps=["Input", "Weights", "Outputs"]
        ),
        ["line 3", "keep 'Inputs'"],
    ),
}


@pytest.mark.parametrize("name", EDITS)
def test_bad_records_are_refused(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The message names the line, the field and the value; no file is left behind."""
    edit, expected = EDITS[name]
    entries = [copy.deepcopy(entry) for entry in (ARCHITECTURE, LAYER, RECORD)]
    edit(*entries)
    path = write(tmp_path / "bad.jsonl", lines(*entries))

    told = refusal(path, capsys)

    assert str(path) in told
    for part in expected:
        assert part in told


GOOD = lines(ARCHITECTURE, LAYER, RECORD)
PACKED = gzip.compress(GOOD.encode() * 50)

TEXTS: dict[str, tuple[str | bytes, list[str]]] = {
    "empty": ("", ["no records"]),
    "blank": ("\n\n  \n", ["no records"]),
    "definitions only": (lines(ARCHITECTURE, LAYER), ["no records"]),
    "not JSON": (GOOD + "id: 7\n", ["line 4", "not JSON", "column 1"]),
    "cut short": (GOOD[:-20], ["line 3", "not JSON"]),
    "a list": (GOOD + "[1, 2]\n", ["line 4", "expected a mapping", "[1, 2]"]),
    "a number": ("7\n", ["line 1", "expected a mapping", "got 7"]),
    "binary": (b"\x93\x00\xff\xfe" * 30 + b"\n", ["line 1", "not UTF-8"]),
    "NaN": (GOOD.replace("2.5", "NaN"), ["line 1", "NaN"]),
    "infinity": (GOOD.replace("2.5", "Infinity"), ["line 1", "Infinity"]),
    "beyond doubles": (GOOD.replace("2.5", "1e999"), ["line 1", "read_bandwidth is inf"]),
    "endless digits": (GOOD.replace("2.5", "9" * 5000), ["line 1", "too many digits"]),
    "deep nesting": ("[" * 200_000 + "\n", ["line 1", "nested too deeply"]),
    "key twice": (
        GOOD.replace('"id": 7', '"id": 7, "id": 8'),
        ["line 3", "'id' occurs twice"],
    ),
    "name defined twice": (
        lines(ARCHITECTURE, LAYER, LAYER | {"spec": LAYER["spec"] | {"K": 7}}, RECORD),
        ["line 3", "'product' is defined a second time"],
    ),
    "line without end": ("{" + " " * (5 * 2**20), ["line 1", "longer than"]),
    "gzip cut short": (PACKED[:-30], ["damaged gzip file", "after line 1"]),
    "gzip with junk inside": (PACKED[:40] + b"\x00" * 30 + PACKED[70:], ["damaged gzip file"]),
    "gzip of empty lines": (gzip.compress(b"\n" * 10**7), ["line 1001", "1001 empty lines"]),
    "gzip of blanks": (gzip.compress(b" " * 4_000_000 + b"\n" + b" " * 4_000_000), ["line 2:"]),
    "gzip header only": (b"\x1f\x8b", ["damaged gzip file"]),
}


@pytest.mark.parametrize("name", TEXTS)
def test_bad_files_are_refused(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The message names the file and the line; no file is left behind."""
    text, expected = TEXTS[name]
    path = write(tmp_path / "bad.jsonl.gz", text)

    told = refusal(path, capsys)

    assert str(path) in told
    for part in expected:
        assert part in told


def test_a_missing_file_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The system's own words, without a traceback."""
    told = refusal(tmp_path / "none.jsonl", capsys)

    assert told == f"{tmp_path / 'none.jsonl'}: No such file or directory"


def test_a_folder_is_no_record_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder in place of a file is told as such."""
    folder = tmp_path / "folder.jsonl"
    folder.mkdir()

    assert "Is a directory" in refusal(folder, capsys)


@pytest.mark.parametrize("pattern", ["other*.jsonl", "other.jsonl"])
def test_a_name_without_match_is_refused(
    pattern: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A packed file stands in for its plain name, and for no other."""
    write(tmp_path / "good.jsonl.gz", gzip.compress(GOOD.encode()))

    told = refusal(tmp_path / pattern, capsys)

    wanted = "no file matches this pattern" if "*" in pattern else "No such file or directory"
    assert f"{tmp_path / pattern}: {wanted}" in told


def test_definitions_are_not_endless(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are kept, and a small packed file can hold any number of them."""
    monkeypatch.setattr(records, "MAX_DEFINITION_BYTES", 2 * 2**20)
    many = "".join(
        json.dumps({**LAYER, "define_layer": f"layer {i}" + "x" * 4000}) + "\n" for i in range(600)
    )
    path = tmp_path / "x.jsonl.gz"
    path.write_bytes(gzip.compress(many.encode()))
    assert path.stat().st_size < 2**17

    with pytest.raises(InputError, match=r"line \d+: definitions of more than 2 MiB"):
        list(read_records(path))
