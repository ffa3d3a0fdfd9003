# R1: the best designs of the hardware searches, compared with Eyeriss.


rule tabulate_r1:
    input:
        baselines=baseline_runs,
        optima=optima_tables,
        bounds=bound_tables,
        searches=accelerators_of("R1"),
    output:
        pairs="<results>/tables/R1.pairs.parquet",
        table="<results>/tables/R1.parquet",
    log:
        "<logs>/tables/R1.log",
    localrule: True
    params:
        code=digest("codesign.study.results.r1.table"),
    shell:
        stage(
            "r1",
            baselines="input.baselines",
            optima="input.optima",
            bounds="input.bounds",
            searches="input.searches",
            pairs="output.pairs",
            output="output.table",
        )
