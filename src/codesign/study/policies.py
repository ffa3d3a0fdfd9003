"""The policies by which the layers of a family of networks are mapped, by their names in tables."""

BOUND, OPTIMAL, FIXED = "bound", "optimal", "fixed"
"""A bound that needs no search; any mapping, for the least cost of the whole network; and for every
layer its mapping of least EDP within the chip's own dataflow."""
