# R6: the searches that only this result has.


def sampled_mappings(wildcards):
    """The searches with many times the evaluations."""
    return collect(
        "<results>/sampled/{model}/{method}/trials.parquet",
        model=mapping_needs(config, "R6").models,
        method=config["R6"]["sampler"],
    )


if "R6" in RESULTS:
    OTHER_MAPPINGS.append(sampled_mappings)


def sampling_search(wildcards):
    """Their options."""
    trials = config["trials"]["mapping"] * max(config["R6"]["multiples"])
    return search_options(Search(wildcards.method, trials))
