# B6: the cost model against Timeloop's answers.


include: "b6_inputs.smk"


rule compare_records:
    input:
        records=record_files,
    output:
        records="<results>/tables/B6.records.parquet",
        table="<results>/tables/B6.parquet",
    log:
        "<logs>/tables/B6.log",
    resources:
        mem_mb=2000,
        runtime=15,
    params:
        folder=config["B6"]["records"],
        every=config["B6"]["every"],
        code=digest("codesign.study.results.b6.table"),
    shell:
        stage(
            "b6",
            folder="params.folder",
            every="params.every",
            records="output.records",
            output="output.table",
        )
