# Baselines: a network on its baseline, mapped with the budget that a search gives its candidates.


rule map_baseline:
    input:
        layers="<results>/workloads/{model}.parquet",
        hardware=hardware_file,
        technology=technology_file,
    output:
        layers="<results>/baselines/{model}/{method}/{seed}/layers.parquet",
        timings="<results>/baselines/{model}/{method}/{seed}/timings.parquet",
        design="<results>/baselines/{model}/{method}/{seed}/design.yaml",
    log:
        "<logs>/baselines/{model}.{method}.{seed}.log",
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        accounting=config["accounting"],
        search=mapping_search,
        code=baseline_code,
    shell:
        stage(
            "baselines",
            "params.search",
            **SETTING,
            seed="wildcards.seed",
            output="output.layers",
            timings="output.timings",
            design="output.design",
        )
