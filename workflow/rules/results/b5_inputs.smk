# B5: its assumptions, and the files and options of each.

B5 = config["B5"]
B5_SEEDS = SEEDS[: B5["seeds"]]
B5_OTHERS = {
    Path(source).stem: (model, source)
    for model, sources in B5["workloads"].items()
    for source in sources
}


def b5_variants():
    """Every assumption that needs searches: its name in tables, and what differs from R1."""
    variants = {}
    for method in B5["ignorant"]:
        name = f"neither side knows row-stationary, mapped by {method}"
        variants[f"ignorant-{method}"] = {"name": name, "flags": ["--ignorant"], "mapper": method}
    for words in B5["dram_words"]:
        flags = ["--dram-bandwidth", str(words)]
        variants[f"dram-{words:g}"] = {"name": f"DRAM of {words:g} words per cycle", "flags": flags}
    for source in B5["technologies"]:
        stem = Path(source).stem
        variants[f"table-{stem}"] = {"name": f"energy table {stem}", "technology": source}
    if B5["clusters"] != [1]:
        sizes = {"clusters": B5["clusters"]}
        name = "accounting, H10 free"
        variants["exact"] = sizes | {"name": f"exact {name}", "accounting": "exact"}
        variants["gift"] = sizes | {"name": f"timeloop {name}", "accounting": "timeloop"}
    for stem in B5_OTHERS:
        variants[f"layers-{stem}"] = {"name": f"layers of {stem}", "layers": stem}
    return variants


VARIANTS = b5_variants()
B5_SEARCHES = search_options(
    Search(config["R1"]["method"], B5["trials"]["hardware"]),
    Search(config["mapper"], B5["trials"]["mapping"]),
)


def front_searches(wildcards):
    """R1's hardware searches, and R3's if a result needs them."""
    wanted = set(hardware_searches(wildcards))
    own = [search for search in baseline_accelerators_of("R3") if search in wanted]
    return list(dict.fromkeys(accelerators_of("B5") + own))


def variant_models(wildcards):
    """The models that an assumption is about."""
    stem = VARIANTS[wildcards.variant].get("layers")
    return MODELS if stem is None else [B5_OTHERS[stem][0]]


def variant_layers(wildcards):
    """The tables of their layers."""
    stem = VARIANTS[wildcards.variant].get("layers")
    if stem is None:
        return collect("<results>/workloads/{model}.parquet", model=MODELS)
    return f"<results>/B5/layers/{stem}.parquet"


def variant_hardware(wildcards):
    """The YAMLs of their baselines."""
    models = variant_models(wildcards)
    return [str(find("hardware", config["models"][model]["baseline"])) for model in models]


def variant_technology(wildcards):
    """The YAML of the energy table."""
    return str(
        find("technology", VARIANTS[wildcards.variant].get("technology", config["technology"]))
    )


def variant_searches(wildcards):
    """The searches of an assumption: those of R1, except for the method that maps."""
    method = VARIANTS[wildcards.variant].get("mapper", config["mapper"])
    outer = Search(config["R1"]["method"], config["trials"]["hardware"])
    return search_options(outer, Search(method, config["trials"]["mapping"]))


def variant_options(wildcards):
    """The other options of an assumption."""
    options = VARIANTS[wildcards.variant]
    words = ["--accounting", options.get("accounting", config["accounting"])]
    if "clusters" in options:
        words += ["--clusters", *map(str, options["clusters"])]
        words += ["--partial-clusters"] if options["accounting"] == "timeloop" else []
    return words + options.get("flags", [])


def b5_code(module):
    """The code of a stage with the methods of B5's searches."""
    methods = frozenset(
        {config["R1"]["method"], config["mapper"], *B5["weak_methods"], *B5["ignorant"]}
    )
    return digest(module, methods=methods)


def b5_chips():
    """The accelerators whose budgets all models share, by name."""
    sources = B5["budgets"] or [model["baseline"] for model in config["models"].values()]
    return {Path(source).stem: str(find("hardware", source)) for source in sources}
