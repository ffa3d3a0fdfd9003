"""The sources of `codesign import`, one per module."""
