# The archive of a run: README and checksums beside what .gitignore lets be committed.


rule archive_run:
    input:
        page="<results>/report.html",
        provenance="<results>/provenance.json",
        config="<results>/config.json",
        summary="<results>/summary.parquet",
        results=all_result_files,
    output:
        readme="<results>/README.md",
        checksums="<results>/SHA256SUMS",
    log:
        "<logs>/archive.log",
    localrule: True
    params:
        config_file=config_file(),
        code=digest("codesign.study.archive"),
    shell:
        "python -m codesign.study archive --summary {input.summary} --config {params.config_file:q}"
        " --checksums {output.checksums} --output {output.readme} > {log} 2>&1"
