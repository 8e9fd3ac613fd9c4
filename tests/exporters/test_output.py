"""Exports reach their file whole or not at all."""

from __future__ import annotations

import os
import threading

import pytest

from mtrrviz.exporters.output import Stopped, watched, write_parts


def broken():
    yield "half"
    raise RuntimeError("in the middle")


def test_a_file_is_written_as_utf_8(tmp_path):
    write_parts(["a\n", "é\n"], str(tmp_path / "x"))
    assert (tmp_path / "x").read_bytes() == "a\né\n".encode()


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path):
    (tmp_path / "x").write_text("old")
    with pytest.raises(RuntimeError):
        write_parts(broken(), str(tmp_path / "x"))
    assert [path.read_text() for path in tmp_path.iterdir()] == ["old"]


def test_a_failure_makes_no_file(tmp_path):
    with pytest.raises(RuntimeError):
        write_parts(broken(), str(tmp_path / "x"))
    assert list(tmp_path.iterdir()) == []


def test_a_dash_is_standard_output(capsys):
    write_parts(["a", "b"], "-")
    assert capsys.readouterr().out == "ab"


def test_a_link_stays_and_its_target_is_written(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "target")
    write_parts(["new"], str(tmp_path / "link"))
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_text() == "new"


def test_a_pipe_is_written_and_stays_a_pipe(tmp_path):
    pipe, read = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()))
    reader.start()
    write_parts(["through", " it"], str(pipe))
    reader.join(10)
    assert read == ["through it"]
    assert pipe.is_fifo()


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(FileNotFoundError) as caught:
        write_parts(["x"], str(tmp_path / "nowhere" / "x"))
    assert caught.value.filename == str(tmp_path / "nowhere")


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(IsADirectoryError):
        write_parts(["x"], str(tmp_path))


def test_a_watched_export_tells_its_parts_until_it_is_stopped(tmp_path):
    told = []
    path = tmp_path / "x.csv"
    write_parts(watched(iter("abc"), told.append, lambda: False), str(path))
    assert (path.read_text(), told) == ("abc", [1, 2, 3])
    with pytest.raises(Stopped, match="nothing was written"):
        write_parts(watched(iter("xyz"), told.append, lambda: len(told) >= 4), str(path))
    assert path.read_text() == "abc"
    assert [file.name for file in tmp_path.iterdir()] == ["x.csv"]
