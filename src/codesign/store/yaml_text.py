"""YAML text in the order of the fields, with short lists and mappings on one line."""

from __future__ import annotations

from typing import Any

import yaml


class Line(list[Any]):
    """A list to be written on one line."""


class LineFields(dict[str, Any]):
    """Names and values to be written on one line, if they fit on it."""


class Quoted(str):
    """A text to be written in double quotes, whatever it looks like."""


class Tagged(dict[str, Any]):
    """Names and values under a tag such as `!Component`."""

    def __init__(self, tag: str, fields: dict[str, Any]) -> None:
        super().__init__(fields)
        self.tag = tag


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: object) -> bool:
        return True


_Dumper.add_representer(
    Line, lambda dumper, data: dumper.represent_sequence("tag:yaml.org,2002:seq", data, True)
)
_Dumper.add_representer(
    LineFields, lambda dumper, data: dumper.represent_mapping("tag:yaml.org,2002:map", data, True)
)
_Dumper.add_representer(
    Quoted,
    lambda dumper, data: dumper.represent_scalar("tag:yaml.org,2002:str", str(data), style='"'),
)
_Dumper.add_representer(
    Tagged, lambda dumper, data: dumper.represent_mapping(data.tag, dict(data), False)
)


def yaml_text(fields: dict[str, Any]) -> str:
    """`fields` as YAML text that reads back to the same values."""
    text: str = yaml.dump(fields, Dumper=_Dumper, sort_keys=False, width=100, allow_unicode=True)
    return text


def on_lines(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields, with every mapping among them, or in a list among them, to be written on a line
    of its own."""

    def short(value: Any) -> Any:
        if isinstance(value, list):
            return [short(item) for item in value]
        return LineFields(value) if isinstance(value, dict) else value

    return {name: short(value) for name, value in fields.items()}
