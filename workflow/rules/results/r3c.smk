# R3c: hardware search with unknown constraints, one way of handling them against another.


rule tabulate_r3c:
    input:
        hardware=accelerators_of("R3c"),
    output:
        curves="<results>/tables/R3c.curves.parquet",
        table="<results>/tables/R3c.parquet",
    log:
        "<logs>/tables/R3c.log",
    localrule: True
    params:
        seed=config["seed"],
        code=digest("codesign.study.results.r3c.table"),
    shell:
        "python -m codesign.study r3c --hardware {input.hardware} --seed {params.seed}"
        " --curves {output.curves} --output {output.table} > {log} 2>&1"
