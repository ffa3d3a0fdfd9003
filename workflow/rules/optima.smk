# Proven optima: the best mapping of every layer in a map-space. There is one job per model: a layer
# takes a fraction of a second within row-stationary, and some seconds in a free map-space.


rule prove_optima:
    input:
        layers="<results>/workloads/{model}.parquet",
        hardware=space_hardware,
        technology=technology_file,
    output:
        optima="<results>/optima/{space}/{model}.parquet",
    log:
        "<logs>/optima/{space}.{model}.log",
    resources:
        mem_mb=2000,
        runtime=120,
    params:
        accounting=config["accounting"],
        dataflow=space_dataflow,
        code=digest("codesign.study.searches.optima", methods=frozenset()),
    shell:
        stage(
            "optima",
            **SETTING,
            **SPACE,
            output="output.optima",
        )
