# Hardware search: one job is one whole search, with the mapping searches inside.


rule search_hardware:
    input:
        layers="<results>/workloads/{model}.parquet",
        hardware=hardware_space_file,
        technology=technology_file,
    output:
        trials="<results>/hardware/{hardware_space}/{model}/{method}/{seed}/trials.parquet",
        timings="<results>/hardware/{hardware_space}/{model}/{method}/{seed}/timings.parquet",
        design="<results>/hardware/{hardware_space}/{model}/{method}/{seed}/design.yaml",
    log:
        "<logs>/hardware/{hardware_space}.{model}.{method}.{seed}.log",
    resources:
        mem_mb=1000,
        runtime=240,
    params:
        accounting=config["accounting"],
        search=hardware_search,
        space=hardware_space_options,
        code=hardware_code,
    shell:
        stage(
            "hardware",
            "params.search",
            "params.space",
            **SETTING,
            seed="wildcards.seed",
            output="output.trials",
            timings="output.timings",
            design="output.design",
        )
