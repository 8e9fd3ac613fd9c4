"""Pipes in the place of files: read while somebody writes, given up where nobody does."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time

import pytest

from mtrrviz.importers import ImportCancelledError, import_texts, patient_pipe
from mtrrviz.importers.patient_pipe import open_patiently
from mtrrviz.scenario import ScenarioError
from mtrrviz.session.wanted.wanted_sources import read_file

MAX_S = 60
"""A test that waits longer hangs, as it would without what is tested."""

PATIENCE_MS = 200


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(patient_pipe, "PATIENCE_MS", PATIENCE_MS)


@pytest.fixture
def pipe(tmp_path):
    """Yield a pipe; whoever waits for ever to open it is let go after a minute."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    rescue = threading.Timer(MAX_S, lambda: os.close(os.open(path, os.O_WRONLY | os.O_NONBLOCK)))
    rescue.daemon = True
    rescue.start()
    yield path
    rescue.cancel()


@pytest.fixture
def writing(pipe):
    """Return a function that writes parts into the pipe from another thread, with pauses."""
    threads: list[threading.Thread] = []

    def write(*parts: bytes, pause_s: float = 0.0):
        def work():
            with pipe.open("wb", buffering=0) as stream:
                for part in parts:
                    time.sleep(pause_s)
                    stream.write(part)

        threads.append(threading.Thread(target=work, daemon=True))
        threads[-1].start()

    yield write
    for thread in threads:
        thread.join(MAX_S)


def test_a_plain_file_is_a_plain_stream(tmp_path):
    (tmp_path / "file").write_bytes(b"abc")
    with open_patiently(tmp_path / "file") as stream:
        assert stream.seekable()
        assert stream.read() == b"abc"


@pytest.mark.parametrize("parts", [(b"",), (b"x",), (b"abc" * 100_000, b"end")])
def test_all_that_is_written_is_read(pipe, writing, parts):
    writing(*parts)
    with open_patiently(pipe) as stream:
        assert stream.read() == b"".join(parts)


def test_a_writer_may_take_longer_than_one_that_never_comes(pipe, writing):
    writing(b"a", b"b", pause_s=PATIENCE_MS / 1000 + 0.2)
    with open_patiently(pipe) as stream:
        assert stream.read() == b"ab"


def test_a_pipe_that_nobody_writes_is_given_up(pipe):
    with pytest.raises(ScenarioError) as caught:
        import_texts([("pipe", pipe)])
    assert (caught.value.file, caught.value.problem) == (
        "pipe",
        "this is a pipe, and nothing writes into it",
    )
    with pytest.raises(OSError, match="nothing writes"):
        read_file(pipe)


def test_waiting_for_a_silent_writer_can_be_cancelled(pipe):
    writer = os.open(pipe, os.O_RDWR)
    asked: list[int] = []

    def is_cancelled() -> bool:
        asked.append(1)
        return len(asked) > PATIENCE_MS // 50 + 5

    try:
        with pytest.raises(ImportCancelledError):
            import_texts([("pipe", pipe)], is_cancelled=is_cancelled)
    finally:
        os.close(writer)


@pytest.mark.parametrize("command", ["run", "check"])
def test_a_command_on_such_a_pipe_ends_with_one_line(pipe, command):
    ended = subprocess.run(
        [sys.executable, "-m", "mtrrviz", command, str(pipe)],
        capture_output=True,
        text=True,
        timeout=MAX_S,
        check=False,
    )
    assert ended.returncode == 2
    assert ended.stderr.count("\n") == 1
    assert f"{pipe}: this is a pipe, and nothing writes into it" in ended.stderr


def test_what_a_shell_substitutes_for_a_file_is_read():
    script = f"{sys.executable} -m mtrrviz check --machine guest <(sleep 0.2; echo 0x2ff c06)"
    ended = subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, timeout=MAX_S, check=False
    )
    assert ended.returncode in (0, 1), ended.stderr
    assert "note" in ended.stdout
