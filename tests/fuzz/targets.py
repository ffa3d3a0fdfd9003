"""The targets of fuzzing: readers of files from outside.

A target gets a file. It either refuses it by `InputError`, or processes it as the program does.
Then it checks that the accepted content is the same after it was written and read again. To add a
target, write such a function and add it to `TARGETS`, with files to begin from.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from codesign.accounting import ACCOUNTINGS
from codesign.cost import Evaluator, evaluate
from codesign.cost.record_table import price_records
from codesign.hardware.files import Chip, load_chip
from codesign.hardware.technology import PAT, Technology, load_technology
from codesign.hardware.writing import hardware_fields, technology_fields
from codesign.mapping import MappingBatch
from codesign.mapping.files import mapping_fields, read_mapping
from codesign.reading import Fields, read_yaml
from codesign.search.exact.check_splits import ROUNDING
from codesign.search.hardware import search_hardware
from codesign.search.network import map_network
from codesign.search.output.certificates import check_certificate, write_certificate
from codesign.search.output.designs import hardware_design, mapping_design
from codesign.search.settings import Search
from codesign.store.design import Design
from codesign.store.design_file import load_design, write_design
from codesign.store.family_file import load_family
from codesign.store.journal import Journal
from codesign.store.replay import network_totals, replay
from codesign.store.table import read_metadata, read_table, write_table
from codesign.store.write import write_any
from codesign.study.running.settings import check_settings, load_schema
from codesign.timeloop.export import export_design
from codesign.timeloop.load import import_files
from codesign.workload import Layer, Workload, load_workload
from codesign.workload.onnx import extract_workload
from codesign.workload.writing import workload_fields
from tests.timeloop import forms

REPOSITORY = Path(__file__).resolve().parents[2]
EYERISS_168 = load_chip("eyeriss-168").hardware
SMALL = Layer.conv("small", R=3, P=4, C=2, K=6)
DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
DEPTH = 40
"""Layers and accelerators that are checked per file; further ones are similar."""


@dataclass(frozen=True)
class Target:
    """A reader with files that it accepts.

    Args:
        suffix: how its files end, since some readers go by that.
        read: does with a file what the program does.
        seeds: makes the files to begin from.
        is_text: whether they are YAML or JSON, of which single values can be changed.
    """

    name: str
    suffix: str
    read: Callable[[Path], object]
    seeds: Callable[[], list[bytes]]
    is_text: bool = True


def everything_outside(layer: Layer, levels: int) -> MappingBatch:
    """The mapping that fits wherever any does: all loops at the outermost level."""
    batch = MappingBatch.empty(layer.shape, 1, levels)
    batch.temporal[0, -1] = layer.sizes
    return batch


def price(layer: Layer, chip: Chip, technology: Technology) -> None:
    """All accountings, with all counts; none may fail once the evaluator is there."""
    for accounting in ACCOUNTINGS:
        evaluator = Evaluator(layer, chip.hardware, technology, accounting)
        batch = everything_outside(layer, len(chip.hardware.levels))
        detailed, detail = evaluator.detail(batch)
        costs = evaluator.price(batch)
        assert costs.cycles.tolist() == detailed.cycles.tolist()
        if costs.valid[0]:
            assert costs.cycles[0] >= 0
            assert costs.energy_pj[0] >= 0
            for counts in detail.reads, detail.fills, detail.updates, detail.tile_words:
                assert (counts >= 0).all(), "a count has run over"


def rewritten(fields: dict[str, Any], path: Path) -> Path:
    """A file beside `path` with these fields."""
    again = path.with_name(f"again{path.suffix}")
    text = yaml.dump(fields, Dumper=DUMPER, sort_keys=False, allow_unicode=True)
    again.write_text(text, encoding="utf-8")
    return again


def workload(path: Path) -> None:
    """Reads a network."""
    found = load_workload(path)
    assert load_workload(rewritten(workload_fields(found), path)) == found
    assert found.distinct().macs == found.macs
    chip = load_chip("eyeriss-168")
    for layer in found.layers[:DEPTH]:
        refusing(price, layer, chip, PAT)


def family(path: Path) -> None:
    """Reads a family of networks."""
    found = load_family(path)
    assert len(found) == len(found.counts) == len(found.quality)
    assert found.counts.shape[1] == len(found.layers)
    assert {found.network(row).name for row in found.leading()[:DEPTH]} <= set(found.names)


def hardware(path: Path) -> None:
    """Reads an accelerator, with its dataflows and space."""
    chip = load_chip(path)
    fields = {"name": chip.hardware.name, **hardware_fields(chip.hardware)}
    assert load_chip(rewritten(fields, path)).hardware == chip.hardware
    refusing(price, SMALL, chip, chip.technology)


def technology(path: Path) -> None:
    """Reads an energy table."""
    found = load_technology(path)
    again = load_technology(rewritten(technology_fields(found), path))
    assert again == found
    assert again.digest == found.digest
    refusing(price, SMALL, load_chip("eyeriss-168"), found)


def refusing(function: Callable[..., object], *arguments: object) -> None:
    """Calls what may refuse the combination of inputs that are fine each."""
    from codesign.errors import InputError

    try:
        function(*arguments)
    except InputError:
        return


def mapping(path: Path) -> None:
    """Reads mappings of a layer on the Eyeriss accelerator."""
    fields = read_yaml(path)
    found = read_mapping(fields, "mapping")
    fields.done()
    layer = load_workload("dqn").layers[1]
    found.check(layer, EYERISS_168)
    again = read_mapping(Fields({"mapping": mapping_fields(found)}, "again"), "mapping")
    assert again == found
    first, second = (evaluate(layer, EYERISS_168, [each]) for each in (found, again))
    assert first.equals(second)


def record(path: Path) -> None:
    """Reads record files, compressed or not."""
    for tables in price_records([path], is_detailed=True):
        out = path.with_name("answers.parquet")
        write_table(tables.answers, out, types={"cycles": "int64"})
        assert len(read_table(out)) == len(tables.answers)
        valid = tables.answers[tables.answers["valid"]]
        assert (valid[["cycles", "energy_pj"]] >= 0).all(axis=None)


def design(path: Path) -> None:
    """Reads a design."""
    found = load_design(path)
    again = path.with_name("again.yaml")
    write_design(found, again)
    assert load_design(again) == found
    refusing(lambda: network_totals(replay(found)))


def certificate(path: Path) -> None:
    """Checks a certificate of a small design. One that passes claims no more than was proven."""
    design, proven = proof()
    path.with_name("design.yaml").write_bytes(design)
    found = check_certificate(path)
    bounds = [layer["lower_bound"] for layer in json.loads(proven)["layers"]]
    for layer, bound in zip(found.layers, bounds, strict=True):
        assert layer.lower_bound <= bound * (1 + ROUNDING)


def config(path: Path) -> None:
    """Checks a parsed config of the study."""
    settings = dict(read_yaml(path).data)
    schema = load_schema(REPOSITORY / "workflow/schemas/config.schema.yaml")
    check_settings(settings, schema)
    again = json.loads(json.dumps(settings))
    check_settings(again, schema)
    assert again == settings


def timeloop(path: Path) -> None:
    """Reads Timeloop's files, and writes and reads each result in our format."""
    again = path.with_name("again.yaml")
    for one in import_files([path], "fuzz").found[:DEPTH]:
        flows = [one.dataflow] if one.dataflow.rules else []
        write_any(one.content, again, flows)
        if isinstance(one.content, Design):
            assert load_design(again) == one.content
        elif isinstance(one.content, Workload):
            assert load_workload(again) == one.content
        else:
            chip = load_chip(again)
            assert chip.hardware == one.content
            assert [chip.dataflows[flow.name] for flow in flows] == flows


