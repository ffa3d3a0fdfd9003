# B3: {Eyeriss, found} × {row-stationary, free}, mapped alike. One job per model, with all seeds.


rule map_crossed:
    input:
        layers="<results>/workloads/{model}.parquet",
        hardware=hardware_file,
        technology=technology_file,
        designs=collect(
            "<results>/hardware/baselines/{{model}}/{method}/{seed}/design.yaml",
            method=config["R1"]["method"],
            seed=SEEDS,
        ),
    output:
        runs="<results>/crossed/{model}.parquet",
    log:
        "<logs>/crossed/{model}.log",
    resources:
        mem_mb=1000,
        runtime=60,
    params:
        accounting=config["accounting"],
        search=search_options(MAPPING_SEARCH),
        seeds=SEEDS,
        code=digest("codesign.study.results.b3.crossed", methods=frozenset({config["mapper"]})),
    shell:
        stage(
            "crossed",
            "params.search",
            **SETTING,
            designs="input.designs",
            seeds="params.seeds",
            output="output.runs",
        )


rule tabulate_b3:
    input:
        runs=collect("<results>/crossed/{model}.parquet", model=MODELS),
    output:
        runs="<results>/tables/B3.runs.parquet",
        costs="<results>/tables/B3.costs.parquet",
        table="<results>/tables/B3.parquet",
    log:
        "<logs>/tables/B3.log",
    localrule: True
    params:
        code=digest("codesign.study.results.b3.table", methods=frozenset({config["mapper"]})),
    shell:
        stage(
            "b3",
            runs="input.runs",
            all_runs="output.runs",
            costs="output.costs",
            output="output.table",
        )
