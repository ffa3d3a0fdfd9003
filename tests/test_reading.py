"""Reading user files: whatever is wrong with one is told in a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from codesign import reading
from codesign.errors import InputError
from codesign.reading import Fields, read_yaml


def fields(**values: object) -> Fields:
    return Fields(values, "here")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\na: 2\n", "line 2: not valid YAML: the key 'a' occurs twice"),
        ("a: {b: 1, b: 2}\n", "line 1: not valid YAML: the key 'b' occurs twice"),
        ("a: &x [1]\nb: *x\n", "line 2: not valid YAML: aliases are not accepted"),
        ("a: [1, 2\n", "not valid YAML"),
        ("a: 1\n---\nb: 2\n", "another document"),
        ("{[1, 2]: 3}\n", "unhashable key"),
        ("a: !!python/object:os.system {}\n", "could not determine a constructor"),
        ("a: !!bool maybe\n", "a tag that does not fit its value"),
        ("a: 2001-99-99\n", "month must be in 1..12"),
        ("a: \x00\n", "unacceptable character"),
        ("[" * 5000, "nested too deeply"),
        ("", "expected a mapping of names to values, got None"),
        ("- a\n- b\n", "expected a mapping of names to values, got ['a', 'b']"),
        ("1: 2\n", "expected a mapping of names to values, got {1: 2}"),
    ],
)
def test_bad_yaml_is_one_sentence(tmp_path: Path, text: str, expected: str) -> None:
    """With the file and, where there is one, the line."""
    path = tmp_path / "x.yaml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(InputError) as caught:
        read_yaml(path)

    assert str(caught.value).startswith(str(path))
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)


def test_bad_bytes_are_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Missing, a folder, binary, or too large to be meant."""
    path = tmp_path / "x.yaml"
    path.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(InputError, match=r"x\.yaml: not UTF-8 text"):
        read_yaml(path)
    with pytest.raises(InputError, match=r"none\.yaml: No such file or directory"):
        read_yaml(tmp_path / "none.yaml")
    with pytest.raises(InputError, match="Is a directory"):
        read_yaml(tmp_path)
    monkeypatch.setattr(reading, "MAX_FILE_BYTES", 2)
    with pytest.raises(InputError, match="larger than"):
        read_yaml(path)


@pytest.mark.parametrize("value", [0, -3, 1.0, "7", True, 2**31, 10**400, [1], float("nan")])
def test_whole_numbers_are_whole(value: object) -> None:
    """Neither text nor truth values pass for one, and nothing huge."""
    with pytest.raises(InputError, match=r"here: n is .*, expected a whole number from 1 to"):
        fields(n=value).integer("n")


@pytest.mark.parametrize(
    "value", [-1e-9, "7", True, 1e16, 10**400, float("nan"), float("inf"), -float("inf"), {}]
)
def test_numbers_are_finite(value: object) -> None:
    """They are not negative either, unless the caller allows it."""
    with pytest.raises(InputError, match=r"here: x is .*, expected a number from 0 to"):
        fields(x=value).number("x")


def test_numbers_in_bounds_pass() -> None:
    """As floats, whatever they were written as."""
    assert fields(x=3).number("x") == 3.0
    assert fields(x=-1).number("x", minimum=-1.0) == -1.0
    assert fields(n=7).integer("n") == 7
    assert fields().integer("n", 5) == 5


@pytest.mark.parametrize("value", ["", 7, None, "a\x1bb", "\ud800", "x" * 5000, ["a"]])
def test_names_are_short_and_printable(value: object) -> None:
    """What is not would garble messages and result files."""
    with pytest.raises(InputError):
        fields(name=value).text("name")


def test_choices_help_with_typos() -> None:
    """The nearest choice is offered."""
    with pytest.raises(InputError, match=r"expected one of SRAM, DRAM \(did you mean 'DRAM'\?\)"):
        fields(kind="DRAN").text("kind", choices=["SRAM", "DRAM"])


def test_unknown_fields_are_refused() -> None:
    """So that a typo never passes for a default."""
    entry = fields(word_bits=8, wordbits=8)
    entry.integer("word_bits", 16)

    with pytest.raises(InputError, match=r"unknown field 'wordbits' .did you mean 'word_bits'"):
        entry.done()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1" + ":1" * 300, "a number of 601 digits"),
        ("0x" + "f" * 6000, "a number of 6002 digits"),
        ("9" * 5000, "a number of 5000 digits"),
        ("1." + "0" * 500, "a number of 502 digits"),
    ],
)
def test_numbers_are_not_endless(tmp_path: Path, value: str, expected: str) -> None:
    """Reading some of them would take hours."""
    path = tmp_path / "x.yaml"
    path.write_text(f"a: {value}\n", encoding="utf-8")

    with pytest.raises(InputError, match=f"line 1: not valid YAML: {expected}"):
        read_yaml(path)


def test_lists_are_not_endless() -> None:
    """What is done with them may take the square of their length."""
    assert len(fields(a=[1] * 4096).sequence("a")) == 4096
    with pytest.raises(InputError, match="a has 4097 entries, expected at most 4096"):
        fields(a=[1] * 4097).sequence("a")


def test_any_value_can_be_shown() -> None:
    """Python refuses to write some of its own numbers."""
    with pytest.raises(InputError, match="n is something very long, expected a whole number"):
        fields(n=16**6000).integer("n")
