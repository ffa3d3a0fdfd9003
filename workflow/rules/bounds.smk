# What no accelerator of the baseline's budget goes below: the proof where B2 is made, else the
# bound that needs no search.


def proof_if_made(wildcards):
    """The proof of a model's best accelerator, where the study makes proofs anyway."""
    return f"<results>/certified/{wildcards.model}/proof.parquet" if "B2" in RESULTS else []


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
