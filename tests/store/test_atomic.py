"""Files appear whole or not at all, and the system's refusals are told in one sentence."""

from __future__ import annotations

import errno
import json
import os
import stat
from pathlib import Path

import pytest

from codesign.errors import InputError
from codesign.store.atomic import (
    output_folder,
    replacing,
    replacing_together,
    require_distinct,
    write_json,
    write_text,
)


def test_a_written_file_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    """Writing twice leaves the second content and nothing else in the folder."""
    path = tmp_path / "note.txt"

    write_text(path, "one")
    write_text(path, "two µ")

    assert path.read_text(encoding="utf-8") == "two µ"
    assert list(tmp_path.iterdir()) == [path]


def test_the_old_file_stays_while_the_new_one_is_written(tmp_path: Path) -> None:
    """A reader meanwhile sees the old content."""
    path = tmp_path / "note.txt"
    write_text(path, "old")

    with replacing(path) as draft:
        draft.write_text("half")

        assert path.read_text() == "old"
        assert draft.parent == tmp_path


def test_a_failure_leaves_everything_as_it_was(tmp_path: Path) -> None:
    """The half-written draft is removed, the old file is not."""
    path = tmp_path / "note.txt"
    write_text(path, "old")

    def fail() -> None:
        with replacing(path) as draft:
            draft.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_files_of_one_result_are_replaced_together(tmp_path: Path) -> None:
    """All of them, also those that are links; the others of the folder stay."""
    aim = tmp_path / "elsewhere.txt"
    aim.write_text("old")
    folder = tmp_path / "found"
    folder.mkdir()
    (folder / "linked.txt").symlink_to(aim)
    (folder / "kept.txt").write_text("kept")

    with replacing_together(folder) as drafts:
        write_text(drafts / "linked.txt", "new")
        write_text(drafts / "plain.txt", "new")
        assert aim.read_text() == "old"

    assert aim.read_text() == "new"
    assert (folder / "linked.txt").is_symlink()
    assert {path.name for path in folder.iterdir()} == {"kept.txt", "linked.txt", "plain.txt"}


def test_none_of_them_is_replaced_when_one_fails(tmp_path: Path) -> None:
    """The sentence names the file as its user knows it."""
    write_text(tmp_path / "first.txt", "old")
    (tmp_path / "second.txt").mkdir()

    def fail() -> None:
        with replacing_together(tmp_path) as drafts:
            write_text(drafts / "first.txt", "new")
            (drafts / "third.txt").mkdir()
            write_text(drafts / "third.txt", "new")

    with pytest.raises(InputError, match=rf"^{tmp_path}/third.txt: cannot be written: it is a fol"):
        fail()
    assert (tmp_path / "first.txt").read_text() == "old"
    assert {path.name for path in tmp_path.iterdir()} == {"first.txt", "second.txt"}


def test_a_full_disk_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's error becomes an `InputError` that names the file; no draft is left."""

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "library words")

    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(InputError, match=r"x\.txt: cannot be written: No space left on device$"):
        write_text(tmp_path / "x.txt", "text")
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_one_sentence(tmp_path: Path) -> None:
    """Nothing is made on the way."""
    with pytest.raises(InputError, match="cannot be written: No such file or directory"):
        write_text(tmp_path / "none" / "x.txt", "text")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_read_only_folder_is_one_sentence(tmp_path: Path) -> None:
    """Refused by the file system."""
    tmp_path.chmod(0o500)

    with pytest.raises(InputError, match="cannot be written: Permission denied"):
        write_text(tmp_path / "x.txt", "text")


def test_only_files_are_replaced(tmp_path: Path) -> None:
    """A folder or a device stays what it is."""
    for path, kind in (tmp_path, "a folder"), (Path(os.devnull), "not a regular file"):
        with pytest.raises(InputError, match=kind):
            write_text(path, "text")
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    """The file that it points to gets the content."""
    path, link = tmp_path / "note.txt", tmp_path / "link.txt"
    path.write_text("old")
    link.symlink_to(path)

    write_text(link, "new")

    assert link.is_symlink()
    assert path.read_text() == "new"


def test_new_files_have_usual_permissions(tmp_path: Path) -> None:
    """Others may read what the umask lets them, as with any other file."""
    ours, usual = tmp_path / "ours", tmp_path / "usual"
    usual.write_text("")

    write_text(ours, "")

    assert ours.stat().st_mode == usual.stat().st_mode


def test_json_has_null_for_what_is_no_number(tmp_path: Path) -> None:
    """NaN is not a number of JSON."""
    write_json(tmp_path / "x.json", {"edp": float("nan"), "trials": 3})

    assert json.loads((tmp_path / "x.json").read_text()) == {"edp": None, "trials": 3}


def test_an_output_folder_is_made(tmp_path: Path) -> None:
    """With the folders above it; one that is there already is fine."""
    for _ in range(2):
        with output_folder(tmp_path / "a" / "b") as folder:
            assert folder.is_dir()


def test_an_output_folder_goes_when_nothing_came_of_it(tmp_path: Path) -> None:
    """A failure leaves no empty folders behind."""

    def fail() -> None:
        with output_folder(tmp_path / "a" / "b"):
            raise InputError("no")

    with pytest.raises(InputError, match="no"):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_no_output_folder(tmp_path: Path) -> None:
    """Told before a search begins."""
    (tmp_path / "x").write_text("")

    with (
        pytest.raises(InputError, match="x: cannot be written: File exists"),
        output_folder(tmp_path / "x"),
    ):
        pass


def test_one_file_cannot_be_input_and_output(tmp_path: Path) -> None:
    """Also under another name."""
    path = tmp_path / "x"

    require_distinct([path, None, tmp_path / "y"])

    with pytest.raises(InputError, match="named twice"):
        require_distinct([path, tmp_path / "." / "x"])
