# R6: the paper's method, compared with Timeloop's mapper with many times as many evaluations.


include: "r6_inputs.smk"


rule sample_mappings:
    input:
        layers="<results>/workloads/{model}.parquet",
        hardware=space_hardware,
        technology=technology_file,
    output:
        trials="<results>/sampled/{space}/{model}/{method}/trials.parquet",
        timings="<results>/sampled/{space}/{model}/{method}/timings.parquet",
    log:
        "<logs>/sampled/{space}.{model}.{method}.log",
    resources:
        mem_mb=1000,
        runtime=120,
    params:
        accounting=config["accounting"],
        dataflow=space_dataflow,
        search=sampling_search,
        seeds=sampling_seeds,
        code=mapping_code,
    shell:
        stage(
            "mapping",
            "--improving-only",
            "params.search",
            **SETTING,
            **SPACE,
            seeds="params.seeds",
            output="output.trials",
            timings="output.timings",
        )


rule tabulate_r6:
    input:
        trials=mappings_of("R6"),
        sampled=sampled_mappings,
        optima=optima_of("R6"),
    output:
        table="<results>/tables/R6.parquet",
    log:
        "<logs>/tables/R6.log",
    localrule: True
    params:
        multiples=config["R6"]["multiples"],
        code=digest("codesign.study.results.r6.table"),
    shell:
        stage(
            "r6",
            trials="input.trials",
            sampled="input.sampled",
            optima="input.optima",
            multiples="params.multiples",
            output="output.table",
        )
