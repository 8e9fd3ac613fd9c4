"""Every file is written whole or not at all, and stays what it was in all but its content."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
import threading

import pytest

from mtrrviz.scenario.files import whole_file
from mtrrviz.scenario.files.whole_file import require_writable, write_whole, write_whole_parts

_DIES = """
import os, sys
from pathlib import Path
from mtrrviz.scenario.files.whole_file import write_whole_parts

def parts():
    yield b"half"
    os.kill(os.getpid(), 9)

write_whole_parts(Path(sys.argv[1]), parts())
"""


def names_in(folder):
    return {file.name for file in folder.iterdir()}


def failing(number):
    def fail(*_arguments):
        raise OSError(number, os.strerror(number))

    return fail


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o755, 0o666])
def test_permissions_stay(tmp_path, mode):
    path = tmp_path / "x"
    path.write_bytes(b"old")
    path.chmod(mode)
    write_whole(path, b"new")
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"new", mode)


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_a_new_file_has_what_the_umask_leaves(tmp_path, umask, mode):
    before = os.umask(umask)
    try:
        write_whole(tmp_path / "x", b"new")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "x").stat().st_mode) == mode


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_the_owner_stays(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"old")
    os.chown(path, 1234, 4321)
    write_whole(path, b"new")
    assert (path.stat().st_uid, path.stat().st_gid) == (1234, 4321)
    assert path.read_bytes() == b"new"


def test_an_owner_that_cannot_be_given_stays_by_writing_in_place(tmp_path, monkeypatch):
    path = tmp_path / "x"
    path.write_bytes(b"old and long")
    number = path.stat().st_ino
    monkeypatch.setattr("os.fchmod", failing(errno.EPERM))
    write_whole(path, b"new")
    assert (path.read_bytes(), path.stat().st_ino) == (b"new", number)
    assert names_in(tmp_path) == {"x"}


def test_nobody_else_reads_what_replaces_a_private_file(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"old")
    path.chmod(0o600)
    modes = []

    def parts():
        yield b"new"
        modes.extend(stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir())

    write_whole_parts(path, parts())
    assert modes == [0o600, 0o600]


def test_a_file_in_a_folder_that_takes_no_files_is_written_in_place(tmp_path, monkeypatch):
    path = tmp_path / "x"
    path.write_bytes(b"old and long")
    number = path.stat().st_ino
    allows = os.access

    def access(place, mode):
        return (place != tmp_path or not mode & os.W_OK) and allows(place, mode)

    monkeypatch.setattr("os.access", access)
    write_whole(path, b"new")
    assert (path.read_bytes(), path.stat().st_ino) == (b"new", number)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_new_file_in_a_folder_that_takes_none_is_refused_by_its_name(tmp_path):
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(PermissionError) as caught:
            write_whole(tmp_path / "x", b"new")
    finally:
        tmp_path.chmod(0o700)
    assert caught.value.filename == str(tmp_path / "x")


def test_hard_links_stay(tmp_path):
    path, other = tmp_path / "x", tmp_path / "y"
    path.write_bytes(b"old")
    other.hardlink_to(path)
    write_whole(path, b"new content")
    assert other.read_bytes() == b"new content"
    assert other.samefile(path)


def test_a_full_disk_leaves_a_file_with_hard_links_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / "x"
    path.write_bytes(b"old")
    (tmp_path / "y").hardlink_to(path)
    monkeypatch.setattr("os.posix_fallocate", failing(errno.ENOSPC))
    with pytest.raises(OSError, match="No space") as caught:
        write_whole(path, b"new content")
    assert caught.value.filename == str(path)
    assert path.read_bytes() == b"old"


def test_links_stay_and_a_link_to_nothing_makes_its_target(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "link").symlink_to("deep/target")
    write_whole(tmp_path / "link", b"first")
    write_whole(tmp_path / "link", b"second")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "deep" / "target").read_bytes() == b"second"


def test_links_in_a_circle_are_refused(tmp_path):
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(OSError, match="symbolic links") as caught:
        write_whole(tmp_path / "a", b"x")
    assert caught.value.errno == errno.ELOOP
    assert names_in(tmp_path) == {"a", "b"}


def test_a_read_only_file_is_refused_unless_it_is_meant(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"old")
    path.chmod(0o444)
    with pytest.raises(PermissionError, match="read-only"):
        write_whole(path, b"new")
    with pytest.raises(PermissionError, match="read-only"):
        require_writable(path)
    assert path.read_bytes() == b"old"
    write_whole(path, b"new", over_read_only=True)
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"new", 0o444)


def test_a_full_disk_names_the_file_and_leaves_the_old_one(tmp_path, monkeypatch):
    path = tmp_path / "x"
    path.write_bytes(b"old")
    monkeypatch.setattr("os.fsync", failing(errno.ENOSPC))
    with pytest.raises(OSError, match="No space left") as caught:
        write_whole(path, b"new")
    assert caught.value.filename == str(path)
    assert path.read_bytes() == b"old"
    assert names_in(tmp_path) == {"x"}


def test_content_is_synced_before_the_rename_and_the_folder_after(tmp_path, monkeypatch):
    done = []
    sync, rename = os.fsync, whole_file.Path.replace

    def note_sync(handle):
        done.append("folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "file")
        sync(handle)

    def note_rename(path, target):
        done.append("rename")
        return rename(path, target)

    monkeypatch.setattr("os.fsync", note_sync)
    monkeypatch.setattr(whole_file.Path, "replace", note_rename)
    write_whole(tmp_path / "x", b"new")
    assert done == ["file", "rename", "folder"]


def test_what_a_killed_writer_left_is_removed_by_the_next(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"old")
    command = [sys.executable, "-c", _DIES, str(path)]
    assert subprocess.run(command, check=False).returncode == -9
    assert path.read_bytes() == b"old"
    assert len(names_in(tmp_path)) == 2
    write_whole(path, b"new")
    assert names_in(tmp_path) == {"x"}


def test_what_a_living_writer_writes_is_left_alone(tmp_path):
    begun, go = threading.Event(), threading.Event()

    def slow():
        yield b"slow"
        begun.set()
        assert go.wait(30)

    writer = threading.Thread(target=write_whole_parts, args=(tmp_path / "slow", slow()))
    writer.start()
    assert begun.wait(30)
    write_whole(tmp_path / "quick", b"quick")
    go.set()
    writer.join(30)
    assert names_in(tmp_path) == {"slow", "quick"}


def test_names_may_be_as_long_as_names_can_be_and_need_not_be_text(tmp_path):
    for name in ("n" * 255, os.fsdecode(b"caf\xe9.toml")):
        write_whole(tmp_path / name, b"new")
        assert (tmp_path / name).read_bytes() == b"new"


def test_what_cannot_be_written_is_refused_before_the_work(tmp_path):
    with pytest.raises(IsADirectoryError):
        require_writable(tmp_path)
    require_writable(tmp_path / "new")
    assert names_in(tmp_path) == set()


@pytest.mark.parametrize(
    ("error", "number", "words"),
    [
        (OSError(errno.ENOSPC, "no room"), errno.ENOSPC, "no room"),
        (OSError(errno.EDQUOT, "no room"), errno.EDQUOT, "no room"),
        (OSError("no words"), errno.EIO, "no words"),
    ],
)
def test_an_error_keeps_its_number_and_words_and_names_the_file(
    tmp_path, monkeypatch, error, number, words
):
    def fail(*_arguments):
        raise error

    monkeypatch.setattr("os.fsync", fail)
    path = tmp_path / "kept.toml"
    with pytest.raises(OSError, match=words) as caught:
        write_whole(path, b"data")
    assert (caught.value.errno, caught.value.filename) == (number, str(path))
    assert names_in(tmp_path) == set()


def test_a_pipe_that_nobody_reads_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(whole_file, "_PIPE_TRIES", 2)
    pipe, caught = tmp_path / "pipe", []
    os.mkfifo(pipe)

    def write():
        try:
            write_whole(pipe, b"data")
        except OSError as error:
            caught.append(error)

    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    writer.join(10)
    assert [(error.errno, error.filename) for error in caught] == [(errno.ENXIO, str(pipe))]
    assert pipe.is_fifo()


def test_more_than_a_pipe_holds_is_written_to_a_reader_who_comes_late(tmp_path):
    pipe, read, data = tmp_path / "pipe", [], bytes(1 << 20)
    os.mkfifo(pipe)
    reader = threading.Timer(0.2, lambda: read.append(pipe.read_bytes()))
    reader.start()
    write_whole(pipe, data)
    reader.join(10)
    assert read == [data]


def test_a_pipe_that_is_called_as_a_leftover_is_not_waited_for(tmp_path):
    pipe, link = tmp_path / ".mtrrviz-0.part", tmp_path / ".mtrrviz-1.part"
    os.mkfifo(pipe)
    link.symlink_to(pipe)
    writer = threading.Thread(target=write_whole, args=(tmp_path / "x", b"new"), daemon=True)
    writer.start()
    writer.join(10)
    assert not writer.is_alive()
    assert names_in(tmp_path) == {pipe.name, link.name, "x"}
