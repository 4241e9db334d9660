"""Atomic writes: whole or not at all, and nothing left behind."""

import errno
import hashlib
import os
import stat
from pathlib import Path

import pytest

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.artifacts.files import (
    atomic_path,
    atomic_write_bytes,
    atomic_write_text,
    move,
    remove_drafts,
    sha256,
)


def test_write_makes_folders_and_replaces(tmp_path):
    path = tmp_path / "a" / "b" / "file.json"
    atomic_write_text(path, "old")
    atomic_write_text(path, "λ = 0.95\n")
    assert path.read_bytes() == "λ = 0.95\n".encode()
    assert [p.name for p in path.parent.iterdir()] == ["file.json"]


def test_permissions_follow_the_umask(tmp_path):
    old = os.umask(0o027)
    try:
        atomic_write_bytes(tmp_path / "x", b"1")
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "x").stat().st_mode) == 0o640


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EACCES, errno.EROFS, errno.EIO])
@pytest.mark.parametrize("where", ["write", "sync", "rename"])
def test_failures_keep_the_old_file_and_leave_nothing(tmp_path, monkeypatch, code, where):
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def refuse(*_args, **_kwargs):
        raise OSError(code, os.strerror(code))

    match where:
        case "write":
            monkeypatch.setattr(Path, "write_bytes", refuse)
        case "sync":
            monkeypatch.setattr(os, "fsync", refuse)
        case "rename":
            monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(ArtifactError) as error:
        atomic_write_bytes(path, b"new")
    assert str(path) in str(error.value)
    assert os.strerror(code) in str(error.value)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_other_errors_pass_through_and_leave_nothing(tmp_path):
    def broken_writer():
        with atomic_path(tmp_path / "a.gif") as temporary:
            assert temporary.suffix == ".gif"
            temporary.write_bytes(b"half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken_writer()
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_place_of_a_folder_is_one_clear_message(tmp_path):
    (tmp_path / "folder").write_text("")
    with pytest.raises(ArtifactError, match="cannot be written"):
        atomic_write_bytes(tmp_path / "folder" / "file", b"")


@pytest.mark.parametrize("path", [".", "/", ".."])
def test_a_folder_in_place_of_a_file_is_one_clear_message(tmp_path, monkeypatch, path):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ArtifactError, match="cannot be written"):
        atomic_write_bytes(path, b"")
    assert list(tmp_path.iterdir()) == []


def test_folder_that_cannot_be_synced_is_no_failure(tmp_path, monkeypatch):
    sync = os.fsync

    def no_folders(descriptor):
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "Invalid argument")
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", no_folders)
    atomic_write_bytes(tmp_path / "x", b"1")
    assert (tmp_path / "x").read_bytes() == b"1"


def test_sha256(tmp_path):
    (tmp_path / "x").write_bytes(b"abc")
    assert sha256(tmp_path / "x") == hashlib.sha256(b"abc").hexdigest()
    with pytest.raises(ArtifactError, match="No such file"):
        sha256(tmp_path / "missing")


def test_drafts_of_a_killed_writer_are_removed_and_no_other_files(tmp_path):
    path = tmp_path / "model [1].pt"
    with atomic_path(path) as draft:
        left = tmp_path / draft.name.replace(draft.name.rsplit(".", 3)[1], "0123456789ab")
        draft.write_text("whole")
    left.write_text("half")
    kept = [tmp_path / name for name in (".model.tmp.pt", ".other.0123456789ab.tmp.pt")]
    for other in kept:
        other.write_text("x")
    assert left.exists()
    remove_drafts(path)
    assert sorted(tmp_path.iterdir()) == sorted([*kept, path])


def lose_answers(monkeypatch, name):
    """A call of `os` does its work, and the file system then says that it could not."""
    done, codes = getattr(os, name), {"open": errno.EEXIST, "replace": errno.ENOENT}

    def do_and_deny(*given, **more):
        found = done(*given, **more)
        if name == "open":
            if not given[1] & os.O_EXCL:
                return found
            os.close(found)
        raise OSError(codes[name], os.strerror(codes[name]))

    monkeypatch.setattr(os, name, do_and_deny)


@pytest.mark.parametrize("name", ["open", "replace"])
def test_an_answer_that_was_lost_is_no_failure(tmp_path, monkeypatch, name):
    lose_answers(monkeypatch, name)
    atomic_write_text(tmp_path / "file", "new")
    monkeypatch.undo()
    assert (tmp_path / "file").read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_file_that_is_gone_is_a_failure(tmp_path, monkeypatch):
    (tmp_path / "a").write_text("a")
    (tmp_path / "b").write_text("b")

    def refuse(*_):
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(FileNotFoundError):
        move(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "b").read_text() == "b"
