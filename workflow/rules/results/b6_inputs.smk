# B6: Timeloop's records.


def record_files(wildcards):
    """Timeloop's records and answers; the stage says what is wrong where there are none."""
    folder = Path(config["B6"]["records"])
    return sorted(map(str, [*folder.glob("*.jsonl.gz"), *folder.glob("*.answers.parquet")]))
