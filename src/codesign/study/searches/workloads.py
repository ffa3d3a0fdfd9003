"""Workloads as tables of their distinct layers, and back.

Later stages read a workload only from this table. So a comment in a workload's file does not change
their results.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from codesign.store.provenance import STAGE
from codesign.store.table import write_table
from codesign.study.floor import touched_words
from codesign.workload import Axis, Dataspace, Layer, ProblemShape, Workload, load_workload


def layer_table(workload: Workload, model: str) -> pd.DataFrame:
    """One row per distinct layer: `model, layer, count, sizes, macs`, words, and `definition`.

    The columns of words, one per dataspace, count those that some operation uses.
    """
    distinct = workload.distinct()
    return pd.DataFrame(
        [
            {
                "model": model,
                "layer": layer.name,
                "count": count,
                "sizes": _sizes(layer),
                "macs": layer.macs,
                **{
                    f"{s.name.lower()}_words": touched_words(layer, s)
                    for s in layer.shape.dataspaces
                },
                "definition": json.dumps(asdict(layer)),
            }
            for layer, count in zip(distinct.layers, distinct.counts, strict=True)
        ]
    )


def workload_of(table: pd.DataFrame) -> Workload:
    """The workload of a `layer_table`."""
    return Workload(
        str(table["model"].iloc[0]),
        tuple(_layer(json.loads(text)) for text in table["definition"]),
        tuple(int(count) for count in table["count"]),
    )


def _sizes(layer: Layer) -> str:
    """The sizes above 1 as a text: "R3 S3 P56 Q56 C64 K64"."""
    named = [
        *zip(layer.shape.dimensions, layer.sizes, strict=True),
        *zip(layer.shape.coefficients, layer.coefficients, strict=True),
    ]
    return " ".join(f"{name}{size}" for name, size in named if size > 1)


def _layer(values: dict[str, Any]) -> Layer:
    shape = values["shape"]
    spaces = tuple(
        Dataspace(
            space["name"],
            tuple(Axis(tuple((d, c) for d, c in axis["terms"])) for axis in space["axes"]),
            space["read_write"],
        )
        for space in shape["dataspaces"]
    )
    return Layer(
        values["name"],
        ProblemShape(
            shape["name"], tuple(shape["dimensions"]), tuple(shape["coefficients"]), spaces
        ),
        tuple(values["sizes"]),
        tuple(values["coefficients"]),
    )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the stage."""
    parser.add_argument("--model", required=True, help="the network's name in the study")
    parser.add_argument("--workload", required=True, help="its name in config/ or its file")
    parser.add_argument("--output", type=Path, required=True)


def run(options: argparse.Namespace) -> None:
    """Writes the table of layers."""
    table = layer_table(load_workload(options.workload), options.model)
    write_table(table, options.output, {STAGE: "workloads"})
