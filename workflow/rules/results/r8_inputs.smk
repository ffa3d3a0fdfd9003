# R8: the designs whose costs it splits into parts.


def found_designs(wildcards):
    """The best designs of the searches."""
    return [path.replace("trials.parquet", "design.yaml") for path in accelerators_of("R8")]
