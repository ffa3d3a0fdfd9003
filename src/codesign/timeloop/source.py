"""One of Timeloop's YAML files as plain values: tags, text that it includes, aliases, merge keys.

All of these can make a short file stand for a long one, so that size and depth have bounds.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from codesign.errors import InputError
from codesign.paths import kind_of
from codesign.reading import MAX_FILE_BYTES, Fields, read_text, shown
from codesign.yaml_loader import UniqueKeyLoader, parse_yaml

TAG = "!"
"""The key under which the tag of a mapping is kept."""

TAGS = ("!Container", "!Component", "!Hierarchical", "!Parallel", "!Nothing")

MERGE, DEEP_MERGE = "<<", "<<<"
"""Keys whose value fills in what a mapping leaves out: at its top, or at every depth."""

MAX_VALUES = 50_000
"""Values in a file, those that aliases repeat counted every time."""

MAX_DEPTH = 64
MAX_INCLUDED = 16
"""Files that one file may include, and these in turn, together."""

_INCLUDE = re.compile(r"\{\{\s*include_text\(\s*(['\"])([^'\"{}]*)\1\s*\)\s*\}\}")
_TEMPLATE = re.compile(r"\{\{.*|\{%.*")
_COMMENT = re.compile(r"(?:^|\s)#.*")

DUMP = "parsed-processed-input.yaml"
"""The file in which Timeloop's front end leaves what it made of its input."""


class _Loader(UniqueKeyLoader):
    """A loader that knows the tags of nodes, and leaves merge keys to `_merged`."""

    has_aliases = True

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        pass


def _tagged(loader: UniqueKeyLoader, node: yaml.Node) -> dict[Any, Any]:
    if isinstance(node, yaml.MappingNode):
        return {**loader.construct_mapping(node, deep=True), TAG: node.tag}
    return {TAG: node.tag}


for _tag in TAGS:
    _Loader.add_constructor(_tag, _tagged)
_Loader.add_constructor("tag:yaml.org,2002:merge", lambda loader, node: MERGE)


def read_source(path: Path) -> Fields:
    """The top-level mapping of a file.

    A line `{{include_text('FILE')}}` stands for the text of that file beside it. Keys that end in
    `_ignore` are left out, as in Timeloop's front end.

    Raises:
        InputError: the file is libconfig, another kind of template, not YAML, or too large.
    """
    if path.suffix == ".cfg":
        raise InputError(f"{path}: libconfig, an older form of Timeloop's files, expected YAML")
    text = _included(path, [])
    data = parse_yaml(text, str(path), _Loader)
    _require_bounded(data, str(path))
    merged = _merged(data, str(path))
    if isinstance(merged, dict):
        merged = {key: each for key, each in merged.items() if not str(key).endswith("_ignore")}
    return Fields(merged, str(path))


def _included(path: Path, seen: list[Path]) -> str:
    """The text of a file, with that of the files that it includes."""
    lines = []
    for number, line in enumerate(read_text(path).split("\n"), 1):
        bare = _COMMENT.sub("", line) if "{" in line else ""
        include = _INCLUDE.fullmatch(bare.strip())
        template = _TEMPLATE.search(bare)
        if include is not None:
            line = _included(_beside(path, number, include[2], seen), seen)
        elif template is not None:
            raise InputError(
                f"{path}, line {number}: {shown(template[0])} is a template, which Timeloop's "
                f"front end fills in: import the {DUMP} that it writes"
            )
        lines.append(line)
    text = "\n".join(lines)
    if len(text) > MAX_FILE_BYTES:
        raise InputError(f"{path}: with what it includes larger than {MAX_FILE_BYTES >> 20} MiB")
    return text


def _beside(path: Path, number: int, name: str, seen: list[Path]) -> Path:
    """The file that a line of `path` includes."""
    where = f"{path}, line {number}: include_text({name!r})"
    if not name or "\0" in name or Path(name).is_absolute():
        raise InputError(f"{where}, expected the name of a file beside it")
    seen.append(path.parent / name)
    if len(seen) > MAX_INCLUDED:
        raise InputError(f"{where}, expected at most {MAX_INCLUDED} included files")
    if kind_of(seen[-1]) is None:
        raise InputError(f"{where}: there is no {seen[-1]}")
    return seen[-1]


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
