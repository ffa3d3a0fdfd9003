"""`certificate.json`: the claims of the exact mapper about a design, for `codesign check`.

It lies in the folder of the design that it is about. It has that file's SHA-256, the objective,
the rules of the map-space, and per layer the bound and the spatial splits that the search went
through (docs/files.md).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from codesign.errors import InputError
from codesign.factors import DIVISORS, PADDED
from codesign.hardware.dataflow import FREE, Dataflow, SlotRule, read_rule
from codesign.hardware.point import PLAIN
from codesign.hardware.template_file import template_of
from codesign.hardware.templates import families
from codesign.reading import MAX_FILE_BYTES, Fields, read_bytes, read_text
from codesign.search.exact.branch_and_bound import SearchCertificate, solve
from codesign.search.exact.check import Checked, LayerClaim, check_layer
from codesign.search.exact.check_bounds import Split
from codesign.search.exact.check_splits import MOST_SPLITS, ROUNDING, Variant
from codesign.search.mapper import MappingRun
from codesign.search.objective import COSTS, EDP
from codesign.search.task import MappingTask
from codesign.space.slots import keep_mask
from codesign.store.atomic import write_json
from codesign.store.design import Design, LayerDesign
from codesign.store.design_file import load_design

FORMAT = 3
MOST = 1e300
"""The largest lower bound that a certificate may have, in the objective's unit."""

MOST_TIMES = 1e12
"""The largest ratio of a mapping's cost to its lower bound: beyond it, nothing is proven."""


@dataclass(frozen=True)
class CheckedLayer:
    """A layer whose claim holds.

    Args:
        task: what the claim is about.
        verdict: `optimal` or `bound`.
        lower_bound: no mapping has less of the objective.
        gap: value of the mapping / lower bound - 1.
        checked: what was found out about the spatial splits.
    """

    task: MappingTask
    verdict: str
    lower_bound: float
    gap: float
    checked: Checked


@dataclass(frozen=True)
class CheckedCertificate:
    """A certificate that holds, and the design that it is about."""

    design: Design
    objective: str
    dataflow: Dataflow
    layers: tuple[CheckedLayer, ...]

    @property
    def splits(self) -> int:
        """Spatial splits of all layers."""
        return sum(layer.checked.splits for layer in self.layers)

    @property
    def trusted(self) -> int:
        """Those of them that rest on the search: their bound alone does not settle them."""
        return sum(layer.checked.explored for layer in self.layers)

    def redo(self) -> None:
        """Searches every layer again.

        Raises:
            InputError: a search ends below the bound that the certificate claims.
        """
        for layer in self.layers:
            found = solve(layer.task, self.objective).certificate
            if found.lower_bound < layer.lower_bound * (1 - ROUNDING):
                raise InputError(
                    f"{layer.task.layer.name}: searched again, the lower bound is "
                    f"{found.lower_bound:.9g}, expected {layer.lower_bound:.9g} as certified"
                )


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
        spaces = run.task.layer.shape.dataspace_names
        explored: dict[Variant, list[Any]] = {}
        for split, sizes, keep in zip(*(array.tolist() for array in proof.explored), strict=True):
            factors = {
                level: {x: f for x, f in zip(letters, row, strict=True) if f > 1}
                for level, row in zip(names, split, strict=True)
                if max(row) > 1
            }
            explored.setdefault((tuple(sizes), tuple(keep)), []).append(factors)
        fields = {
            "layer": run.task.layer.name,
            "verdict": proof.verdict,
            "lower_bound": proof.lower_bound,
            "explored": explored.pop(_plain(run.task), []),
        }
        if explored:
            fields["variants"] = [
                {
                    "sizes": dict(zip(letters, sizes, strict=True)),
                    "keep": {
                        level: [x for w, x in enumerate(spaces) if bits >> w & 1]
                        for level, bits in zip(names, keep, strict=True)
                    },
                    "explored": found,
                }
                for (sizes, keep), found in explored.items()
            ]
        layers.append(fields)
    content = {
        "format": FORMAT,
        "design": {"file": design.name, "sha256": _digest(design)},
        "objective": runs[0].search.objective,
        "dataflow": _dataflow_fields(runs[0].task.dataflow),
        "layers": layers,
    }
    write_json(path, content)
    return True


def _digest(path: Path) -> str:
    return hashlib.sha256(read_bytes(path, MAX_FILE_BYTES)).hexdigest()


def _dataflow_fields(dataflow: Dataflow) -> dict[str, Any]:
    rules = [
        {
            "level": rule.level,
            "kind": rule.kind,
            "pinned": dict(rule.pinned),
            "free": None if rule.free is None else list(rule.free),
            "order": None if rule.order is None else list(rule.order),
        }
        for rule in dataflow.rules
    ]
    return {"name": dataflow.name, "factors": dataflow.factors, "rules": rules}


