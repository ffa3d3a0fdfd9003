# R8: the best designs of the hardware searches and Eyeriss, with the parts of their costs.


include: "r8_inputs.smk"


rule tabulate_r8:
    input:
        baselines=baseline_designs,
        found=found_designs,
        trials=accelerators_of("R8"),
    output:
        designs="<results>/tables/R8.designs.parquet",
        breakdown="<results>/tables/R8.breakdown.parquet",
        reasons="<results>/tables/R8.reasons.parquet",
        table="<results>/tables/R8.parquet",
        best=collect("<results>/designs/{model}.yaml", model=MODELS),
    log:
        "<logs>/tables/R8.log",
    localrule: True
    params:
        models=MODELS,
        code=digest("codesign.study.results.r8.table", methods=frozenset()),
    shell:
        stage(
            "r8",
            baselines="input.baselines",
            found="input.found",
            trials="input.trials[0]",
            models="params.models",
            designs="output.designs",
            breakdown="output.breakdown",
            reasons="output.reasons",
            best="output.best",
            output="output.table",
        )
