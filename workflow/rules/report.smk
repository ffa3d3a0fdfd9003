# The report: one page with all figures and the summary, which needs no other file.


rule write_report:
    input:
        summary="<results>/summary.parquet",
        tables=collect("<results>/tables/{name}.parquet", name=shown(RESULTS)),
        figures=collect("<results>/figures/{name}.png", name=drawings(RESULTS)),
        points=collect("<results>/figures/{name}.json", name=drawings(RESULTS)),
        introduction="workflow/report/workflow.rst",
    output:
        page="<results>/report.html",
        config="<results>/config.json",
        provenance="<results>/provenance.json",
    log:
        "<logs>/report.log",
    localrule: True
    params:
        config=json.dumps(config),
        logs=f"logs/{config['name']}",
        captions=caption_texts(),
        code=report_code(),
    shell:
        stage(
            "report",
            summary="input.summary",
            tables="input.tables",
            figures="input.figures",
            introduction="input.introduction",
            config="params.config",
            config_file="output.config",
            logs="params.logs",
            provenance="output.provenance",
            output="output.page",
        )
