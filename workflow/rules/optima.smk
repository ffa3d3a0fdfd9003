# Proven optima: the best mapping of every layer on the baseline. There is one job per model,
# because the row-stationary map-space of a layer is priced in a fraction of a second.


rule prove_optima:
    input:
        layers="<results>/workloads/{model}.parquet",
        hardware=hardware_file,
        technology=technology_file,
    output:
        optima="<results>/optima/{model}.parquet",
    log:
        "<logs>/optima/{model}.log",
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        accounting=config["accounting"],
        code=digest("codesign.study.searches.optima", methods=frozenset()),
    shell:
        stage(
            "optima",
            **SETTING,
            output="output.optima",
        )
