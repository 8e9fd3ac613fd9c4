"""Windows learn which files others have open; dead ones count for nothing, and nothing fails."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from mtrrviz.session.exchange.open_files import OpenFile

_LIVES = """
import sys
from pathlib import Path
from mtrrviz.session.exchange.open_files import OpenFile

file = OpenFile(Path(sys.argv[1]))
print(file.hold(Path(sys.argv[2])), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def root(tmp_path):
    return tmp_path / "settings" / "open"


@pytest.fixture
def path(tmp_path):
    made = tmp_path / "a.toml"
    made.touch()
    return made


def test_each_window_after_the_first_is_told_while_another_lives(root, path):
    windows = [OpenFile(root) for _ in range(3)]
    assert [window.hold(path) for window in windows] == [False, True, True]
    windows[0].release()
    assert windows[2].hold(path)
    windows[1].release()
    assert not windows[2].hold(path)
    windows[2].release()
    assert list(root.iterdir()) == []


def test_other_files_and_the_own_one_again_are_not_told(root, path, tmp_path):
    window, other = OpenFile(root), OpenFile(root)
    assert not window.hold(path)
    assert not window.hold(path)
    assert not other.hold(tmp_path / "b.toml")
    assert other.hold(path)
    assert not OpenFile(root).hold(tmp_path / "b.toml")


def test_a_link_leads_to_the_same_file(root, path, tmp_path):
    (tmp_path / "link.toml").symlink_to(path)
    window = OpenFile(root)
    window.hold(path)
    assert OpenFile(root).hold(tmp_path / "link.toml")


def test_names_that_are_no_text_and_links_in_a_circle_are_held_or_not_known(root, tmp_path):
    odd = tmp_path / os.fsdecode(b"caf\xe9.toml")
    window = OpenFile(root)
    assert not window.hold(odd)
    assert OpenFile(root).hold(odd)
    (tmp_path / "round").symlink_to("round")
    assert not window.hold(tmp_path / "round" / "x")


def test_a_process_that_was_killed_is_forgotten_whatever_its_number(root, path):
    command = [sys.executable, "-c", _LIVES, str(root), str(path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "False\n"
        window = OpenFile(root)
        assert window.hold(path)
        window.release()
        other.kill()
    assert len(list(root.iterdir())) == 1
    assert not window.hold(path)
    assert len(list(root.iterdir())) == 1


def test_where_nothing_can_be_written_nothing_is_known(path, tmp_path):
    (tmp_path / "file").touch()
    window = OpenFile(tmp_path / "file" / "open")
    assert not window.hold(path)
    window.release()
