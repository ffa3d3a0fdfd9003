# The progress of all searches, which an archive keeps in place of their trials.


rule keep_progress:
    input:
        mapping=compared_mappings,
        sampled=sampled_searches,
        hardware=hardware_searches,
        optima=all_optima,
    output:
        progress="<results>/progress.parquet",
        optima="<results>/optima.parquet",
    log:
        "<logs>/progress.log",
    localrule: True
    params:
        technology=config["technology"],
        accounting=config["accounting"],
        code=digest("codesign.study.report.progress"),
    shell:
        stage(
            "progress",
            mapping="input.mapping",
            sampled="input.sampled",
            hardware="input.hardware",
            optima="input.optima",
            technology="params.technology",
            accounting="params.accounting",
            all_optima="output.optima",
            output="output.progress",
        )
