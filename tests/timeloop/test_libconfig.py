"""Files in libconfig: the same as in YAML, one sentence on what is not, and bounds."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from codesign.errors import InputError
from codesign.hardware import Hardware
from codesign.store.design import Design
from codesign.timeloop import import_files
from codesign.timeloop.libconfig import parse_libconfig
from codesign.workload import Workload
from tests.timeloop.forms import FLAT, LIBCONFIG
from tests.timeloop.importing import imported, libconfig_text, write


def parsed(text: str) -> dict[str, Any]:
    """Settings within small bounds."""
    return parse_libconfig(text, "x.cfg", most=50, depth=8)


def test_a_design_in_libconfig(tmp_path: Path) -> None:
    """Its accelerator is that of the same file in YAML, and its mapping is priced."""
    path = tmp_path / "all.cfg"
    path.write_text(LIBCONFIG, encoding="utf-8")

    design = imported([path], "x")

    assert isinstance(design, Design)
    chip = imported(write(tmp_path, arch=FLAT), "x")
    assert isinstance(chip, Hardware)
    assert [level.name for level in design.hardware.levels] == ["Spad", "Buffer", "DRAM"]
    assert design.hardware.arithmetic == chip.arithmetic
    assert design.hardware.levels[1:] == chip.levels[1:]
    (entry,) = design.networks[0].layers
    assert entry.mapping.levels[0].bypass == {"Inputs", "Outputs"}
    assert dict(entry.mapping.levels[2].temporal) == {"K": 2, "C": 8, "P": 4}
    whole = parse_libconfig(LIBCONFIG, "all.cfg", most=200, depth=8)
    assert imported(write(tmp_path, all=yaml.safe_dump(whole)), "x") == design


def test_a_folder_may_have_both(tmp_path: Path) -> None:
    """Layers of one name get numbers, so that one network can hold them."""
    write(tmp_path, conv="problem: {R: 1, S: 1, P: 4, Q: 1, C: 2, K: 3, N: 1}")
    (tmp_path / "conv.cfg").write_text("problem = { P = 2; }\n", encoding="utf-8")
    (tmp_path / "tox.cfg").write_text("[tox]\n", encoding="utf-8")
    found = import_files([tmp_path], "x")

    assert {path.name for path in found.refused} == {"tox.cfg", "conv.cfg"}
    text = "problem = { R = 1; S = 1; P = 2; Q = 1; C = 2; K = 3; N = 1; };"
    (tmp_path / "conv.cfg").write_text(text, encoding="utf-8")
    (network,) = import_files([tmp_path], "x").found
    assert isinstance(network.content, Workload)
    assert [layer.name for layer in network.content.layers] == ["conv", "conv~2"]


def test_values_of_every_kind() -> None:
    """Numbers of both bases, texts in pieces with escapes, lists in lists, comments anywhere."""
    text = r"""
    a = -7; b : 0xfFL, c = +.5e1 d = 1.; e = TRUE f = "x\n\"\x41" /* " */ "#//";
    g = ( ), h = ( [ 1, 2, ], { }, ( "" ) ) // ;
    i-j*_1 = { a = false };  # not the first a
    """
    assert parsed(text) == {
        "a": -7,
        "b": 255,
        "c": 5.0,
        "d": 1.0,
        "e": True,
        "f": 'x\n"A#//',
        "g": [],
        "h": [[1, 2], {}, [""]],
        "i-j*_1": {"a": False},
    }
    assert parsed("") == {}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a = 1;\nb", "line 2: not valid libconfig: the end of the file: expected '=' or ':'"),
        ("a = ;", "line 1: not valid libconfig: ';': expected a value"),
        ("a = b;", "'b': expected a value"),
        ("a = 1;\n\na = 2;", "line 3: not valid libconfig: 'a': the name occurs twice"),
        ("a = { b = 1", "the end of the file: expected '}'"),
        ("a = ( 1 2 )", "'2': expected '\\)'"),
        ("a = ( 1 ]", "']': expected '\\)'"),
        ("a = 1;; b = 2", "';': expected a setting"),
        ("1", "'1': expected a setting"),
        ('a = "', "'\"': not a token of libconfig"),
        ("/* a = 1;", "not a token of libconfig"),
        ("a = 010;", "'010': expected a number without zeros in front"),
        ('@include "/dev/zero"', "'@include \"/dev/zero\"': files are not included"),
        (f"a = {'1' * 500};", "a number of 500 digits"),
        ("a = " + "(" * 9, "nested too deeply"),
        ("a = [" + "1," * 50 + "]", "x.cfg: more than 50 values"),
        ("arch:\n  storage: []", "'storage': expected a value"),
    ],
)
def test_what_is_not_libconfig(text: str, expected: str) -> None:
    """One sentence with the line, the token, and what was expected."""
    with pytest.raises(InputError, match=expected):
        parsed(text)


@pytest.mark.parametrize(
    "text",
    [
        "/*" + "a" * 2**22,
        'a = "' + "b" * 2**22,
        'a = "' + "\\\\" * 2**21 + '";',
        "a = " + "1" * 2**22 + ";",
        "a = " + "1e" * 2**21,
        "#\n" * 2**21,
        "/**/" * 2**20,
        "a" * 2**22,
        "a=1;" * 2**20,
    ],
)
def test_long_files_take_little_time(text: str) -> None:
    """Whatever is long in a file of the greatest size."""
    began = time.process_time()
    with suppress(InputError):
        parsed(text)
    assert time.process_time() - began < 2


names = st.from_regex(r"[A-Za-z*][A-Za-z0-9_*-]{0,9}", fullmatch=True)
scalars = st.one_of(
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(min_codepoint=1, max_codepoint=255), max_size=9),
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4)
)


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(names, values, max_size=5))
def test_what_is_written_is_read(tree: dict[str, Any]) -> None:
    """Any tree of values, written by another piece of code."""
    assert parse_libconfig(libconfig_text(tree), "x.cfg", most=10_000, depth=64) == tree
