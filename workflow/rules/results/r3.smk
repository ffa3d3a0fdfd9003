# R3: methods of hardware search, compared.


rule tabulate_r3:
    input:
        hardware=accelerators_of("R3"),
        bounds=bound_tables,
    output:
        curves="<results>/tables/R3.curves.parquet",
        table="<results>/tables/R3.parquet",
    log:
        "<logs>/tables/R3.log",
    localrule: True
    params:
        code=digest("codesign.study.results.r3.table"),
    shell:
        stage(
            "r3",
            hardware="input.hardware",
            bounds="input.bounds",
            curves="output.curves",
            output="output.table",
        )
