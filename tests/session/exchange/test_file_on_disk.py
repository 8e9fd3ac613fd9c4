"""A file that another program changed while it was open."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import pytest

from mtrrviz.scenario.files.loader import MAX_TEXT_BYTES, load_original
from mtrrviz.scenario.files.saver import save_scenario
from mtrrviz.session.document import Document
from mtrrviz.session.edits import attach_dma
from mtrrviz.session.exchange.file_on_disk import FileOnDisk
from tests.scenario.files import GOOD, write_scenario

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write_scenario(tmp_path)


@pytest.fixture
def document(path: Path) -> Document:
    original = load_original(path)
    return Document(original.scenario, path=path, original=original)


def test_what_the_program_wrote_itself_is_not_foreign(document: Document, path: Path) -> None:
    disk = FileOnDisk(document)
    assert disk.foreign_data() is None
    document.apply(attach_dma(document.scenario, 100))
    saved = save_scenario(document.scenario, path, document.original)
    document.mark_saved(saved.scenario, path, saved)
    assert disk.foreign_data() is None
    path.touch()
    assert disk.foreign_data() is None


def test_what_another_program_wrote_is_noticed_and_shown(document: Document, path: Path) -> None:
    disk = FileOnDisk(document)
    theirs = GOOD.replace("0xC06", "0xC00").encode()
    path.write_bytes(theirs)
    assert disk.foreign_data() == theirs
    lines = disk.difference(theirs).splitlines()
    assert "-value = 0xC06" in lines
    assert "+value = 0xC00" in lines
    path.unlink()
    assert disk.foreign_data() is None


def too_long(path: Path) -> None:
    with path.open("r+b") as stream:
        stream.truncate(MAX_TEXT_BYTES + 1)


def another_kind(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    ("change", "words"), [(too_long, "the file is too large"), (another_kind, "this is not a file")]
)
def test_what_cannot_be_read_is_another_all_the_same(
    document: Document, path: Path, change: Callable[[Path], None], words: str
) -> None:
    disk = FileOnDisk(document)
    assert disk.foreign_data() is None
    change(path)
    data = disk.foreign_data()
    assert data is not None
    assert words in disk.difference(data)
    disk.keep_mine(data)
    assert disk.foreign_data() is None


def test_a_change_that_leaves_time_and_size_is_noticed(document: Document, path: Path) -> None:
    disk, before = FileOnDisk(document), path.stat()
    assert disk.foreign_data() is None
    path.write_bytes(path.read_bytes().replace(b"good", b"evil"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert b"evil" in (disk.foreign_data() or b"")


def test_a_folder_that_cannot_be_looked_into_is_no_error(
    document: Document, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stale(*_arguments: object, **_options: object) -> None:
        raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))

    disk = FileOnDisk(document)
    monkeypatch.setattr("os.stat", stale)
    assert disk.is_gone
    assert disk.foreign_data() is None


def test_two_windows_on_a_file_notice_what_the_other_saves(path: Path) -> None:
    windows = [
        Document((one := load_original(path)).scenario, path=path, original=one) for _ in "ab"
    ]
    disks = [FileOnDisk(window) for window in windows]
    windows[0].apply(attach_dma(windows[0].scenario, 100))
    saved = save_scenario(windows[0].scenario, path, windows[0].original)
    windows[0].mark_saved(saved.scenario, path, saved)
    assert [disk.foreign_data() for disk in disks] == [None, saved.data]
    windows[1].reload(load_original(path))
    assert [disk.foreign_data() for disk in disks] == [None, None]


def test_keeping_mine_lets_it_be_saved_over_the_other(document: Document, path: Path) -> None:
    disk = FileOnDisk(document)
    path.write_bytes(b"theirs")
    disk.keep_mine(b"theirs")
    assert disk.foreign_data() is None
    assert document.is_modified
    path.write_bytes(b"theirs, again")
    assert disk.foreign_data() == b"theirs, again"


def test_reloading_keeps_where_the_user_looks_and_can_be_undone(
    document: Document, path: Path
) -> None:
    document.set_playhead(400_000_000)
    document.select_page(0x123)
    document.select_vcpu(1)
    document.set_policy("kvm-6.7")
    document.set_marker("A", 5)
    document.apply(attach_dma(document.scenario, 400_000_000))
    mine = document.scenario
    path.write_text(GOOD.replace("vcpus = 2", "vcpus = 3").replace("0xC06", "0xC00"))
    document.reload(load_original(path))
    assert document.scenario.events[0].value == 0xC00
    assert not document.is_modified
    looks = (document.playhead_ns, document.gfn, document.vcpu, document.policy)
    assert looks == (400_000_000, 0x123, 1, "kvm-6.7")
    assert document.marker("A") == 5
    assert FileOnDisk(document).foreign_data() is None
    document.undo()
    assert document.scenario is mine
    assert document.is_modified


def test_reloading_a_smaller_machine_selects_a_vcpu_that_is_there(
    document: Document, path: Path
) -> None:
    document.select_vcpu(1)
    text = GOOD.replace("vcpus = 2", "vcpus = 1").replace("vcpu = 1", "vcpu = 0")
    path.write_text(text)
    document.reload(load_original(path))
    assert document.vcpu == 0


@pytest.mark.parametrize("spare", [0, -1])
def test_as_many_lines_as_can_be_compared_are(
    document: Document, path: Path, monkeypatch: pytest.MonkeyPatch, spare: int
) -> None:
    disk = FileOnDisk(document)
    theirs = GOOD.replace("0xC06", "0xC00")
    lines = len(GOOD.splitlines()) + len(theirs.splitlines())
    module = "mtrrviz.session.exchange.file_on_disk"
    monkeypatch.setattr(f"{module}.MAX_COMPARED_LINES", lines + spare)
    assert ("+value = 0xC00" in disk.difference(theirs.encode())) == (spare == 0)
    assert ("too long" in disk.difference(theirs.encode())) == (spare < 0)


def test_a_file_that_differs_in_line_ends_alone_is_said_to(document: Document) -> None:
    theirs = GOOD.replace("\n", "\r\n").encode()
    assert FileOnDisk(document).difference(theirs) == "Only line ends differ."
