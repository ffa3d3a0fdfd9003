# R6: the searches that only this result has.


def sampled_mappings(wildcards):
    """The searches with many times the evaluations."""
    method = config["R6"]["sampler"]
    return [
        f"<results>/sampled/{space}/{model}/{method}/trials.parquet"
        for space, model in mapping_needs(config, "R6").cases
    ]


def sampling_seeds(wildcards):
    """Their seeds, the same as those of the method that they are compared with."""
    return mapping_needs(config, "R6").seeds[wildcards.space]


if "R6" in RESULTS:
    OTHER_MAPPINGS.append(sampled_mappings)


def sampling_search(wildcards):
    """Their options."""
    trials = config["trials"]["mapping"] * max(config["R6"]["multiples"])
    return search_options(Search(wildcards.method, trials))
