# R4: surrogate and acquisition, on mapping and on hardware search.


rule tabulate_r4:
    input:
        mapping=mappings_of("R4"),
        optima=optima_of("R4"),
        hardware=accelerators_of("R4"),
    output:
        curves="<results>/tables/R4.curves.parquet",
        table="<results>/tables/R4.parquet",
    log:
        "<logs>/tables/R4.log",
    localrule: True
    params:
        seeds=mapping_needs(config, "R4").seeds,
        seed=config["seed"],
        code=digest("codesign.study.results.r4.table"),
    shell:
        "python -m codesign.study r4 --mapping {input.mapping} --mapping-seeds {params.seeds}"
        " --optima {input.optima} --hardware {input.hardware} --seed {params.seed}"
        " --curves {output.curves} --output {output.table} > {log} 2>&1"
