# What the rules share: the checked config, and functions that name files and code.

import hashlib
import json
import os
import shlex
import sys
import time
from pathlib import Path

from codesign.errors import InputError
from codesign.search.settings import Search
from codesign.shipped import find
from codesign.study.running.needs import (
    hardware_needs,
    hardware_spaces,
    hardware_union,
    map_spaces,
    mapping_needs,
    mapping_union,
    networks,
)
from codesign.study.running.provenance import COMMAND, STARTED, plain_command
from codesign.study.registry import GROUPS, caption_file, figure_modules, figures, folder_of
from codesign.study.registry import modules_of, owner, shown_tables, tables
from codesign.study.registry import RESULTS as REGISTRY
from codesign.study.running.search_options import search_options
from codesign.study.running.settings import check_settings, load_schema
from codesign.study.running.sources import digest
from codesign.study.spaces import BASELINES, ROW_STATIONARY, hardware_name

# Rules call the `python` that runs Snakemake, whether or not its environment is activated.
shell.prefix(f"PATH={shlex.quote(str(Path(sys.executable).parent))}:$PATH; ")


def as_one_name(path):
    """The name or path of a chip as the name of one file."""
    return path.replace(os.sep, "_")


def config_file():
    """The config file in use, as a user would write it."""
    files = [str(path).removeprefix(f"{Path.cwd()}/") for path in workflow.configfiles]
    return files[-1] if files else "config"


def check_config():
    """Fills defaults into the config; ends with one sentence if the config is wrong."""
    schema = load_schema(workflow.source_path("../schemas/config.schema.yaml"))
    try:
        check_settings(config, schema, config_file())
    except InputError as error:
        # For any other exception, Snakemake would also print lines of code.
        sys.exit(f"Error: {error}")


check_config()

# For the report, which says how it was made. Rules must not depend on it, so it is not in params.
os.environ.setdefault(COMMAND, plain_command(sys.argv, Path.cwd()))
os.environ.setdefault(STARTED, str(time.time()))

MODELS = list(config["models"])
NETWORKS = networks(config)
SPACES = map_spaces(config)
HARDWARE_SPACES = hardware_spaces(config)
SEEDS = list(range(config["seed"], config["seed"] + config["seeds"]))
RESULTS = config["results"]
MAPPING_SEARCH = Search(config["mapper"], config["trials"]["mapping"])

# Results with the table of the shared comparison. They do not need a rule of their own.
COMPARED = {
    result: declared
    for result, declared in REGISTRY.items()
    if declared.arms and len(modules_of(result, "table")) > 1
}

MAPPED = [result for result in RESULTS if REGISTRY[result].mapping]
"""The results that compare mapping searches."""

OTHER_MAPPINGS = []
"""Functions that name mapping searches of single results. The rules of these results add them."""


SETTING = {
    "layers": "input.layers",
    "hardware": "input.hardware",
    "technology": "input.technology",
    "accounting": "params.accounting",
}
"""Options that most searches have."""

SPACE = {"space": "wildcards.space", "dataflow": "params.dataflow"}
"""Options of what is done in a map-space."""


def stage(name, *more, **options):
    """The shell command of a stage. Its output goes to the rule's log.

    Every word is quoted, because a name in a config may contain spaces or any other character.

    Args:
        name: of the stage.
        more: fields of the rule that contain whole options (`params.flags`), or a flag itself.
        options: the other options, each with the field of the rule that has its value.
    """
    words = [f"--{option.replace('_', '-')} {{{field}:q}}" for option, field in options.items()]
    words += [word if word.startswith("--") else f"{{{word}:q}}" for word in more]
    return " ".join(["python -m codesign.study", name, *words, "> {log:q} 2>&1"])


def mapping_search(wildcards):
    """The options of a mapping search by a method."""
    return search_options(Search(wildcards.method, config["trials"]["mapping"]))