def onnx(path: Path) -> None:
    """Reads an ONNX model."""
    found = extract_workload(path).workload
    again = path.with_name("again.yaml")
    write_any(found, again)
    assert load_workload(again) == found


def table(path: Path) -> None:
    """Reads Parquet: of our files, only unchanged ones are accepted."""
    found = read_table(path)
    read_metadata(path)
    found.to_string(max_rows=3)


def journal(path: Path) -> None:
    """Journals: whatever stands in them, an entry is what was put in, or is not there."""
    found = Journal(path, "fuzz")
    for key in KEPT:
        assert key not in found or found[key] == KEPT[key]
    found["new"] = b"new"
    found.close()
    again = Journal(path, "fuzz")
    assert again["new"] == b"new"
    again.close()


KEPT = {"a": b"one", "b": b"two" * 20}


def shipped(folder: str) -> Callable[[], list[bytes]]:
    """The files of `config/FOLDER`."""
    return lambda: [p.read_bytes() for p in sorted((REPOSITORY / "config" / folder).glob("*.yaml"))]


def examples(page: str, language: str) -> list[bytes]:
    """What the documentation shows as files."""
    text = (REPOSITORY / "docs" / page).read_text(encoding="utf-8")
    return [part.partition("```")[0].encode() for part in text.split(f"```{language}\n")[1:]]


