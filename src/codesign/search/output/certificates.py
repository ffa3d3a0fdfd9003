"""`certificate.json`: the claims of the exact mapper about a design, for `codesign check`.

The file is beside the design and has the SHA-256 of the design's file. For every layer, it has
the bound and the spatial splits that the search explored (docs/files.md).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from codesign.errors import InputError
from codesign.hardware.dataflow import KINDS, Dataflow, SlotRule
from codesign.reading import Fields, read_text
from codesign.search.exact.branch_and_bound import SearchCertificate
from codesign.search.exact.check import Checked, LayerClaim, Split, check_layer
from codesign.search.mapper import MappingRun
from codesign.search.task import MappingTask
from codesign.store.atomic import write_json
from codesign.store.design import Design, LayerDesign
from codesign.store.design_file import load_design

FORMAT = 1
MOST_PJ = 1e300


def write_certificate(runs: Sequence[MappingRun], design: Path, path: Path) -> bool:
    """Writes the certificate of a design. Returns False if some layer has no proof to check.

    Args:
        runs: the runs of the exact mapper, one per distinct layer of the design.
        design: the file of the design, which must exist.
        path: the file to write.
    """
    layers = []
    for run in runs:
        proof = run.certificate
        if not isinstance(proof, SearchCertificate) or proof.explored is None:
            return False
        names = [level.name for level in run.task.hardware.levels]
        letters = run.task.layer.shape.dimensions
        layers.append(
            {
                "layer": run.task.layer.name,
                "verdict": proof.verdict,
                "objective": proof.objective,
                "lower_bound": proof.lower_bound,
                "explored": [
                    {
                        level: {x: int(f) for x, f in zip(letters, row, strict=True) if f > 1}
                        for level, row in zip(names, split, strict=True)
                        if (row > 1).any()
                    }
                    for split in proof.explored
                ],
            }
        )
    content = {
        "format": FORMAT,
        "design": {"file": design.name, "sha256": _digest(design)},
        "dataflow": _dataflow_fields(runs[0].task.dataflow),
        "layers": layers,
    }
    write_json(path, content)
    return True


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _dataflow_fields(dataflow: Dataflow) -> dict[str, Any]:
    rules = [
        {
            "level": rule.level,
            "kind": rule.kind,
            "pinned": [list(pin) for pin in rule.pinned],
            "free": None if rule.free is None else list(rule.free),
            "order": None if rule.order is None else list(rule.order),
        }
        for rule in dataflow.rules
    ]
    return {"name": dataflow.name, "rules": rules}


def check_certificate(path: Path) -> list[tuple[str, str, float, Checked]]:
    """Checks a certificate and the design beside it.

    Returns:
        For every layer its name, the verdict (`optimal` or `bound`), the proven gap
        (value / bound - 1), and what the check found about its spatial splits.

    Raises:
        InputError: it cannot be read, or a claim is wrong.
    """
    fields = _read(path)
    fields.integer("format", minimum=FORMAT, maximum=FORMAT)
    about = fields.fields("design")
    beside = path.parent / Path(about.text("file")).name
    design = load_design(beside)
    digest = _digest(beside)
    if digest != about.text("sha256"):
        raise about.refuse("sha256", f"{digest!r}, which {beside.name} has")
    about.done()
    dataflow = _read_dataflow(fields.fields("dataflow"))
    mapped = {e.layer.name: e for network in design.networks for e in network.layers}
    found = []
    for entry in fields.each("layers"):
        name = entry.text("layer", choices=list(mapped))
        found.append(_check_entry(entry, mapped.pop(name), design, dataflow))
    fields.done()
    proven = {mapped_layer for mapped_layer, *_ in found}
    layers = {e.layer.name: e.layer for network in design.networks for e in network.layers}
    contents = {layers[name].content for name in proven}
    for name in mapped:
        # Layers that differ only in their names have one entry in the certificate.
        if layers[name].content not in contents:
            raise InputError(f"{path}: layer {name!r} of {beside.name} is missing")
    return found


def _read(path: Path) -> Fields:
    text = read_text(path)
    try:
        content = json.loads(text)
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise InputError(f"{path}: it is not a certificate, expected a JSON object")
    return Fields(content, str(path))


def _read_dataflow(fields: Fields) -> Dataflow:
    name, rules = fields.text("name"), []
    for entry in fields.each("rules") if fields.raw("rules", None) else ():
        pinned = tuple((str(pin[0]), pin[1]) for pin in entry.sequence("pinned"))
        free, order = (
            None if entry.raw(key, None) is None else tuple(map(str, entry.sequence(key)))
            for key in ("free", "order")
        )
        kind = entry.text("kind", choices=list(KINDS))
        rules.append(SlotRule(entry.text("level"), kind, pinned, free, order))
        entry.done()
    fields.done()
    return Dataflow(name, tuple(rules))


def _check_entry(
    entry: Fields, mapped: LayerDesign, design: Design, dataflow: Dataflow
) -> tuple[str, str, float, Checked]:
    verdict = entry.text("verdict", choices=["optimal", "bound"])
    objective = entry.text("objective")
    bound = entry.number("lower_bound", maximum=MOST_PJ)
    costs = {
        "edp": mapped.energy_pj * mapped.cycles,
        "energy": mapped.energy_pj,
        "delay": float(mapped.cycles),
    }
    if objective not in costs:
        raise entry.refuse("objective", f"one of {', '.join(costs)}")
    value = costs[objective]
    if verdict == "optimal" and bound != value:
        raise entry.refuse("lower_bound", f"{value!r}, the cost of the mapping called optimal")
    task = MappingTask(
        mapped.layer, design.hardware, design.technology, dataflow, design.accounting
    )
    explored = frozenset(_read_split(split, task, entry) for split in entry.sequence("explored"))
    entry.done()
    claim = LayerClaim(mapped.mapping, objective, value, bound, explored)
    return mapped.layer.name, verdict, value / bound - 1, check_layer(task, claim)


def _read_split(content: Any, task: MappingTask, entry: Fields) -> Split:
    names = {level.name: s for s, level in enumerate(task.hardware.levels)}
    letters = task.layer.shape.dimensions
    rows = [[1] * len(letters) for _ in names]
    try:
        for level, factors in content.items():
            for letter, factor in factors.items():
                if not isinstance(factor, int) or factor < 2:
                    raise ValueError(factor)
                rows[names[level]][letters.index(letter)] = factor
    except (AttributeError, KeyError, ValueError):
        raise entry.refuse("explored", "factors of dimensions by level") from None
    return tuple(map(tuple, rows))
