"""`mtrrviz desktop`: what it writes into the user's data, and that it takes all of it away."""

from __future__ import annotations

import configparser
import shlex
import stat
import sys
from pathlib import Path

import pytest

from mtrrviz.cli.desktop_command import FILES, data_home, entry_for
from mtrrviz.paths import resources_dir

ENTRY = (resources_dir() / "desktop" / "io.github.mtrrviz.mtrrviz.desktop").read_text()


@pytest.fixture
def data(monkeypatch, tmp_path):
    """Return where the user's data lie; no tool of the desktop is there."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    monkeypatch.setenv("PATH", str(tmp_path / "tools"))
    return tmp_path / "share"


def exec_of(text):
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(text)
    return parser["Desktop Entry"]["Exec"]


def test_what_is_installed_starts_this_installation(mtrrviz, data):
    outcome = mtrrviz("desktop", "install")
    assert (outcome.code, outcome.err) == (0, "")
    assert {path for path in data.rglob("*") if path.is_file()} == {data / name for name in FILES}
    assert [name for name in FILES if str(data / name) not in outcome.out] == []
    entry = exec_of((data / "applications" / "io.github.mtrrviz.mtrrviz.desktop").read_text())
    program, files = shlex.split(entry)
    assert files == "%F"
    assert Path(program) == Path(sys.executable).parent / "mtrrviz"
    assert Path(program).stat().st_mode & stat.S_IXUSR


def test_removing_takes_all_and_nothing_else(mtrrviz, data):
    mtrrviz("desktop", "install")
    other = data / "applications" / "other.desktop"
    other.write_text("")
    assert mtrrviz("desktop", "remove").code == 0
    assert [path for path in data.rglob("*") if path.is_file()] == [other]
    assert mtrrviz("desktop", "remove").out == f"nothing of mtrrviz in {data}\n"


def test_the_desktop_is_told(mtrrviz, data, tmp_path):
    tools = tmp_path / "tools"
    tools.mkdir()
    told = tmp_path / "told"
    for name in ("update-desktop-database", "update-mime-database", "gtk-update-icon-cache"):
        tool = tools / name
        tool.write_text(f'#!/bin/sh\necho "{name} $*" >> "{told}"\n')
        tool.chmod(0o755)
    assert mtrrviz("desktop", "install").code == 0
    assert told.read_text().splitlines() == [
        f"update-desktop-database -q {data}/applications",
        f"update-mime-database {data}/mime",
        f"gtk-update-icon-cache -q -t -f {data}/icons/hicolor",
    ]


@pytest.mark.parametrize(
    ("command", "line"),
    [
        (("/opt/mtrrviz/bin/mtrrviz",), "/opt/mtrrviz/bin/mtrrviz %F"),
        (("/home/a b/python", "-m", "mtrrviz"), '"/home/a b/python" -m mtrrviz %F'),
        (("/a%b/$c",), r'"/a%%b/\\$c" %F'),
        (("/a\\1",), r'"/a\\\\1" %F'),
    ],
)
def test_odd_paths_are_quoted_as_desktop_entries_want_it(command, line):
    assert exec_of(entry_for(ENTRY, command)) == line


def test_a_relative_data_home_does_not_count(monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", "share")
    assert data_home() == Path.home() / ".local" / "share"


def test_another_system_is_refused(refused, monkeypatch, data):
    monkeypatch.setattr("sys.platform", "darwin")
    assert "freedesktop.org" in refused("desktop", "install")


@pytest.mark.parametrize("missing", ["PySide6", "pyqtgraph"])
def test_without_qt_one_line_says_how_to_get_it(refused, monkeypatch, data, tmp_path, missing):
    monkeypatch.setitem(sys.modules, missing, None)
    for arguments in (
        (), ("sandbox",), ("render", "sandbox", "-o", tmp_path / "x.png"), ("desktop", "install"),
        ("render", "sandbox", "--play", "0-1", "-o", tmp_path / "x.gif"),
    ):  # fmt: skip
        assert "pip install 'mtrrviz[gui]'" in refused(*arguments)
    assert not data.exists()
    assert not (tmp_path / "x.png").exists()
