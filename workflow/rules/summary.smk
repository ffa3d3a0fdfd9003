# The summary: every number of the paper beside ours.


rule summarise:
    input:
        tables=collect("<results>/tables/{result}.parquet", result=RESULTS),
    output:
        summary="<results>/summary.parquet",
    log:
        "<logs>/tables/summary.log",
    localrule: True
    params:
        trials=config["trials"],
        seeds=config["seeds"],
        code=summary_code(),
    shell:
        stage(
            "summary",
            tables="input.tables",
            hardware_trials="params.trials[hardware]",
            mapping_trials="params.trials[mapping]",
            seeds="params.seeds",
            output="output.summary",
        )
