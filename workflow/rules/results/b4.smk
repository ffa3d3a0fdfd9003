# B4: pairs of methods, compared in R2's and R3's searches.


rule tabulate_b4:
    input:
        mapping=mappings_of("B4"),
        optima=optima_of("B4"),
        hardware=accelerators_of("B4"),
    output:
        ranks="<results>/tables/B4.ranks.parquet",
        anytime="<results>/tables/B4.anytime.parquet",
        table="<results>/tables/B4.parquet",
    log:
        "<logs>/tables/B4.log",
    localrule: True
    params:
        code=digest("codesign.study.results.b4.table", methods=frozenset()),
    shell:
        stage(
            "b4",
            mapping="input.mapping",
            optima="input.optima",
            hardware="input.hardware",
            ranks="output.ranks",
            anytime="output.anytime",
            output="output.table",
        )
