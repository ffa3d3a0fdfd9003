# S1: networks ranked on a proxy accelerator. S3 uses the curves of layers as well.


include: "s1_inputs.smk"


rule read_cells:
    input:
        table=cells_file,
    output:
        cells="<results>/cells.parquet",
    log:
        "<logs>/cells.log",
    localrule: True
    params:
        table=config["S1"]["cells"],
        code=digest("codesign.study.searches.cells"),
    shell:
        stage("cells", table="params.table", output="output.cells")


rule find_curves:
    input:
        # A missing table ends the run before the curves take their time.
        cells=ancient("<results>/cells.parquet"),
        hardware=lambda wildcards: S_CHIPS[wildcards.chip],
        technology=technology_file,
    output:
        curves="<results>/curves/{chip}.parquet",
    log:
        "<logs>/curves/{chip}.log",
    resources:
        mem_mb=2000,
        runtime=120,
    params:
        accounting=config["accounting"],
        skeleton=SKELETON,
        code=digest("codesign.study.searches.curves", methods=frozenset()),
    shell:
        stage(
            "curves",
            "params.skeleton",
            hardware="input.hardware",
            technology="input.technology",
            accounting="params.accounting",
            output="output.curves",
        )


rule tabulate_s1:
    input:
        cells="<results>/cells.parquet",
        curves=chip_curves,
    output:
        table="<results>/tables/S1.parquet",
    log:
        "<logs>/tables/S1.log",
    localrule: True
    params:
        dataset=config["S1"]["dataset"],
        skeleton=SKELETON,
        code=digest("codesign.study.results.s1.table", methods=frozenset()),
    shell:
        stage(
            "s1",
            "params.skeleton",
            cells="input.cells",
            dataset="params.dataset",
            curves="input.curves",
            output="output.table",
        )
