# Proven optima: the best mapping there is for every layer on the baseline. One job a model, since
# a layer's row-stationary map-space is priced in a fraction of a second.


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
