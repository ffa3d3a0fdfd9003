# Whether a proof replaces the bound.


def proof_if_made(wildcards):
    """The proof of a model's best accelerator, if the study makes proofs."""
    return f"<results>/certified/{wildcards.model}/proof.parquet" if "B2" in RESULTS else []
