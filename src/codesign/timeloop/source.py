"""One of Timeloop's files as plain values: YAML with tags, aliases and merge keys, or libconfig.

With aliases a short file can stand for a long one, so that size and depth have bounds.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from codesign.errors import InputError
from codesign.reading import Fields, read_text, shown
from codesign.timeloop.libconfig import parse_libconfig
from codesign.timeloop.templates import filled_text
from codesign.yaml_loader import UniqueKeyLoader, parse_yaml

TAG = "!"
"""The key under which the tag of a mapping is kept."""

TAGS = ("!Container", "!Component", "!Hierarchical", "!Parallel", "!Nothing")

MERGE, DEEP_MERGE = "<<", "<<<"
"""Keys whose value fills in what a mapping leaves out: at its top, or at every depth."""

MAX_VALUES = 50_000
"""Values in a file, those that aliases repeat counted every time."""

MAX_DEPTH = 64


class _Loader(UniqueKeyLoader):
    """A loader that knows the tags of nodes, and leaves merge keys to `_merged`."""

    has_aliases = True

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        pass


def _tagged(loader: Any, node: yaml.Node) -> dict[Any, Any]:
    if isinstance(node, yaml.MappingNode):
        return {**loader.construct_mapping(node, deep=True), TAG: node.tag}
    return {TAG: node.tag}


for _tag in TAGS:
    _Loader.add_constructor(_tag, _tagged)
_Loader.add_constructor("tag:yaml.org,2002:merge", lambda loader, node: MERGE)


def read_source(path: Path) -> Fields:
    """The top-level mapping of a file.

    A file whose name ends in `.cfg` is libconfig, all others are YAML, in which templates are
    filled in. Keys that end in `_ignore` are left out, as in Timeloop's front end.

    Raises:
        InputError: the file is another kind of template, neither YAML nor libconfig, or too large.
    """
    if path.suffix == ".cfg":
        where = str(path)
        return Fields(parse_libconfig(read_text(path), where, MAX_VALUES, MAX_DEPTH), where)
    data = parse_yaml(filled_text(path), str(path), _Loader)
    _require_bounded(data, str(path))
    merged = _merged(data, str(path))
    if isinstance(merged, dict):
        merged = {key: each for key, each in merged.items() if not str(key).endswith("_ignore")}
    return Fields(merged, str(path))


def _require_bounded(data: object, where: str) -> None:
    """Refuses values that are too many or too deep once every alias is written out."""
    sizes: dict[int, int] = {}

    def size(value: object, depth: int) -> int:
        if not isinstance(value, dict | list):
            return 1
        if depth > MAX_DEPTH:
            raise InputError(f"{where}: not valid YAML: nested too deeply")
        if id(value) not in sizes:
            children = value.values() if isinstance(value, dict) else value
            sizes[id(value)] = 1 + sum(size(child, depth + 1) for child in children)
        return sizes[id(value)]

    if size(data, 0) > MAX_VALUES:
        raise InputError(f"{where}: more than {MAX_VALUES} values")


def _merged(value: Any, where: str) -> Any:
    """The value, with merge keys carried out."""
    if isinstance(value, list):
        return [_merged(item, where) for item in value]
    if not isinstance(value, dict):
        return value
    own = {key: _merged(item, where) for key, item in value.items()}
    for merge in MERGE, DEEP_MERGE:
        given = own.pop(merge, ())
        for other in given if isinstance(given, list) else [given] if merge in value else []:
            if not isinstance(other, dict):
                raise InputError(
                    f"{where}: {merge} is {shown(other)}, expected an alias of a mapping"
                )
            own = _filled(own, other, merge == DEEP_MERGE)
    return own


def _filled(own: dict[Any, Any], other: dict[Any, Any], is_deep: bool) -> dict[Any, Any]:
    """`own` with what it leaves out of `other`."""
    filled = {**other, **own}
    for key in own:
        if is_deep and isinstance(own[key], dict) and isinstance(other.get(key), dict):
            filled[key] = _filled(own[key], other[key], True)
    return filled
