"""Search methods of users, from files that an environment variable names."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

from codesign.errors import InputError
from codesign.paths import kind_of

VARIABLE = "CODESIGN_PLUGINS"
"""The environment variable with Python files, separated as in `PATH`. Each registers its methods
when it is run."""


def plugin_files() -> tuple[Path, ...]:
    """The files that the environment variable names, in its order."""
    return tuple(Path(name) for name in os.environ.get(VARIABLE, "").split(os.pathsep) if name)


def load_plugins() -> None:
    """Runs every file that the environment variable names.

    Raises:
        InputError: a file is missing, or fails.
    """
    for number, path in enumerate(plugin_files()):
        if kind_of(path) != "file":
            raise InputError(f"{VARIABLE}: {path} is not a file, expected Python code")
        name = f"codesign_plugin_{number}_{path.stem}"
        spec = importlib.util.spec_from_file_location(name, path)
        if spec is None or spec.loader is None:
            raise InputError(f"{VARIABLE}: {path} is not a Python file")
        module = importlib.util.module_from_spec(spec)
        # Dataclasses and pickle look up the module by its name.
        sys.modules[name] = module
        try:
            spec.loader.exec_module(module)
        except (Exception, SystemExit) as error:
            raise InputError(f"{path}: {type(error).__name__}: {error}") from error
