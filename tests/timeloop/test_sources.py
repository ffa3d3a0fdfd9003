"""Templates, merge keys and aliases: what is read, and that none of it grows without bound."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from codesign.errors import InputError
from codesign.timeloop import import_files
from codesign.timeloop.source import read_source
from codesign.timeloop.templates import MAX_INCLUDED
from codesign.workload import Workload
from tests.timeloop.forms import BASE, FLAT, MERGED
from tests.timeloop.importing import imported, write


def test_a_layer_includes_what_layers_share(tmp_path: Path) -> None:
    """As the layers of Timeloop's exercises do: a file beside it, and a merge at every depth."""
    write(tmp_path, base=BASE)
    folder = tmp_path / "net"
    folder.mkdir()
    (layer,) = write(folder, one="{{ include_text('../base.yaml') }}  # shared\n" + MERGED)

    network = imported([layer], "net")

    assert isinstance(network, Workload)
    assert network.layers[0].name == "one"
    assert network.layers[0].sizes == (8, 1, 4)


def test_a_plain_merge_does_not_go_deeper(tmp_path: Path) -> None:
    """The instance is then the layer's own, which lacks a size."""
    paths = write(tmp_path, one=BASE + MERGED.replace("<<<", "<<"))
    with pytest.raises(InputError, match="instance: the field 'M' is missing"):
        import_files(paths, "x")


def test_the_first_of_several_merged_wins(tmp_path: Path) -> None:
    """And what the mapping itself has wins over both."""
    text = "a: &a {x: 1, y: 1}\nb: &b {x: 2, y: 2, z: 2}\nc: {<<: [*a, *b], x: 3}\n"
    (path,) = write(tmp_path, one=text)
    assert read_source(path).data["c"] == {"x": 3, "y": 1, "z": 2}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{include_text('none.yaml')}}\n", r"one.yaml, line 1: .*there is no .*none.yaml"),
        (f"{{{{include_text('{'x' * 300}')}}}}\n", "there is no .*xxx"),
        ("{{include_text('/etc/hosts')}}\n", "expected the name of a file beside it"),
        ("{{include_text('one.yaml')}}\n", f"expected at most {MAX_INCLUDED} included files"),
        ("a: {{words}}\n", r"line 1: '{{words}}' is a template, .* parsed-processed-input.yaml"),
        ("a: 1\n{% if b %}\n", "line 2: '{% if b %}' is a template"),
        ("{% if b|default(3) %}\n", "line 1: '{% if b|default.* is a template"),
        ("{% if b|default(True) %}\na: 1\n", "an {% if … %} has no {% endif %}"),
        ("a: 1\n{% endif %}\n", "line 2: '{% endif %}' is a template"),
        ("a: {{b|default(c(1))}}\n", "is a template"),
        ("{% if b|default(False) %}\n{% elif c %}\n", "line 2: '{% elif c %}' is a template"),
        ("{% if b|default(False) %}\n{% if c %}\n", "line 2: '{% if c %}' is a template"),
        ("a: {<<: 3}\n", "<< is 3, expected an alias of a mapping"),
        ("a: &a [*a]\n", "nested too deeply|recursive"),
        ("a: *b\n", "found undefined alias"),
    ],
)
def test_templates_that_are_not_read(tmp_path: Path, text: str, expected: str) -> None:
    """One sentence, which says where to find the file that can be read."""
    with pytest.raises(InputError, match=expected):
        import_files(write(tmp_path, one=text), "x")


def test_comments_may_look_like_templates(tmp_path: Path) -> None:
    """Only what is not one counts."""
    assert imported(write(tmp_path, arch="# {{words}}\n" + FLAT), "x").name == "x"


def test_defaults_of_templates_hold(tmp_path: Path) -> None:
    """Conditions and values that need no caller; what is not chosen is not looked at."""
    text = """\
{% if has_one|default(True) %}
a: {{ size | default(3) }}  # {{words}}
{%- if other|default(false) -%}
b: {{words}}
{% else %}
c: "{{name|default('x y')}}-{{n|default(-1)}}"
{% endif %}
{% else %}
d: 1
{% endif %}
e: 2
"""
    (path,) = write(tmp_path, one=text)
    assert read_source(path).data == {"a": 3, "c": "x y--1", "e": 2}


def test_aliases_do_not_multiply(tmp_path: Path) -> None:
    """A few lines that stand for a billion values are refused, and at once."""
    lines = ["a0: &a0 {x: 1}"]
    for n in range(40):
        lines.append(f"a{n + 1}: &a{n + 1} {{<<: [*a{n}, *a{n}], y: *a{n}, z: *a{n}}}")
    began = time.process_time()
    with pytest.raises(InputError, match="more than 50000 values"):
        import_files(write(tmp_path, one="\n".join(lines)), "x")
    assert time.process_time() - began < 5


def test_many_includes_do_not_multiply(tmp_path: Path) -> None:
    """Neither do files that include each other many times over."""
    line = "{{include_text('%s.yaml')}}\n"
    write(tmp_path, a=line % "b" * 9, b=line % "a" * 9)
    with pytest.raises(InputError, match="expected at most"):
        import_files([tmp_path / "a.yaml"], "x")