def hardware_search(wildcards):
    """The options of a hardware search by a method, with the mapping searches inside."""
    most = hardware_space(wildcards).get("mapping_trials", config["trials"]["mapping"])
    inner = Search(hardware_mapper(wildcards), most)
    return search_options(Search(wildcards.method, config["trials"]["hardware"]), inner)


def hardware_mapper(wildcards):
    """The method that maps the layers inside the searches of a hardware space."""
    return hardware_space(wildcards).get("mapper", config["mapper"])


def hardware_space(wildcards):
    """The fields of a hardware space in the config; that of the baselines has none."""
    return config["hardware_spaces"].get(wildcards.hardware_space, {})


def hardware_space_file(wildcards):
    """The YAML of the chip that names a hardware space."""
    source = hardware_space(wildcards).get("hardware")
    return hardware_file(wildcards) if source is None else str(find("hardware", source))


def hardware_space_options(wildcards):
    """The options of a hardware space: its name in tables, and the bandwidth of its DRAM."""
    words = hardware_space(wildcards).get("dram_words")
    options = ["--space", hardware_name(wildcards.hardware_space)]
    return options if words is None else [*options, "--dram-bandwidth", str(words)]


def workload_file(wildcards):
    """The YAML of a model's network."""
    return str(find("workloads", NETWORKS[wildcards.model]))


def hardware_file(wildcards):
    """The YAML of a model's baseline accelerator."""
    return str(find("hardware", config["models"][wildcards.model]["baseline"]))


def space_hardware(wildcards):
    """The YAML of the accelerator of a map-space."""
    if wildcards.space == ROW_STATIONARY:
        return hardware_file(wildcards)
    return str(find("hardware", config["map_spaces"][wildcards.space]["hardware"]))


def space_dataflow(wildcards):
    """The dataflow that mappings follow in a map-space."""
    return config["map_spaces"].get(wildcards.space, {}).get("dataflow", ROW_STATIONARY)


def hardware_files(wildcards):
    """The YAMLs of all models' baselines, in the order of the models."""
    return [str(find("hardware", model["baseline"])) for model in config["models"].values()]


def technology_file(wildcards):
    """The YAML of the energy table."""
    return str(find("technology", config["technology"]))


def mapping_searches(wildcards):
    """All mapping searches that the results need."""
    searches = [mapping_trials(*search) for search in mapping_union(config)]
    return searches + [path for more in OTHER_MAPPINGS for path in more(wildcards)]


def hardware_searches(wildcards):
    """All hardware searches that the results need."""
    return [
        hardware_trials(*search, seed)
        for search, seeds in hardware_union(config).items()
        for seed in seeds
    ]


def mappings_of(result):
    """The trials of the mapping searches of a result."""
    needs = mapping_needs(config, result)
    return [mapping_trials(*case, method) for case in needs.cases for method in needs.methods]


def accelerators_of(result):
    """The trials of the hardware searches of a result."""
    needs = hardware_needs(config, result)
    return [
        hardware_trials(space, model, method, seed)
        for space, model in needs.cases
        for method in needs.methods
        for seed in needs.seeds[space]
    ]


def baseline_accelerators_of(result):
    """The trials of the hardware searches of a result in the spaces of the models' baselines."""
    found = f"<results>/hardware/{BASELINES}/"
    return [path for path in accelerators_of(result) if path.startswith(found)]


def compared_seeds(result):
    """The seeds of the mapping searches of a result; some map-spaces may have fewer."""
    return max(mapping_needs(config, result).seeds.values(), key=len)


def optima_of(result):
    """The proven optima of the layers that a result maps."""
    cases = mapping_needs(config, result).cases
    return [f"<results>/optima/{space}/{model}.parquet" for space, model in cases]


def mapping_trials(space, model, method):
    """The trials of a model's mapping searches by a method, with all seeds that are needed."""
    return f"<results>/mapping/{space}/{model}/{method}/trials.parquet"


def hardware_trials(space, model, method, seed):
    """The trials of one hardware search."""
    return f"<results>/hardware/{space}/{model}/{method}/{seed}/trials.parquet"


