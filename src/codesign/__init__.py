"""Co-design of neural-network accelerators: hardware, mappings, and what they cost."""

__version__ = "0.1.0"
