"""The commands of `codesign`, one per module. Large modules are imported when a command runs."""
