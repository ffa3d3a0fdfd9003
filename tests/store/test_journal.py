"""A journal gives back what was put in, and nothing that is damaged, stale or foreign."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import numpy as np
import pytest

from codesign.errors import InputError
from codesign.store.journal import Journal, journal_path

CONTENTS = {"a": b"\x00\n\xff one", "b": b"", "c": bytes(range(256)) * 40}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A journal with `CONTENTS`, closed."""
    path = tmp_path / "journal"
    fill(path, CONTENTS)
    return path


def fill(path: Path, contents: dict[str, bytes], identity: str = "we") -> None:
    journal = Journal(path, identity)
    for key, content in contents.items():
        journal[key] = content
    journal.close()


def read(path: Path, identity: str = "we") -> dict[str, bytes]:
    journal = Journal(path, identity)
    found = {key: journal[key] for key in CONTENTS if key in journal}
    assert len(found) == len(journal)
    journal.close()
    return found


def test_entries_come_back(path: Path) -> None:
    """To the byte, in another process as in the one that put them in."""
    assert read(path) == CONTENTS
    journal = Journal(path, "we")
    journal["b"] = b"new"
    assert (journal["a"], journal["b"]) == (CONTENTS["a"], b"new")
    journal.close()
    assert read(path) == {**CONTENTS, "b": b"new"}


def test_an_unknown_key_is_none(path: Path) -> None:
    """As in any dictionary."""
    journal = Journal(path, "we")

    assert "z" not in journal
    with pytest.raises(KeyError):
        journal["z"]


def test_a_journal_without_entries_is_no_file(tmp_path: Path) -> None:
    """A run that fails at once leaves nothing."""
    journal = Journal(tmp_path / "journal", "we")
    journal.close()

    assert list(tmp_path.iterdir()) == []


def test_of_a_torn_journal_the_whole_lines_count(path: Path) -> None:
    """Cut anywhere: a prefix of the entries is left, and new ones find their place after it."""
    content = path.read_bytes()
    rng = np.random.default_rng(0)
    counts = set()
    for end in [*rng.integers(0, len(content), 60), len(content)]:
        path.write_bytes(content[:end])
        found = read(path)
        assert list(found.items()) == list(CONTENTS.items())[: len(found)]
        counts.add(len(found))
        fill(path, {"b": b"after"})
        assert read(path) == {**found, "b": b"after"}
    assert counts == {0, 1, 2, 3}


def test_damaged_lines_do_not_count(path: Path) -> None:
    """Whichever bit was flipped; the other entries do."""
    content = path.read_bytes()
    rng = np.random.default_rng(1)
    for place in rng.integers(0, len(content), 100):
        damaged = bytearray(content)
        damaged[place] ^= 1 << int(rng.integers(8))
        path.write_bytes(damaged)
        found = read(path)
        assert len(found) >= 1
        assert found.items() <= CONTENTS.items()


def test_what_others_wrote_does_not_count(path: Path) -> None:
    """Neither entries of other code count, nor a file that is not a journal."""
    assert read(path, "they") == {}
    path.write_bytes(b"\x00" * 100 + b"\n\n a b\n" + b"PAR1" * 1000)
    assert read(path) == {}


def test_a_journal_that_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    """Such as a folder in its place."""
    (tmp_path / "journal").mkdir()

    with pytest.raises(InputError, match="journal: cannot be read: Is a directory"):
        Journal(tmp_path / "journal", "we")


def test_a_journal_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    """Where its folder is missing."""
    journal = Journal(tmp_path / "none" / "journal", "we")

    with pytest.raises(InputError, match="journal: cannot be written: No such file"):
        journal["a"] = b""


def append_many(path: Path, name: str) -> None:
    fill(path, {f"{name}{i}": f"{name}{i}".encode() * 999 for i in range(50)})


def test_two_processes_may_append_at_once(tmp_path: Path) -> None:
    """As a job whose scheduler died and the one that replaces it do: no entry is lost or mixed."""
    path = tmp_path / "journal"
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=append_many, args=(path, name)) for name in "xy"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    journal = Journal(path, "we")

    assert len(journal) == 100
    assert all(journal[f"{n}{i}"] == f"{n}{i}".encode() * 999 for n in "xy" for i in range(50))


def test_a_removed_journal_is_gone(path: Path) -> None:
    """Twice does no harm."""
    journal = Journal(path, "we")
    journal["d"] = b""

    journal.remove()
    journal.remove()

    assert not path.exists()


def test_it_lies_beside_the_output() -> None:
    """Hidden, under the output's name."""
    assert journal_path(Path("a/trials.parquet")) == Path("a/.trials.parquet.journal")
