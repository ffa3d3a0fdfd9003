"""Drawing: the style of all figures, curves of progress, and accelerators to scale."""
