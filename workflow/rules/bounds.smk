# What no accelerator of the baseline's budget goes below: B2's proof if the study makes it,
# otherwise the bound that needs no search.


include: "bounds_inputs.smk"


rule bound:
    input:
        layers="<results>/workloads/{model}.parquet",
        hardware=hardware_file,
        technology=technology_file,
        proof=proof_if_made,
    output:
        bounds="<results>/bounds/{model}.parquet",
    log:
        "<logs>/bounds/{model}.log",
    localrule: True
    params:
        accounting=config["accounting"],
        code=digest("codesign.study.searches.bounds"),
    shell:
        stage(
            "bounds",
            **SETTING,
            proof="input.proof",
            output="output.bounds",
        )
