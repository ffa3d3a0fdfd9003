# R2: methods of mapping search, compared on the baseline accelerator.


rule tabulate_r2:
    input:
        trials=mappings_of("R2"),
        optima=optima_of("R2"),
    output:
        curves="<results>/tables/R2.curves.parquet",
        table="<results>/tables/R2.parquet",
    log:
        "<logs>/tables/R2.log",
    localrule: True
    params:
        seed=config["seed"],
        code=digest("codesign.study.results.r2.table"),
    shell:
        stage(
            "r2",
            trials="input.trials",
            optima="input.optima",
            seed="params.seed",
            curves="output.curves",
            output="output.table",
        )
