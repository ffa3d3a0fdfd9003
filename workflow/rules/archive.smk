# The archive of a run: report, tables, figures, designs, and how they were made. It is not in the
# run's folder, so that a clone does not mistake committed results for results made there.


rule archive_run:
    input:
        page="<results>/report.html",
        provenance="<results>/provenance.json",
        config="<results>/config.json",
        summary="<results>/summary.parquet",
        progress="<results>/progress.parquet",
        results=all_result_files,
    output:
        checksums="<results>/SHA256SUMS",
    log:
        "<logs>/archive.log",
    localrule: True
    params:
        config_file=config_file(),
        folder=f"results/archive/{config['name']}",
        code=digest("codesign.study.report.archive"),
    shell:
        stage(
            "archive",
            summary="input.summary",
            config="params.config_file",
            folder="params.folder",
            output="output.checksums",
        )
