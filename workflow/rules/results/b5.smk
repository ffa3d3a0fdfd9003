# B5: R1 under other assumptions, one accelerator for all models, and fronts.


include: "b5_inputs.smk"


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
        searches=variant_searches,
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
        baselines=baseline_runs,
        bounds=bound_tables,
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
        ranking="<results>/tables/B5.ranking.parquet",
        crossings="<results>/tables/B5.crossings.parquet",
        fronts="<results>/tables/B5.fronts.parquet",
    log:
        "<logs>/tables/B5.log",
    localrule: True
    params:
        method=config["R1"]["method"],
        stops=B5["weak"],
        code=digest("codesign.study.results.b5.table"),
    shell:
        stage(
            "b5",
            method="params.method",
            baselines="input.baselines",
            bounds="input.bounds",
            variants="input.variants",
            weak="input.weak",
            stops="params.stops",
            generality="input.generality",
            searches="input.searches",
            optima="input.optima",
            hardware="input.hardware",
            technology="input.technology",
            ranking="output.ranking",
            crossings="output.crossings",
            fronts="output.fronts",
            output="output.table",
        )
