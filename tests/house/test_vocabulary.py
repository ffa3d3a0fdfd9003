"""The vocabulary names things of the code that exist."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

ROW = re.compile(r"^\| (?P<term>[^|]+) \| (?P<meaning>[^|]+) \| (?P<code>[^|]*)\|$", re.MULTILINE)


def rows(repository: Path) -> list[tuple[str, str, str]]:
    """Term, meaning and code of every row, without the heads of the tables."""
    text = (repository / "docs/vocabulary.md").read_text(encoding="utf-8")
    found = [(m["term"], m["meaning"], m["code"].strip()) for m in ROW.finditer(text)]
    return [row for row in found if row[0] not in ("term", "---")]


def is_there(name: str, repository: Path) -> bool:
    """Whether `name` is a file of the repository, or a name that `codesign` has."""
    if "/" in name:
        return (repository / name).is_file()
    words = name.split(".")
    for length in range(len(words), 0, -1):
        module = ".".join(["codesign", *words[:length]])
        try:
            found: object = importlib.import_module(module)
        except ModuleNotFoundError as error:
            if not module.startswith(str(error.name)):
                raise
            continue
        return all((found := _member(found, word)) is not None for word in words[length:])
    return False


def _member(owner: object, name: str) -> object | None:
    fields = getattr(owner, "__dataclass_fields__", {})
    return getattr(owner, name, fields.get(name))


def test_every_term_has_one_place(repository: Path) -> None:
    """About fifty terms, none of them twice, each with a sentence."""
    terms = [term for term, _, _ in rows(repository)]

    assert len(terms) > 40
    assert len(set(terms)) == len(terms)
    assert all(meaning.strip().endswith(".") for _, meaning, _ in rows(repository))


def test_the_code_has_every_name(repository: Path) -> None:
    """Classes, modules and files that the page gives as the places of its terms."""
    named = {term: code.strip("`") for term, _, code in rows(repository) if code}

    assert len(named) > 40
    assert {t: name for t, name in named.items() if not is_there(name, repository)} == {}


@pytest.mark.parametrize("name", ["workload.Netwerk", "nowhere.Layer", "config/none.yaml"])
def test_names_that_do_not_exist_are_seen(repository: Path, name: str) -> None:
    assert not is_there(name, repository)
