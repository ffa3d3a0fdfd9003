# B1: TPE with constraints beside Hyperopt as it comes.


rule tabulate_b1:
    input:
        mapping=mappings_of("B1"),
        optima=optima_of("B1"),
        hardware=accelerators_of("B1"),
    output:
        curves="<results>/tables/B1.curves.parquet",
        table="<results>/tables/B1.parquet",
    log:
        "<logs>/tables/B1.log",
    localrule: True
    params:
        seeds=mapping_needs(config, "B1").seeds,
        seed=config["seed"],
        code=digest("codesign.study.results.b1.table"),
    shell:
        "python -m codesign.study b1 --mapping {input.mapping} --mapping-seeds {params.seeds}"
        " --optima {input.optima} --hardware {input.hardware} --seed {params.seed}"
        " --curves {output.curves} --output {output.table} > {log} 2>&1"
