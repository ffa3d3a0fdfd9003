# Mapping search in a map-space. One job covers all layers and seeds, because each takes
# milliseconds, less than starting a job.


rule search_mappings:
    input:
        layers="<results>/workloads/{model}.parquet",
        hardware=space_hardware,
        technology=technology_file,
    output:
        trials="<results>/mapping/{space}/{model}/{method}/trials.parquet",
        timings="<results>/mapping/{space}/{model}/{method}/timings.parquet",
    log:
        "<logs>/mapping/{space}.{model}.{method}.log",
    resources:
        mem_mb=1000,
        runtime=120,
    params:
        accounting=config["accounting"],
        dataflow=space_dataflow,
        search=mapping_search,
        seeds=mapping_seeds,
        code=mapping_code,
    shell:
        stage(
            "mapping",
            "params.search",
            **SETTING,
            **SPACE,
            seeds="params.seeds",
            output="output.trials",
            timings="output.timings",
        )
