"""What the stages' command lines share: options that name a model's setting, and tables out.

A stage is a module with `add_arguments(parser)` and `run(options)`; `python -m codesign.study`
finds it by its name. The functions it wraps know neither command lines nor Snakemake.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from codesign.errors import InputError
from codesign.hardware.files import Chip, load_chip
from codesign.hardware.technology import load_technology
from codesign.store.design import Design
from codesign.store.provenance import STAGE, run_metadata
from codesign.store.table import read_metadata, read_own, read_own_metadata, write_table
from codesign.study.running.provenance import study_code
from codesign.study.searches.workloads import workload_of
from codesign.workload import Workload

ROW_STATIONARY = "row-stationary"
"""How the baseline computes: Eyeriss's own dataflow."""

ORIGIN = ("code_version", "technology", "technology_hash", "accounting")
"""Metadata that tables inherit from the searches they sum up."""


@dataclass(frozen=True)
class Setting:
    """What all searches of a model share.

    Args:
        workload: the network; its name is the model's in the study.
        chip: the baseline accelerator, which also sets the budget, with the energy table.
        accounting: how the cost model counts.
    """

    workload: Workload
    chip: Chip
    accounting: str = "timeloop"


@dataclass(frozen=True)
class SearchOutcome:
    """The trials of searches, how long each took (one row a search), and the best design.

    Only hardware searches have a design, and not when no accelerator could run every layer.
    """

    trials: pd.DataFrame
    timings: pd.DataFrame
    design: Design | None = None


def timings_table(rows: Sequence[tuple[str, str, str, int, float]]) -> pd.DataFrame:
    """Wall-clock seconds of searches, as `SearchOutcome.timings` has them."""
    return pd.DataFrame(rows, columns=["model", "layer", "method", "seed", "elapsed_s"])


def add_setting(parser: argparse.ArgumentParser) -> None:
    """Options that name a `Setting`."""
    parser.add_argument("--layers", type=Path, required=True, help="table of the layers")
    parser.add_argument("--hardware", required=True, help="the baseline accelerator")
    parser.add_argument("--technology", required=True, help="the energy table")
    parser.add_argument("--accounting", default="timeloop", help="how accesses are counted")


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Options that name a `Setting` for each of several models."""
    parser.add_argument("--layers", type=Path, nargs="+", required=True, help="one per model")
    parser.add_argument("--hardware", nargs="+", required=True, help="the models' baselines")
    parser.add_argument("--technology", required=True, help="the energy table")
    parser.add_argument("--accounting", default="timeloop", help="how accesses are counted")


def read_setting(options: argparse.Namespace) -> Setting:
    """The `Setting` that the options name."""
    chip = read_chip(options.hardware, options.technology)
    return Setting(read_workload(options.layers), chip, options.accounting)


def read_settings(options: argparse.Namespace) -> list[Setting]:
    """The `Setting` of each model that the options name."""
    return [
        Setting(read_workload(path), read_chip(source, options.technology), options.accounting)
        for path, source in zip(options.layers, options.hardware, strict=True)
    ]


def read_chip(hardware: str, technology: str) -> Chip:
    """An accelerator with the study's energy table."""
    return replace(load_chip(hardware), technology=load_technology(technology))


def add_progress(parser: argparse.ArgumentParser) -> None:
    """Options of a result that compares methods trial by trial."""
    parser.add_argument("--trials", type=Path, nargs="+", required=True, help="tables of trials")
    parser.add_argument("--seed", type=int, required=True, help="of the bootstrap")
    parser.add_argument("--curves", type=Path, required=True, help="output, one row a trial")
    parser.add_argument("--output", type=Path, required=True, help="output, one row a method")


def read_result(
    path: Path, stage: str | None = None, columns: Sequence[str] | None = None
) -> pd.DataFrame:
    """A table that a stage wrote, all columns or those named; with `stage`, that very one's.

    Raises:
        InputError: the table is missing, damaged, foreign, or another stage's.
    """
    table = read_own(path, columns)
    found = read_metadata(path).get(STAGE)
    if stage is not None and found != stage:
        wrote = "no stage" if found is None else f"the stage {found!r}"
        raise InputError(f"{path}: written by {wrote}, expected a table of {stage!r}")
    return table


def read_workload(path: Path) -> Workload:
    """The network whose layers the stage `workloads` has written down."""
    return workload_of(read_result(path, "workloads"))


def read_tables(
    paths: Sequence[Path], stage: str | None = None, columns: Sequence[str] | None = None
) -> pd.DataFrame:
    """Several tables below one another, in the order given; see `read_result`."""
    return pd.concat([read_result(path, stage, columns) for path in paths], ignore_index=True)


def write(
    table: pd.DataFrame,
    path: Path,
    options: argparse.Namespace,
    module: str,
    sources: Sequence[Path] = (),
) -> None:
    """A table with what it was made from: code, energy table, and the options that are no paths.

    Args:
        module: the stage's module, whose name is recorded.
        sources: tables it was made from, where it is no search itself; all have been made in the
            same way, so that the first one tells how.
    """
    values = {
        name: value
        for name, value in vars(options).items()
        if isinstance(value, (str, int)) or (isinstance(value, list) and not _has_paths(value))
    }
    if sources:
        metadata = origin(sources[0])
    else:
        technology = load_technology(options.technology)
        metadata = run_metadata(values, technology, options.accounting)
    write_table(table, path, metadata | {STAGE: stage_name(module), "study_code": study_code()})


def stage_name(module: str) -> str:
    """What `python -m codesign.study` calls the stage of a module.

    It is the module's own name, or that of its folder for the table of a result: `r1` for
    `codesign.study.results.r1.table`.
    """
    folder, _, name = module.rpartition(".")
    return folder.rpartition(".")[2] if name == "table" else name


def origin(path: Path) -> dict[str, str]:
    """How the searches behind a table were run: code version, energy table, accounting."""
    found = read_own_metadata(path)
    return {name: found[name] for name in ORIGIN if name in found}


def _has_paths(values: list[object]) -> bool:
    return any(isinstance(value, Path) for value in values)
