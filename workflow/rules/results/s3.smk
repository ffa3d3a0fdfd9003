# S3: FreeREA's search, and the fronts of accuracy and EDP.


rule search_accelerators_of_front:
    input:
        cells="<results>/cells.parquet",
        curves="<results>/curves/{chip}.parquet",
        hardware=lambda wildcards: S_CHIPS[wildcards.chip],
        technology=technology_file,
    output:
        accelerators="<results>/S3/searched/{chip}.parquet",
    log:
        "<logs>/S3/searched/{chip}.log",
    resources:
        mem_mb=3000,
        runtime=240,
    params:
        dataset=config["S1"]["dataset"],
        accounting=config["accounting"],
        skeleton=SKELETON,
        networks=config["S3"]["networks"],
        trials=config["S3"]["trials"],
        work=config["S3"]["work"],
        seed=config["seed"],
        code=digest("codesign.study.results.s3.searched", methods=frozenset({"tpe", "traffic"})),
    shell:
        stage(
            "searched",
            "params.skeleton",
            cells="input.cells",
            dataset="params.dataset",
            curves="input.curves",
            hardware="input.hardware",
            technology="input.technology",
            accounting="params.accounting",
            networks="params.networks",
            trials="params.trials",
            work="params.work",
            seed="params.seed",
            output="output.accelerators",
        )


rule tabulate_s3:
    input:
        cells="<results>/cells.parquet",
        curves=chip_curves,
        accelerators=collect(
            "<results>/S3/searched/{chip}.parquet",
            chip=list(map(as_one_name, config["S3"]["searched"])),
        ),
    output:
        fronts="<results>/tables/S3.fronts.parquet",
        table="<results>/tables/S3.parquet",
    log:
        "<logs>/tables/S3.log",
    localrule: True
    params:
        dataset=config["S1"]["dataset"],
        skeleton=SKELETON,
        seed=config["seed"],
        seeds=config["S3"]["seeds"],
        seconds=config["S3"]["seconds"],
        code=digest("codesign.study.results.s3.table", methods=frozenset()),
    shell:
        stage(
            "s3",
            "params.skeleton",
            cells="input.cells",
            dataset="params.dataset",
            curves="input.curves",
            accelerators="input.accelerators",
            seed="params.seed",
            seeds="params.seeds",
            seconds="params.seconds",
            fronts="output.fronts",
            output="output.table",
        )
