"""Whole lines of a file that grows, shrinks and is replaced."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from mtrrviz.importers.traces import growing_file
from mtrrviz.importers.traces.growing_file import GrowingFile
from mtrrviz.scenario import ScenarioError


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "trace"
    path.write_text("one\ntwo\nthr")
    return path


@pytest.fixture
def growing(path):
    found = GrowingFile(path)
    yield found
    found.close()


def append(path, text):
    with path.open("a") as stream:
        stream.write(text)


def test_a_line_comes_once_it_is_whole(path, growing):
    assert growing.lines() == ["one", "two"]
    assert growing.lines() == []
    append(path, "ee\n")
    assert growing.lines() == ["three"]
    assert growing.has_restarted()
    assert not growing.has_restarted()
    assert growing.take_remarks() == []


@pytest.mark.parametrize(
    ("content", "lines", "word"),
    [("new\n", ["new"], "truncated"), ("", [], "emptied")],
)
def test_a_shorter_file_is_read_from_its_start_aloud(path, growing, content, lines, word):
    assert growing.lines() == ["one", "two"]
    growing.has_restarted()
    path.write_text(content)
    assert growing.lines() == lines
    (remark,) = growing.take_remarks()
    assert word in remark
    assert growing.take_remarks() == []
    assert growing.has_restarted()
    append(path, "later\n")
    assert growing.lines() == ["later"]
    assert growing.take_remarks() == []


def test_a_file_as_long_as_what_was_read_is_the_same(path, growing):
    growing.lines()
    path.write_text("ONE\nTWO\nTHR")
    assert growing.lines() == []
    assert growing.take_remarks() == []


def test_the_old_file_is_read_to_its_end_before_the_new_one(path, growing):
    growing.lines()
    append(path, "ee\n")
    path.rename(path.with_name("old"))
    path.write_text("new\n")
    assert growing.lines() == ["three"]
    assert growing.lines() == ["new"]
    assert "replaced" in growing.take_remarks()[0]


def test_many_lines_come_in_parts_and_none_is_lost(path, growing, monkeypatch):
    monkeypatch.setattr(growing_file, "LINES_AT_ONCE", 3)
    monkeypatch.setattr(growing_file, "CHUNK_BYTES", 8)
    path.write_text("".join(f"line {number}\n" for number in range(20)))
    parts = []
    while part := growing.lines():
        parts.append(part)
    assert [line for part in parts for line in part] == [f"line {number}" for number in range(20)]
    assert len(parts) > 5


def test_a_line_may_be_as_long_as_the_message_says(path, growing, monkeypatch):
    monkeypatch.setattr(growing_file, "MAX_LINE_CHARS", 10)
    path.write_text("x" * 10)
    assert growing.lines() == []
    append(path, "x")
    with pytest.raises(ScenarioError, match="more than 10 characters"):
        growing.lines()


def test_what_is_not_there_is_one_message(tmp_path):
    with pytest.raises(ScenarioError, match="No such file"):
        GrowingFile(tmp_path / "none")


def test_a_pipe_without_a_writer_does_not_hold_anything_up(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    growing = GrowingFile(path)
    assert growing.lines() == []
    writer = os.open(path, os.O_WRONLY)
    assert growing.lines() == []
    os.write(writer, b"one\n")
    assert growing.lines() == ["one"]
    os.close(writer)
    growing.close()


def test_a_file_on_a_disk_that_does_not_answer_is_gone(path, growing, monkeypatch):
    stat = Path.stat
    assert not growing.is_gone

    def stale(file, **options):
        if file == path:
            raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))
        return stat(file, **options)

    monkeypatch.setattr(Path, "stat", stale)
    assert growing.is_gone