def check_certificate(path: Path) -> CheckedCertificate:
    """Checks a certificate and the design beside it.

    Raises:
        InputError: it cannot be read, or a claim is wrong.
    """
    fields = _read(path)
    fields.integer("format", minimum=FORMAT, maximum=FORMAT)
    about = fields.fields("design")
    beside = path.parent / Path(about.text("file")).name
    digest = _digest(beside)
    design = load_design(beside)
    if digest != about.text("sha256"):
        raise about.refuse("sha256", f"{digest!r}, which {beside.name} has")
    about.done()
    objective = fields.text("objective", choices=list(COSTS))
    _require_told(fields, "objective", objective, design.origin.get("objective", EDP))
    dataflow = _read_dataflow(fields.fields("dataflow"), design)
    mapped = {e.layer.name: e for network in design.networks for e in network.layers}
    layers = {name: entry.layer for name, entry in mapped.items()}
    found = []
    for entry in fields.each("layers"):
        name = entry.text("layer", choices=list(mapped))
        found.append(_check_entry(entry, mapped.pop(name), design, dataflow, objective))
    fields.done()
    contents = {layer.task.layer.content for layer in found}
    for name in mapped:
        # The certificate has one entry for layers that are equal except for their names.
        if layers[name].content not in contents:
            raise InputError(f"{path}: layer {name!r} of {beside.name} is missing")
    return CheckedCertificate(design, objective, dataflow, tuple(found))


def _require_told(fields: Fields, name: str, value: str, told: object) -> None:
    """What a certificate claims has to be what its design was searched for."""
    if value != told:
        raise fields.refuse(name, f"{told!r}, which the design's origin has")


def _read(path: Path) -> Fields:
    text = read_text(path)
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise InputError(f"{path}: not a certificate, expected a JSON object")
    return Fields(content, str(path))


def _read_dataflow(fields: Fields, design: Design) -> Dataflow:
    name, levels = fields.text("name"), [level.name for level in design.hardware.levels]
    factors = fields.text("factors", choices=[DIVISORS, PADDED])
    rules = tuple(read_rule(entry, levels) for entry in fields.each("rules"))
    fields.done()
    _require_told(fields, "name", name, design.origin.get("dataflow"))
    if factors != design.factors:
        raise fields.refuse("factors", f"{design.factors!r}, which the design has")
    held = _held_rules(design)
    if name == FREE.name and held is not None and set(rules) != set(held):
        # Under the name of the free map-space, a smaller one would pass for it.
        asked = f"the {len(held)} that the accelerator itself asks for" if held else "none"
        raise InputError(
            f"{fields.where}: rules has {len(rules)} entries that are not those of dataflow "
            f"{name!r}, expected {asked}"
        )
    return Dataflow(name, rules, factors)


def _held_rules(design: Design) -> tuple[SlotRule, ...] | None:
    """The rules of the free map-space; None of a template whose file is not available."""
    if design.point == PLAIN:
        return ()
    family, name = design.point.template, design.hardware.name
    if family not in families():
        return None
    template = template_of(family, name, design.budget, design.point.named, f"design {design.name}")
    return template.dataflow(design.point).rules


def _check_entry(
    entry: Fields, mapped: LayerDesign, design: Design, dataflow: Dataflow, objective: str
) -> CheckedLayer:
    verdict = entry.text("verdict", choices=["optimal", "bound"])
    bound = entry.number("lower_bound", maximum=MOST)
    value = float(getattr(mapped, COSTS[objective]))
    if verdict == "optimal" and bound != value:
        raise entry.refuse("lower_bound", f"{value!r}, the cost of the mapping called optimal")
    if value / MOST_TIMES > bound:
        raise entry.refuse("lower_bound", f"at least a {MOST_TIMES:g}th of the mapping's {value!r}")
    task = MappingTask(
        mapped.layer, design.hardware, design.technology, dataflow, design.accounting
    )
    explored = {_plain(task): _read_splits(entry, task)}
    for variant in entry.each("variants") if "variants" in entry else ():
        explored[_read_variant(variant, task)] = _read_splits(variant, task)
        variant.done()
    entry.done()
    claim = LayerClaim(mapped.mapping, objective, value, bound, explored)
    gap = value / bound - 1 if value > 0 else 0.0
    return CheckedLayer(task, verdict, bound, gap, check_layer(task, claim))


def _plain(task: MappingTask) -> Variant:
    """The variant without padding and bypasses."""
    return task.layer.sizes, tuple(keep_mask(task.layer, task.hardware).tolist())


def _read_variant(fields: Fields, task: MappingTask) -> Variant:
    section = fields.fields("sizes")
    sizes = tuple(int(section.integer(letter)) for letter in task.layer.shape.dimensions)
    section.done()
    section, spaces, kept = fields.fields("keep"), task.layer.shape.dataspace_names, []
    for level in task.hardware.levels:
        names = section.sequence(level.name)
        if not all(name in spaces for name in names):
            raise section.refuse(level.name, f"dataspaces of {', '.join(spaces)}")
        kept.append(sum(1 << w for w, name in enumerate(spaces) if name in names))
    section.done()
    return sizes, tuple(kept)


def _read_splits(entry: Fields, task: MappingTask) -> frozenset[Split]:
    listed = entry.sequence("explored", most=MOST_SPLITS)
    return frozenset(_read_split(split, task, entry) for split in listed)


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
