"""R1 under another assumption, with everything else unchanged (B5)."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from codesign.hardware.dataflow import FREE
from codesign.search.settings import Search
from codesign.space.eyeriss_sampler import WHOLE_CLUSTERS
from codesign.study.results.r1 import table as r1
from codesign.study.running.search_options import add_searches, read_searches
from codesign.study.running.stage import Setting, add_settings, read_settings, write
from codesign.study.searches.baselines import map_baseline
from codesign.study.searches.bounds import floors
from codesign.study.searches.hardware import search_accelerator, with_dram_bandwidth
from codesign.study.searches.optima import find_optima
from codesign.study.spaces import ROW_STATIONARY


def compare(
    setting: Setting,
    outer: Search,
    inner: Search,
    seeds: Sequence[int],
    is_ignorant: bool = False,
) -> pd.DataFrame:
    """The rows of `r1.pairs` for one model, with `floor_edp`.

    Args:
        setting: the model and the baseline.
        outer: the search of accelerators, whose seed is replaced.
        inner: the search of mappings on accelerators and on Eyeriss, whose seed is replaced.
        seeds: the seeds of the repeats.
        is_ignorant: whether neither side knows Eyeriss's dataflow: then mappings have no hints, and
            Eyeriss is mapped freely as well.
    """
    baselines, searches = [], []
    searched, dataflow = setting, ROW_STATIONARY
    if is_ignorant:
        chip = replace(setting.chip, dataflows={FREE.name: FREE})
        searched, dataflow = replace(setting, chip=chip), FREE.name
    for seed in seeds:
        hardware, mappings = (replace(search, seed=seed) for search in (outer, inner))
        # A design would have to be a point of the shipped template, which a variant may not be.
        baseline = map_baseline(searched, mappings, dataflow, keeps_design=False)
        found = search_accelerator(searched, hardware, mappings, keeps_design=False)
        baselines.append(baseline.trials)
        searches.append(found.trials)
    pairs = r1.pairs(pd.concat(baselines), pd.concat(searches), find_optima(setting))
    return pairs.merge(floors(setting), on=["model", "reading"])


def with_clusters(setting: Setting, clusters: Sequence[int]) -> Setting:
    """The setting with other cluster sizes of the global buffer to choose from (H10)."""
    template = setting.chip.template.choosing("H10", clusters)
    return replace(setting, chip=replace(setting.chip, template=template))


def with_partial_clusters(setting: Setting) -> Setting:
    """The setting in which the cluster size need not divide the number of global buffers."""
    template = setting.chip.template.without(WHOLE_CLUSTERS)
    return replace(setting, chip=replace(setting.chip, template=template))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the stage."""
    parser.add_argument("--assumption", required=True, help="its name in tables")
    add_settings(parser)
    parser.add_argument("--models", nargs="+", required=True, help="their names in the study")
    parser.add_argument("--clusters", type=int, nargs="*", default=[], help="values of H10")
    parser.add_argument("--partial-clusters", action="store_true", help="H10 need not divide H6")
    parser.add_argument("--dram-bandwidth", type=float, help="words per cycle; none: no limit")
    parser.add_argument("--ignorant", action="store_true", help="neither side knows the dataflow")
    add_searches(parser)
    parser.add_argument("--seeds", type=int, nargs="+", required=True)
    parser.add_argument("--output", type=Path, required=True)


def run(options: argparse.Namespace) -> None:
    """Writes the pairs of all models."""
    parts = []
    for model, setting in zip(options.models, read_settings(options), strict=True):
        setting = replace(setting, workload=replace(setting.workload, name=model))
        if options.clusters:
            setting = with_clusters(setting, options.clusters)
        if options.partial_clusters:
            setting = with_partial_clusters(setting)
        if options.dram_bandwidth is not None:
            setting = with_dram_bandwidth(setting, options.dram_bandwidth)
        searches = read_searches(options)
        parts.append(compare(setting, *searches, options.seeds, options.ignorant))
    table = pd.concat(parts, ignore_index=True)
    table.insert(0, "assumption", options.assumption)
    write(table, options.output, options, __name__)
