# B5: fronts, one accelerator for all models, and R1 under other assumptions.

B5 = config["B5"]
B5_SEEDS = SEEDS[: B5["seeds"]]
B5_OTHERS = {
    Path(source).stem: (model, source)
    for model, sources in B5["workloads"].items()
    for source in sources
}


def b5_variants():
    """Every assumption: its name in tables, and the options in which it differs from R1."""
    variants = {"as-r1": {"name": "as R1"}}
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
    """R1's hardware searches, and R3's where some result needs them."""
    wanted = set(hardware_searches(wildcards))
    own = [search for search in accelerators_of("R3") if search in wanted]
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


def variant_options(wildcards):
    """The other options of an assumption."""
    options = VARIANTS[wildcards.variant]
    words = ["--accounting", options.get("accounting", config["accounting"])]
    if "clusters" in options:
        words += ["--clusters", *map(str, options["clusters"])]
        words += ["--partial-clusters"] if options["accounting"] == "timeloop" else []
    return words


def b5_code(module):
    """The code of a stage with the methods of B5's searches."""
    methods = frozenset({config["R1"]["method"], config["mapper"], *B5["weak_methods"]})
    return digest(module, methods=methods)


def b5_chips():
    """The accelerators whose budgets all models share, by name."""
    sources = B5["budgets"] or [model["baseline"] for model in config["models"].values()]
    return {Path(source).stem: str(find("hardware", source)) for source in sources}


rule extract_other_workload:
    input:
        workload=lambda wildcards: str(find("workloads", B5_OTHERS[wildcards.other][1])),
    output:
        layers="<results>/B5/layers/{other}.parquet",
    log:
        "<logs>/B5/layers/{other}.log",
    localrule: True
    params:
        code=digest("codesign.study.searches.workloads"),
    shell:
        stage(
            "workloads",
            model="wildcards.other",
            workload="input.workload",
            output="output.layers",
        )


rule search_variant:
    input:
        layers=variant_layers,
        hardware=variant_hardware,
        technology=variant_technology,
    output:
        pairs="<results>/B5/variants/{variant}.parquet",
    log:
        "<logs>/B5/variants/{variant}.log",
    resources:
        mem_mb=1000,
        runtime=240,
    params:
        name=lambda wildcards: VARIANTS[wildcards.variant]["name"],
        models=variant_models,
        options=variant_options,
        searches=B5_SEARCHES,
        seeds=B5_SEEDS,
        code=b5_code("codesign.study.results.b5.variants"),
    shell:
        stage(
            "variants",
            "params.options",
            "params.searches",
            assumption="params.name",
            layers="input.layers",
            models="params.models",
            hardware="input.hardware",
            technology="input.technology",
            seeds="params.seeds",
            output="output.pairs",
        )


rule map_weakly:
    input:
        layers=rules.workloads.input,
        hardware=hardware_files,
        technology=technology_file,
    output:
        weak="<results>/B5/weak.parquet",
    log:
        "<logs>/B5/weak.log",
    resources:
        mem_mb=1000,
        runtime=60,
    params:
        accounting=config["accounting"],
        methods=B5["weak_methods"],
        trials=max(B5["weak"]),
        seeds=SEEDS,
        code=b5_code("codesign.study.results.b5.weak"),
    shell:
        stage(
            "weak",
            **SETTING,
            methods="params.methods",
            trials="params.trials",
            seeds="params.seeds",
            output="output.weak",
        )


rule share_accelerator:
    input:
        layers=rules.workloads.input,
        hardware=lambda wildcards: b5_chips()[wildcards.chip],
        technology=technology_file,
    output:
        shared="<results>/B5/generality/{chip}/{seed}.parquet",
    log:
        "<logs>/B5/generality/{chip}.{seed}.log",
    resources:
        mem_mb=1000,
        runtime=240,
    params:
        accounting=config["accounting"],
        searches=B5_SEARCHES,
        code=b5_code("codesign.study.results.b5.generality"),
    shell:
        stage(
            "generality",
            "params.searches",
            **SETTING,
            seed="wildcards.seed",
            output="output.shared",
        )


rule tabulate_b5:
    input:
        variants=collect("<results>/B5/variants/{variant}.parquet", variant=VARIANTS),
        weak="<results>/B5/weak.parquet",
        generality=collect(
            "<results>/B5/generality/{chip}/{seed}.parquet", chip=b5_chips(), seed=B5_SEEDS
        ),
        searches=front_searches,
        optima=optima_tables,
        hardware=hardware_files,
        technology=technology_file,
    output:
        table="<results>/tables/B5.parquet",
        crossings="<results>/tables/B5.crossings.parquet",
        fronts="<results>/tables/B5.fronts.parquet",
        figure="<results>/tables/B5.figure.parquet",
    log:
        "<logs>/tables/B5.log",
    localrule: True
    params:
        stops=B5["weak"],
        seed=config["seed"],
        code=digest("codesign.study.results.b5.table"),
    shell:
        stage(
            "b5",
            variants="input.variants",
            weak="input.weak",
            stops="params.stops",
            generality="input.generality",
            searches="input.searches",
            optima="input.optima",
            hardware="input.hardware",
            technology="input.technology",
            seed="params.seed",
            crossings="output.crossings",
            fronts="output.fronts",
            figure="output.figure",
            output="output.table",
        )
