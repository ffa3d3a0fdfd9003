"""The searches and proofs that results are made from: one stage per module."""
