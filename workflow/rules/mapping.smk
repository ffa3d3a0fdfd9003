# Mapping search on the baseline accelerator. One job covers all layers and seeds, because each
# takes milliseconds, less than starting a job.


rule search_mappings:
    input:
        layers="<results>/workloads/{model}.parquet",
        hardware=hardware_file,
        technology=technology_file,
    output:
        trials="<results>/mapping/{model}/{method}/trials.parquet",
        timings="<results>/mapping/{model}/{method}/timings.parquet",
    log:
        "<logs>/mapping/{model}.{method}.log",
    resources:
        mem_mb=1000,
        runtime=120,
    params:
        accounting=config["accounting"],
        search=mapping_search,
        seeds=mapping_seeds,
        code=mapping_code,
    shell:
        stage(
            "mapping",
            "params.search",
            **SETTING,
            seeds="params.seeds",
            output="output.trials",
            timings="output.timings",
        )
