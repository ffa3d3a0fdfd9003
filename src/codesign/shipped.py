"""Where named configuration lives: `config/` of the checkout, or a path of the user's."""

from __future__ import annotations

import os
from pathlib import Path

from codesign.errors import InputError
from codesign.reading import closest


def config_dir() -> Path:
    """The `config/` folder: `$CODESIGN_CONFIG`, the working directory's, or the checkout's."""
    override = os.environ.get("CODESIGN_CONFIG")
    if override:
        return Path(override)
    here = Path("config")
    return here if here.is_dir() else Path(__file__).parents[2] / "config"


def find(kind: str, source: str | Path) -> Path:
    """The file that `source` names: a YAML path, or a name in `config/KIND/`.

    Raises:
        InputError: there is no such file; the message lists the names there are.
    """
    path = Path(source)
    if path.suffix in {".yaml", ".yml", ".json"}:
        return path
    folder = config_dir() / kind
    names = sorted(entry.stem for entry in folder.glob("*.yaml"))
    if path.name not in names or path.name != str(source):
        hint = closest(str(source), names)
        known = ", ".join(names) or "none"
        raise InputError(
            f"{kind}: no {str(source)!r}{hint}; expected a YAML file or one of: {known}"
        )
    return folder / f"{path.name}.yaml"
