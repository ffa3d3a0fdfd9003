# R1: the best designs of the hardware searches, held against Eyeriss.


rule tabulate_r1:
    input:
        layers=rules.workloads.input,
        hardware=hardware_files,
        technology=technology_file,
        baselines=baseline_runs,
        optima=optima_tables,
        searches=accelerators_of("R1"),
    output:
        pairs="<results>/tables/R1.pairs.parquet",
        table="<results>/tables/R1.parquet",
    log:
        "<logs>/tables/R1.log",
    localrule: True
    params:
        accounting=config["accounting"],
        seed=config["seed"],
        code=digest("codesign.study.r1"),
    shell:
        "python -m codesign.study r1 --layers {input.layers} --hardware {input.hardware}"
        " --technology {input.technology} --accounting {params.accounting}"
        " --baselines {input.baselines} --optima {input.optima}"
        " --searches {input.searches} --seed {params.seed}"
        " --pairs {output.pairs} --output {output.table} > {log} 2>&1"
