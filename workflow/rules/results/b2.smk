# B2: the best accelerator of the budget for every model, and how far from it searches end.


rule certify:
    input:
        layers="<results>/workloads/{model}.parquet",
        hardware=hardware_file,
        technology=technology_file,
    output:
        proof="<results>/certified/{model}/proof.parquet",
        classes="<results>/certified/{model}/classes.parquet",
        design="<results>/certified/{model}/design.yaml",
    log:
        "<logs>/certified/{model}.log",
    resources:
        mem_mb=2000,
        runtime=120,
    params:
        accounting=config["accounting"],
        work=config["B2"]["work"],
        seed=config["seed"],
        code=digest("codesign.study.searches.certified", methods=frozenset({"tpe"})),
    shell:
        stage(
            "certified",
            **SETTING,
            work="params.work",
            seed="params.seed",
            output="output.proof",
            classes="output.classes",
            design="output.design",
        )


rule tabulate_b2:
    input:
        trials=accelerators_of("B2"),
        proofs=collect("<results>/certified/{model}/proof.parquet", model=MODELS),
        optima=optima_tables,
    output:
        table="<results>/tables/B2.parquet",
    log:
        "<logs>/tables/B2.log",
    localrule: True
    params:
        code=digest("codesign.study.results.b2.table"),
    shell:
        stage(
            "b2",
            trials="input.trials",
            proofs="input.proofs",
            optima="input.optima",
            output="output.table",
        )
