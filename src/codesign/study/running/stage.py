"""The common part of the stages' command lines: options for settings, and reading and writing.

A stage is a module with `add_arguments(parser)` and `run(options)`, which `python -m
codesign.study` finds by its name. Its other functions do not depend on command lines or Snakemake.
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
from codesign.study.spaces import ROW_STATIONARY
from codesign.workload import Workload

ORIGIN = ("code_version", "technology", "technology_hash", "accounting")
"""Metadata that a table takes over from the tables of searches that it is made from."""


@dataclass(frozen=True)
class Setting:
    """The common setting of all searches of a model.

    Args:
        workload: the workload, with the name of the model.
        chip: the chip of the baseline, which also gives the budget and the energy table.
        accounting: the accounting of the cost model.
    """

    workload: Workload
    chip: Chip
    accounting: str = "timeloop"


@dataclass(frozen=True)
class MapSpaceName:
    """A map-space by its name in the study, with the dataflow that mappings follow in it."""

    name: str = ROW_STATIONARY
    dataflow: str = ROW_STATIONARY


BASELINE_SPACE = MapSpaceName()
"""The map-space of the baseline in its own dataflow."""


@dataclass(frozen=True)
class SearchOutcome:
    """The trials of searches, their times (one row per search), and the best design.

    The design is None for mapping searches, and if some layer has no mapping in any trial.
    """

    trials: pd.DataFrame
    timings: pd.DataFrame
    design: Design | None = None


def timings_table(rows: Sequence[tuple[str, str, str, int, float]]) -> pd.DataFrame:
    """The wall-clock times of searches in s, for `SearchOutcome.timings`."""
    return pd.DataFrame(rows, columns=["model", "layer", "method", "seed", "elapsed_s"])


def add_setting(parser: argparse.ArgumentParser) -> None:
    """Adds the options for a `Setting`."""
    parser.add_argument("--layers", type=Path, required=True, help="table of the layers")
    parser.add_argument("--hardware", required=True, help="the baseline accelerator")
    parser.add_argument("--technology", required=True, help="the energy table")
    parser.add_argument("--accounting", default="timeloop", help="the accounting")


def add_space(parser: argparse.ArgumentParser) -> None:
    """Adds the options for a `MapSpaceName`."""
    parser.add_argument("--space", default=ROW_STATIONARY, help="the name of the map-space")
    parser.add_argument("--dataflow", default=ROW_STATIONARY, help="what mappings follow in it")


def read_space(options: argparse.Namespace) -> MapSpaceName:
    """The `MapSpaceName` from the options."""
    return MapSpaceName(options.space, options.dataflow)


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Adds the options for the `Setting` of each of several models."""
    parser.add_argument("--layers", type=Path, nargs="+", required=True, help="one per model")
    parser.add_argument("--hardware", nargs="+", required=True, help="the models' baselines")
    parser.add_argument("--technology", required=True, help="the energy table")
    parser.add_argument("--accounting", default="timeloop", help="the accounting")


def read_setting(options: argparse.Namespace) -> Setting:
    """The `Setting` from the options."""
    chip = read_chip(options.hardware, options.technology)
    return Setting(read_workload(options.layers), chip, options.accounting)


def read_settings(options: argparse.Namespace) -> list[Setting]:
    """The `Setting` of each model from the options."""
    return [
        Setting(read_workload(path), read_chip(source, options.technology), options.accounting)
        for path, source in zip(options.layers, options.hardware, strict=True)
    ]


def read_chip(hardware: str, technology: str) -> Chip:
    """A chip with the study's energy table."""
    return replace(load_chip(hardware), technology=load_technology(technology))


def read_result(
    path: Path, stage: str | None = None, columns: Sequence[str] | None = None
) -> pd.DataFrame:
    """Reads a table that a stage wrote: all columns, or `columns`.

    Raises:
        InputError: the table is missing or damaged, or it is not from this project, or not from
            `stage` if that is given.
    """
    table = read_own(path, columns)
    found = read_metadata(path).get(STAGE)
    if stage is not None and found != stage:
        wrote = "no stage" if found is None else f"the stage {found!r}"
        raise InputError(f"{path}: written by {wrote}, expected a table of {stage!r}")
    return table


def read_workload(path: Path) -> Workload:
    """The workload from a table of the stage `workloads`."""
    return workload_of(read_result(path, "workloads"))


def read_tables(
    paths: Sequence[Path], stage: str | None = None, columns: Sequence[str] | None = None
) -> pd.DataFrame:
    """Several tables joined into one, in the order of `paths`. See `read_result`."""
    return pd.concat([read_result(path, stage, columns) for path in paths], ignore_index=True)


def write(
    table: pd.DataFrame,
    path: Path,
    options: argparse.Namespace,
    module: str,
    sources: Sequence[Path] = (),
) -> None:
    """Writes a table with metadata: code, energy table, and the options that are not paths.

    Args:
        table, path: the table, and the file to write.
        options: the options of the stage.
        module: the module of the stage, whose name is recorded.
        sources: the tables that it was made from, if the stage is not a search. They have equal
            origins, so that of the first one is recorded.
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
    """The name of a module's stage in `python -m codesign.study`.

    It is the name of the module, or, for the table of a result, of its folder: `r1` for
    `codesign.study.results.r1.table`.
    """
    folder, _, name = module.rpartition(".")
    return folder.rpartition(".")[2] if name == "table" else name


def origin(path: Path) -> dict[str, str]:
    """The origin of a table's searches: code version, energy table, accounting."""
    found = read_own_metadata(path)
    return {name: found[name] for name in ORIGIN if name in found}


def _has_paths(values: list[object]) -> bool:
    return any(isinstance(value, Path) for value in values)
