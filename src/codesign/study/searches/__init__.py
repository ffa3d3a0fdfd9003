"""The searches and proofs that results are made of: one stage for each module."""
