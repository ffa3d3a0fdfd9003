"""The sources of `codesign import`, one a module."""
