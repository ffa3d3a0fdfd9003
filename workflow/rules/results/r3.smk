# R3: methods of hardware search, compared.


rule tabulate_r3:
    input:
        trials=accelerators_of("R3"),
        bounds=bound_tables,
    output:
        curves="<results>/tables/R3.curves.parquet",
        table="<results>/tables/R3.parquet",
    log:
        "<logs>/tables/R3.log",
    localrule: True
    params:
        seed=config["seed"],
        code=digest("codesign.study.results.r3.table"),
    shell:
        stage(
            "r3",
            trials="input.trials",
            bounds="input.bounds",
            seed="params.seed",
            curves="output.curves",
            output="output.table",
        )
