"""Chips of the Eyeriss template, by their parameters, for tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from codesign.hardware import PAT, Chip, Hardware, Point, Technology
from codesign.hardware.dataflow import FREE, Dataflow
from codesign.hardware.files import load_chip
from codesign.hardware.template_file import read_template, template_of
from codesign.hardware.values import as_number
from codesign.reading import Fields

NAMES = tuple(f"H{number}" for number in range(1, 13))

EYERISS_168, EYERISS_256 = load_chip("eyeriss-168"), load_chip("eyeriss-256")
ROW_STATIONARY = EYERISS_168.dataflow("row-stationary")


def budget_of(
    pes: int, local_words: int = 220, global_words: int = 65536, word_bits: int = 16
) -> dict[str, float]:
    """The `budget` of a chip's file."""
    return {
        "pes": pes,
        "local_words": local_words,
        "global_kb": as_number(global_words * word_bits / 8192),
        "word_bits": word_bits,
    }


def point_of(
    h1: int, h2: int, h3: int = 12, h4: int = 192, h5: int = 16, h6: int = 1, h7: int = 1,
    h8: int = 1, h9: int = 4, h10: int = 1, h11: int = 2, h12: int = 2,
) -> Point:  # fmt: skip
    """H1 to H12, as Eyeriss has them where they are not given."""
    values = (h1, h2, h3, h4, h5, h6, h7, h8, h9, h10, h11, h12)
    return Point("eyeriss", tuple(zip(NAMES, values, strict=True)))


def eyeriss(name: str, point: Point, budget: Mapping[str, float]) -> Hardware:
    """The accelerator of a point."""
    template = template_of("eyeriss", name, budget, point.named, "test")
    return template.hardware(template.point, name)


def chip_of(
    budget: Mapping[str, float],
    point: Point | None = None,
    space: Mapping[str, Any] | None = None,
    constraints: Sequence[str] = (),
    technology: Technology = PAT,
    name: str = "chip",
) -> Chip:
    """A chip as its file would have it; all PEs in a row with a word each, unless a point says."""
    point = point_of(int(budget["pes"]), 1, 1, 1, 1) if point is None else point
    fields: dict[str, Any] = {
        "template": "eyeriss",
        "budget": dict(budget),
        "parameters": point.named,
        "space": dict(space or {}),
        "constraints": list(constraints),
    }
    return Chip(read_template(Fields(fields, "chip.yaml"), name), technology, {"free": FREE})


def dataflow_of(point: Point) -> Dataflow:
    """The map-space that a point leaves its mappings."""
    return EYERISS_168.template.dataflow(point)
