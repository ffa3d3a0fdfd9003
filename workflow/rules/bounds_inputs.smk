# Whether a proof stands in for the bound.


def proof_if_made(wildcards):
    """The proof of a model's best accelerator, where the study makes proofs anyway."""
    return f"<results>/certified/{wildcards.model}/proof.parquet" if "B2" in RESULTS else []