def workload_seeds() -> list[bytes]:
    whole = examples("files.md", "yaml")
    networks = [part for part in whole if part.startswith(b"name:") and b"\nlayers:" in part]
    shapes = next(part for part in whole if part.startswith(b"shapes:"))
    return [*shipped("workloads")(), *networks, b"name: x\n" + shapes]


def family_seeds() -> list[bytes]:
    rows = b"networks:\n- {network: dqn, quality: 1.5}\n- {network: mlp, quality: -2}\n"
    return [b"name: x\ndescription: two\n" + rows]


def csv_seeds() -> list[bytes]:
    return [b"network,quality\ndqn,1.5\nmlp,-2\n"]


def hardware_seeds() -> list[bytes]:
    whole = examples("files.md", "yaml")
    chips = [part for part in whole if b"\ntemplate:" in part or b"\nstorage:" in part]
    levels = next(part for part in chips if b"\nparameters:" not in part and b"\nstorage:" in part)
    dataflows = next(part for part in whole if part.startswith(b"dataflows:"))
    return [*shipped("hardware")(), *chips, levels + dataflows]


def config_seeds() -> list[bytes]:
    return [(REPOSITORY / "config" / name).read_bytes() for name in ("quick.yaml", "paper.yaml")]


def found_design() -> bytes:
    """A small design, as a search leaves it."""
    import tempfile

    workload = Workload("small", (SMALL,), (2,))
    chip = load_chip("eyeriss-168")
    run = search_hardware([workload], chip, Search("random", 3), Search("random", 10), start=False)
    assert run.best is not None
    with tempfile.TemporaryDirectory() as folder:
        write_design(hardware_design(run, run.best, {"seed": 0}), Path(folder) / "design.yaml")
        return (Path(folder) / "design.yaml").read_bytes()


@cache
def proof() -> tuple[bytes, bytes]:
    """A small design mapped optimally, and its certificate."""
    import tempfile

    chip = load_chip("eyeriss-168")
    run = map_network(Workload("small", (SMALL,), (2,)), chip.hardware, search=Search("exact", 1))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_design(mapping_design(run, chip, {"dataflow": "free"}), folder / "design.yaml")
        assert write_certificate(run.runs, folder / "design.yaml", folder / "certificate.json")
        files = (folder / "design.yaml", folder / "certificate.json")
        design, certificate = (file.read_bytes() for file in files)
    return design, certificate


def mapping_seeds() -> list[bytes]:
    from codesign.search.mapper import map_layer
    from codesign.search.task import MappingTask

    task = MappingTask(load_workload("dqn").layers[1], EYERISS_168)
    run = map_layer(task, Search("random", 6))
    found = [mapping_fields(run.points.mapping(row)) for row in range(3)]
    return [yaml.safe_dump({"mapping": copy.deepcopy(fields)}).encode() for fields in found]


def timeloop_seeds() -> list[bytes]:
    """The files of a layer, each alone and all in one; a mapping alone is not accepted."""
    files = exported("timeloop")
    alone = [text for name, text in files.items() if name != "mapping"]
    trees = [forms.TREE.replace("VERSION", "0.3"), forms.DUMP, forms.FLATTENED, forms.FLAT]
    return [*alone, b"\n".join(files.values()), *(text.encode() for text in trees)]


