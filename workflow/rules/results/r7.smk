# R7: shares of valid draws.


rule draw_points:
    input:
        layers="<results>/workloads/{model}.parquet",
        hardware=hardware_file,
        technology=technology_file,
    output:
        shares="<results>/feasibility/{model}.parquet",
    log:
        "<logs>/feasibility/{model}.log",
    resources:
        mem_mb=1000,
        runtime=60,
    params:
        accounting=config["accounting"],
        draws=config["R7"]["draws"],
        seed=config["seed"],
        code=digest("codesign.study.results.r7.table", methods=frozenset()),
    shell:
        stage(
            "r7",
            **SETTING,
            draws="params.draws",
            seed="params.seed",
            output="output.shares",
        )


rule tabulate_r7:
    input:
        shares=collect("<results>/feasibility/{model}.parquet", model=MODELS),
    output:
        table="<results>/tables/R7.parquet",
    log:
        "<logs>/tables/R7.log",
    localrule: True
    params:
        code=digest("codesign.study.running.gather"),
    shell:
        stage(
            "gather",
            tables="input.shares",
            output="output.table",
        )
