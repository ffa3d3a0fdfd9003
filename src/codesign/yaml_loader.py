"""The values that YAML text stands for, without what makes a short text long or hides a mistake.

libyaml splits the text into events, about eight times as fast as Python does. Nodes are composed
of these in Python, where aliases and repeated keys can be refused.
"""

from __future__ import annotations

from typing import Any

import yaml
from yaml.composer import Composer
from yaml.constructor import SafeConstructor
from yaml.parser import Parser
from yaml.reader import Reader
from yaml.resolver import Resolver
from yaml.scanner import Scanner

from codesign.errors import InputError

MAX_DIGITS = 400
"""Digits of a number in YAML. Reading `1:1:1:…`, in base sixty, takes time with their square."""

_NOT_YAML = (
    yaml.YAMLError,
    ValueError,
    LookupError,
    AttributeError,
    TypeError,
    ArithmeticError,
    RecursionError,
)
"""What the YAML library raises on bad text, including values such as `!!bool x`."""

if yaml.__with_libyaml__:
    from yaml._yaml import CParser as Events
else:

    class Events(Reader, Scanner, Parser):  # type: ignore[no-redef]
        """The same by Python alone, for a PyYAML that was built without libyaml."""

        def __init__(self, stream: str) -> None:
            Reader.__init__(self, stream)
            Scanner.__init__(self)
            Parser.__init__(self)


class UniqueKeyLoader(Composer, Events, SafeConstructor, Resolver):
    """Safe YAML without aliases and without repeated keys (plain YAML would drop the first)."""

    has_aliases = False

    def __init__(self, stream: str) -> None:
        Events.__init__(self, stream)
        Composer.__init__(self)
        SafeConstructor.__init__(self)
        Resolver.__init__(self)

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        # With aliases, a few lines can stand for gigabytes; no file of ours needs them.
        if not self.has_aliases and self.check_event(yaml.AliasEvent):
            event: Any = self.peek_event()
            problem = "aliases are not accepted"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=event.start_mark)
        return super().compose_node(parent, index)

    def construct_scalar(self, node: yaml.ScalarNode | yaml.MappingNode) -> Any:
        value = super().construct_scalar(node)
        is_number = node.tag in ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")
        if is_number and len(value) > MAX_DIGITS:
            problem = f"a number of {len(value)} digits"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark)
        return value

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            name = str(key.value)
            if name in seen:
                problem = f"the key {name[:60]!r} occurs twice"
                raise yaml.MarkedYAMLError(problem=problem, problem_mark=key.start_mark)
            seen.add(name)
        return super().construct_mapping(node, deep)


def parse_yaml(text: str, where: str, loader: type[UniqueKeyLoader] = UniqueKeyLoader) -> Any:
    """The value that YAML text stands for.

    Args:
        text: the text.
        where: its place, with which every error message begins.
        loader: what reads it; by default, one that knows neither tags nor aliases.

    Raises:
        InputError: it is not YAML.
    """
    try:
        return loader(text).get_single_data()
    except yaml.MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise InputError(f"{where}{line}: not valid YAML: {error.problem}") from None
    except RecursionError:
        raise InputError(f"{where}: not valid YAML: nested too deeply") from None
    except _NOT_YAML as error:
        has_text = isinstance(error, yaml.YAMLError | ValueError)
        problem = (
            " ".join(str(error).split())[:200] if has_text else "a tag that does not fit its value"
        )
        raise InputError(f"{where}: not valid YAML: {problem}") from None
