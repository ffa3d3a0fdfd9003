"""The commands of `codesign`, one a module; heavy imports wait until a command runs."""
