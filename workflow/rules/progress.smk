# The progress of all searches, which an archive keeps in place of their trials.


def sampled_searches(wildcards):
    """The searches by R6's sampler."""
    return [path for more in OTHER_MAPPINGS for path in more(wildcards)]


def compared_mappings(wildcards):
    """All other mapping searches."""
    return [mapping_trials(*search) for search in mapping_union(config)]


rule keep_progress:
    input:
        mapping=compared_mappings,
        sampled=sampled_searches,
        hardware=hardware_searches,
        optima=all_optima,
    output:
        progress="<results>/progress.parquet",
        optima="<results>/optima.parquet",
    log:
        "<logs>/progress.log",
    localrule: True
    params:
        code=digest("codesign.study.report.progress"),
    shell:
        stage(
            "progress",
            mapping="input.mapping",
            sampled="input.sampled",
            hardware="input.hardware",
            optima="input.optima",
            all_optima="output.optima",
            output="output.progress",
        )