def mapping_seeds(wildcards):
    """The seeds of the mapping searches of a model by a method: those that results need, or all."""
    search = wildcards.space, wildcards.model, wildcards.method
    return mapping_union(config).get(search, SEEDS)


def drawings(results):
    """The figures of `results`, each with the table that it shows."""
    return {name: table for result in results for name, table in figures(result).items()}


def shown(results):
    """The tables of `results` that the report shows."""
    return [name for result in results for name in shown_tables(result)]


def figure_code(figure):
    """The code of a figure."""
    modules = ("codesign.study.report.draw", *figure_modules(figure))
    return digest(*modules, methods=frozenset(), looks=True)


def baseline_runs(wildcards):
    """R1: every model on its baseline, once per seed."""
    return collect(
        "<results>/baselines/{model}/{method}/{seed}/layers.parquet",
        model=MODELS,
        method=config["mapper"],
        seed=SEEDS,
    )


def baseline_designs(wildcards):
    """R8: the mappings behind `baseline_runs`."""
    return [path.replace("layers.parquet", "design.yaml") for path in baseline_runs(wildcards)]


def optima_tables(wildcards):
    """R1: the proven optima of every model's layers on its baseline, row-stationary."""
    return collect("<results>/optima/{space}/{model}.parquet", space=ROW_STATIONARY, model=MODELS)


def all_optima(wildcards):
    """The proven optima that the results need: of the baselines, if accelerators are searched."""
    needed = [path for owner in MAPPED for path in optima_of(owner)]
    if hardware_searches(wildcards):
        needed += optima_tables(wildcards)
    return list(dict.fromkeys(needed))


def bound_tables(wildcards):
    """R1, R3: what no accelerator of the models' budgets goes below."""
    return collect("<results>/bounds/{model}.parquet", model=MODELS)


def result_files(result):
    """The tables and the figure of a result."""
    drawn = collect("<results>/figures/{name}.{kind}", name=figures(result), kind=["pdf", "png"])
    return collect("<results>/tables/{name}.parquet", name=tables(result)) + drawn


def all_result_files(wildcards):
    """The tables and figures of all results."""
    return [path for result in RESULTS for path in result_files(result)]


def figure_files(wildcards):
    """The figures of all results."""
    return collect("<results>/figures/{name}.{kind}", name=drawings(RESULTS), kind=["pdf", "png"])


def mapping_code(wildcards):
    """The code that a mapping search runs."""
    return digest("codesign.study.searches.mapping", methods=frozenset({wildcards.method}))


def baseline_code(wildcards):
    """The code that maps a network on its baseline."""
    return digest("codesign.study.searches.baselines", methods=frozenset({wildcards.method}))


def hardware_code(wildcards):
    """The code that a hardware search runs, its mapper included."""
    methods = frozenset({wildcards.method, hardware_mapper(wildcards)})
    return digest("codesign.study.searches.hardware", methods=methods)


def caption_texts():
    """A hash of the captions, which are files of the package like code."""
    texts = [caption_file(figure).read_bytes() for figure in drawings(RESULTS)]
    return hashlib.sha256(b"".join(texts)).hexdigest()[:16]


def summary_code():
    """The code that makes the summary: every result has claims of its own."""
    claims = [module for result in RESULTS for module in modules_of(result, "claims")]
    return digest("codesign.study.report.summary", *claims)


def report_code():
    """The code that makes the report: every result has a title and views of its own."""
    views = [module for result in RESULTS for module in modules_of(result, "view")]
    return digest("codesign.study.report", *map(folder_of, RESULTS), *views)


def sampled_searches(wildcards):
    """The searches by R6's sampler."""
    return [path for more in OTHER_MAPPINGS for path in more(wildcards)]


def compared_mappings(wildcards):
    """All other mapping searches."""
    return [mapping_trials(*search) for search in mapping_union(config)]
