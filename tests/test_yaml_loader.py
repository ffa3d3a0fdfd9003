"""YAML with libyaml and without it: the same values, and the same refusals."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest
import yaml

from codesign import yaml_loader
from codesign.errors import InputError


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The loader as it is with a PyYAML that was built without libyaml."""
    monkeypatch.setattr(yaml, "__with_libyaml__", False)
    spec = importlib.util.spec_from_file_location("plain_loader", yaml_loader.__file__)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_values_are_the_same_without_libyaml(plain: ModuleType, repository: Path) -> None:
    """Of every file in `config`."""
    assert plain.Events is not yaml_loader.Events
    for path in sorted((repository / "config").rglob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        assert plain.parse_yaml(text, "x") == yaml_loader.parse_yaml(text, "x")


@pytest.mark.parametrize(
    "text",
    ["a: 1\na: 2\n", "a: &x [1]\nb: *x\n", "a: [1, 2\n", "a: \x00\n", "[" * 5000, "!!bool x"],
)
def test_refusals_are_the_same_without_libyaml(plain: ModuleType, text: str) -> None:
    """Up to the words."""
    for module in (plain, yaml_loader):
        with pytest.raises(InputError, match=r"^x.*: not valid YAML: "):
            module.parse_yaml(text, "x")
