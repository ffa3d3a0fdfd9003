# Workload extraction: a network as a table of its distinct layers.


rule extract_workload:
    input:
        workload=workload_file,
    output:
        layers="<results>/workloads/{model}.parquet",
    log:
        "<logs>/workloads/{model}.log",
    localrule: True
    params:
        code=digest("codesign.study.searches.workloads"),
    shell:
        stage(
            "workloads",
            model="wildcards.model",
            workload="input.workload",
            output="output.layers",
        )
