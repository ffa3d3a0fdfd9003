# R5: the weight of the deviation in the lower confidence bound.


rule tabulate_r5:
    input:
        mapping=mappings_of("R5"),
        optima=optima_of("R5"),
        hardware=accelerators_of("R5"),
    output:
        table="<results>/tables/R5.parquet",
    log:
        "<logs>/tables/R5.log",
    localrule: True
    params:
        seeds=compared_seeds("R5"),
        code=digest("codesign.study.results.r5.table"),
    shell:
        stage(
            "r5",
            mapping="input.mapping",
            mapping_seeds="params.seeds",
            optima="input.optima",
            hardware="input.hardware",
            output="output.table",
        )
