# B6: Timeloop's records.


def record_files(wildcards):
    """Timeloop's records and answers. If there are none, the stage says so."""
    folder = Path(config["B6"]["records"])
    return sorted(map(str, [*folder.glob("*.jsonl.gz"), *folder.glob("*.answers.parquet")]))
