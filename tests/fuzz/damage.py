"""Files near to good ones: a value is changed for a hostile one, a branch moved, bytes cut.

A file is a function of the target's name and two numbers, and of nothing else. Hypothesis would
also draw constants that it finds in the modules loaded so far, so that the same test would get
other files on other machines and in another order of tests.
"""

from __future__ import annotations

import copy
import functools
import json
from typing import Any

import yaml

from codesign.timeloop.libconfig import parse_libconfig
from tests.fuzz.dice import Dice
from tests.fuzz.models import mutated
from tests.fuzz.targets import TARGETS
from tests.timeloop.importing import libconfig_text

HOSTILE: list[Any] = [
    *(None, True, False, [], {}, "", " ", "\x00", "\x1b[2J", "é" * 50, "x" * 5000, [[[[[[]]]]]]),
    *(0, -1, 1, 2, 3, 7, 127, 128, 255, 256, 32767, 65536, 2**31 - 1, 2**31, 2**53, 2**63, 2**64),
    *(-(2**63), 10**25, 10**4000, 16**6000),
    *(0.0, -0.0, 0.5, 1e-320, 1e15, 1e16, 1e308, float("inf"), float("-inf"), float("nan")),
    *(
        "1",
        "1e400",
        "nan",
        "unbounded",
        "../../../etc/passwd",
        "/dev/zero",
        "~",
        ".",
        "name",
        "DRAM",
    ),
    *(
        "P*Wstride + R",
        "P*",
        "+",
        "kb**kb**kb",
        "1/0",
        "(" * 200,
        "-" * 400 + "1",
        "__import__('os')",
    ),
    *("log2(0)", "min()", "X", "Y", "C", "Weights", "conv", "gemm", "free", "row-stationary"),
    *([1] * 300, ["C", 4], ["C", "X", 2], {"a": {"b": {"c": 1}}}, {"name": "x"}, list(range(50))),
]
"""Values at and beyond every bound there is, of every kind, in places where others are meant."""

SNIPPETS = [
    *(
        b"&a [1]",
        b"*a",
        b"<<: {name: x}\n",
        b"!!python/object:os.system {}",
        b"!!int 0x",
        b"? ",
        b"- ",
    ),
    *(
        b"---\n",
        b"...\n",
        b"%YAML 9.9\n",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"\x85",
        b"\t",
        b"\n",
        b"{",
        b"[" * 40,
    ),
    *(
        b"1:1:1:1:1:1",
        b"0x" + b"f" * 6000,
        b"0o7",
        b"2001-01-01",
        b"!!binary aaaa",
        b"!!set {a}",
        b"!!float x",
    ),
    *(
        b"\x1f\x8b\x08",
        b"PAR1",
        b"\x00" * 8,
        b'{"id": 1}',
        b"NaN",
        b"1e999",
        b'"\\ud800"',
        b"null",
        b",",
    ),
]

_EDITS = ("set", "set", "set", "nudge", "nudge", "drop", "copy", "rename", "grow")


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    def ignore_aliases(self, data: object) -> bool:
        return True


@functools.cache
def seeds(name: str) -> list[bytes]:
    """The files that a target begins from."""
    return TARGETS[name].seeds()


@functools.cache
def _trees(name: str) -> list[Any]:
    target = TARGETS[name]
    if target.suffix == ".jsonl":
        return [[json.loads(line) for line in seed.splitlines() if line] for seed in seeds(name)]
    if target.suffix == ".cfg":
        return [parse_libconfig(seed.decode(), name, 10**6, 100) for seed in seeds(name)]
    load = json.loads if target.suffix == ".json" else yaml.safe_load
    return [load(seed) for seed in seeds(name)]


def places(tree: Any) -> list[tuple[Any, Any]]:
    """(container, key) of every value in nested lists and mappings."""
    found = []
    stack = [tree]
    while stack:
        node = stack.pop()
        for key in list(node) if isinstance(node, dict) else range(len(node)):
            found.append((node, key))
            if isinstance(node[key], dict | list):
                stack.append(node[key])
    return found


def change(tree: Any, edit: tuple[int, str, Any], other: int) -> None:
    """One edit of a tree, in place."""
    where, kind, value = edit
    known = places(tree)
    if not known:
        return
    node, key = known[where % len(known)]
    donor, name = known[other % len(known)]
    if kind == "set":
        node[key] = copy.deepcopy(value)
    elif kind == "drop":
        del node[key]
    elif kind == "copy":
        node[key] = copy.deepcopy(donor[name])
    elif kind == "rename" and isinstance(node, dict):
        node[str(value)[:100] if isinstance(value, str) else "zz"] = node.pop(key)
    elif kind == "grow" and isinstance(node[key], list):
        node[key].extend(copy.deepcopy(node[key]) * 3)
    elif kind == "nudge" and isinstance(node[key], int | float):
        node[key] = node[key] * 2 + other % 3 - 1


def edited(dice: Dice, name: str) -> bytes:
    """A seed with a few values changed; it is still YAML or JSON."""
    tree = copy.deepcopy(dice.pick(_trees(name)))
    for _ in range(dice.number(1, 4)):
        edit = (dice.number(0, 2**16), dice.pick(_EDITS), dice.pick(HOSTILE))
        change(tree, edit, dice.number(0, 2**16))
    return dumped(tree, TARGETS[name].suffix)


def dumped(tree: Any, suffix: str) -> bytes:
    """A tree as the text of a file."""
    try:
        if suffix == ".jsonl":
            lines = tree if isinstance(tree, list) else [tree]
            return "\n".join(map(json.dumps, lines)).encode("utf-8", "surrogatepass")
        if suffix == ".cfg":
            settings = tree if isinstance(tree, dict) else {}
            return libconfig_text(settings).encode("utf-8", "surrogatepass")
        if suffix == ".json":
            return json.dumps(tree).encode("utf-8", "surrogatepass")
        return yaml.dump(tree, Dumper=_Dumper, sort_keys=False).encode("utf-8", "surrogatepass")
    except ValueError:
        # A whole number of thousands of digits has a text in base 16 only.
        return b"name: x\nlayers: [{name: y, P: 0x" + b"f" * 6000 + b"}]\n"


def spliced(dice: Dice, name: str) -> bytes:
    """A seed with bytes cut out, put in, or swapped."""
    data = bytearray(dice.pick(seeds(name)))
    for _ in range(dice.number(1, 4)):
        start = dice.number(0, max(len(data), 1))
        length = dice.number(0, 40)
        data[start : start + length] = dice.pick(SNIPPETS) if dice.coin() else dice.letters(8)
    return bytes(data)


def damaged(name: str, number: int, seed: int = 0) -> bytes:
    """File `number` of those that a seed stands for: of five, three keep the format's structure."""
    dice = Dice(name, seed, number)
    kind = dice.number(0, 4)
    if kind == 4:
        return dice.letters(200)
    if kind == 3:
        return spliced(dice, name)
    if TARGETS[name].suffix == ".onnx":
        return mutated(dice, seeds(name))
    return edited(dice, name) if TARGETS[name].is_text else spliced(dice, name)