def timeloop_v04_seeds() -> list[bytes]:
    """Files with tags, merge keys and constraints."""
    files = exported("timeloop-v0.4")
    alone = [text for name, text in files.items() if name != "mapping"]
    whole = forms.NODES + forms.PROBLEM + forms.MAPPING
    limited = forms.NODES + forms.CONSTRAINED
    merged = forms.BASE + forms.MERGED
    return [*alone, b"\n".join(files.values()), *(t.encode() for t in (whole, limited, merged))]


def libconfig_seeds() -> list[bytes]:
    """An accelerator with a mapping, and one with constraints on its loops."""
    limits = """
    mapspace = { constraints = "own"; constraints_own = (
      { target = "Buffer"; type = "spatial"; factors = "K15 R1"; permutation = "KRC"; split = 1; },
      { target = 0; type = "bypass"; bypass = [ "Outputs" ]; } ); };
    """
    chip = forms.LIBCONFIG.partition("problem =")[0]
    return [forms.LIBCONFIG.encode(), (chip + limits).encode()]


def exported(form: str) -> dict[str, bytes]:
    """What a small design becomes for Timeloop, by the files' stems."""
    import tempfile

    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        (folder / "design.yaml").write_bytes(found_design())
        export_design(load_design(folder / "design.yaml"), folder / form, form)
        return {
            file.stem: file.read_bytes() for file in sorted((folder / form / "small").iterdir())
        }


def onnx_seeds() -> list[bytes]:
    """Layers of every family, shapes that the graph computes, and claims that are wrong."""
    from tests.workload.onnx.seeds import GRAPHS

    return [make().SerializeToString() for make in GRAPHS]


def onnx_control_seeds() -> list[bytes]:
    """Functions in functions, branches, loops and scans."""
    from tests.workload.onnx.seeds import CONTROL

    return [make().SerializeToString() for make in CONTROL]


def table_seeds() -> list[bytes]:
    import tempfile

    frame = pd.DataFrame({"a": [1, 2, 3], "b": [0.5, None, 2.0], "c": ["x", None, "yy"]})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.parquet"
        write_table(frame, path, {"config": "{}"})
        ours = path.read_bytes()
        frame.to_parquet(path)
        return [ours, path.read_bytes()]


def journal_seeds() -> list[bytes]:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        found = Journal(Path(folder) / "journal", "fuzz")
        for key, content in KEPT.items():
            found[key] = content
        found.close()
        return [(Path(folder) / "journal").read_bytes()]


TARGETS = {
    target.name: target
    for target in (
        Target("workload", ".yaml", workload, workload_seeds),
        Target("family", ".yaml", family, family_seeds),
        Target("family-csv", ".csv", family, csv_seeds, is_text=False),
        Target("hardware", ".yaml", hardware, hardware_seeds),
        Target("technology", ".yaml", technology, shipped("technology")),
        Target("mapping", ".yaml", mapping, mapping_seeds),
        Target("record", ".jsonl", record, lambda: examples("records.md", "json")),
        Target("design", ".yaml", design, lambda: [found_design()]),
        Target("certificate", ".json", certificate, lambda: [proof()[1]]),
        Target("config", ".yaml", config, config_seeds),
        Target("timeloop", ".yaml", timeloop, timeloop_seeds),
        # Its tags are not plain YAML's, so that single values cannot be changed.
        Target("timeloop-v0.4", ".yaml", timeloop, timeloop_v04_seeds, is_text=False),
        Target("libconfig", ".cfg", timeloop, libconfig_seeds),
        Target("onnx", ".onnx", onnx, onnx_seeds, is_text=False),
        Target("onnx-control", ".onnx", onnx, onnx_control_seeds, is_text=False),
        Target("table", ".parquet", table, table_seeds, is_text=False),
        Target("journal", ".journal", journal, journal_seeds, is_text=False),
    )
}
