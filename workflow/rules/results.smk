# From searches to results: one rule a result, one study function each.


rule tabulate_r1:
    input:
        layers=rules.workloads.input,
        hardware=hardware_files,
        technology=technology_file,
        baselines=baseline_runs,
        optima=optima_tables,
        searches=r1_searches,
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


rule tabulate_r2:
    input:
        trials=mapping_searches,
        optima=optima_tables,
    output:
        curves="<results>/tables/R2.curves.parquet",
        table="<results>/tables/R2.parquet",
    log:
        "<logs>/tables/R2.log",
    localrule: True
    params:
        seed=config["seed"],
        code=digest("codesign.study.r2"),
    shell:
        "python -m codesign.study r2 --trials {input.trials} --optima {input.optima}"
        " --seed {params.seed}"
        " --curves {output.curves} --output {output.table} > {log} 2>&1"


rule tabulate_r3:
    input:
        trials=r3_searches,
    output:
        curves="<results>/tables/R3.curves.parquet",
        table="<results>/tables/R3.parquet",
    log:
        "<logs>/tables/R3.log",
    localrule: True
    params:
        seed=config["seed"],
        code=digest("codesign.study.r3"),
    shell:
        "python -m codesign.study r3 --trials {input.trials} --seed {params.seed}"
        " --curves {output.curves} --output {output.table} > {log} 2>&1"


rule tabulate_r7:
    input:
        shares=collect("<results>/feasibility/{model}.parquet", model=MODELS),
    output:
        table="<results>/tables/R7.parquet",
    log:
        "<logs>/tables/R7.log",
    localrule: True
    params:
        code=digest("codesign.study.gather"),
    shell:
        "python -m codesign.study gather --tables {input.shares}"
        " --output {output.table} > {log} 2>&1"


rule summarise:
    input:
        tables=collect("<results>/tables/{result}.parquet", result=RESULTS),
    output:
        summary="<results>/summary.parquet",
    log:
        "<logs>/tables/summary.log",
    localrule: True
    params:
        trials=config["trials"],
        seeds=config["seeds"],
        code=digest("codesign.study.summary"),
    shell:
        "python -m codesign.study summary --tables {input.tables}"
        " --hardware-trials {params.trials[hardware]}"
        " --mapping-trials {params.trials[mapping]} --seeds {params.seeds}"
        " --output {output.summary} > {log} 2>&1"
