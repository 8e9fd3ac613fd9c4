"""What steers a terminal in a file's text or name does not reach one."""

from __future__ import annotations

import io
import json

import pytest

from mtrrviz.cli.terminal.aside import say
from mtrrviz.exporters.output import write_parts

STEERING = "\x1b]0;title\x07\x1b[31m\x9b2J\u202e"
"""Escape sequences of seven and of eight bits, and a character that turns text around."""

SCENARIO = """\
schema = 1
title = "steers"
[machine]
vcpus = 1
memory = "1 MiB"
region = [{{ name = {name}, kind = "ram", start = 0, size = "1 MiB" }}]
[[event]]
t = 0.0
kind = "note"
text = {name}
origin = {name}
"""


def steers(text):
    return any(not char.isprintable() and char not in "\n\t" for char in text)


@pytest.fixture
def scenario(tmp_path):
    path = tmp_path / "steers.toml"
    path.write_text(SCENARIO.format(name=json.dumps(STEERING)))
    return path


@pytest.mark.parametrize("what", ["events", "ranges", "trace", "report"])
def test_an_export_to_a_terminal_is_escaped(mtrrviz, scenario, monkeypatch, what):
    assert steers(STEERING)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    shown = mtrrviz("export", scenario, "--what", what, "-o", "-")
    assert shown.code == 0
    assert not steers(shown.out)


def test_an_export_to_a_pipe_is_what_it_is_in_a_file(mtrrviz, scenario, tmp_path):
    piped = mtrrviz("export", scenario, "--what", "events", "-o", "-").out
    mtrrviz("export", scenario, "--what", "events", "-o", tmp_path / "events.csv")
    assert steers(piped)
    assert piped == (tmp_path / "events.csv").read_text()


def test_lines_and_tabs_of_a_text_stay(monkeypatch, capsys):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    write_parts(["a\tb\n", "\x1b[2J\u00e9\n"], "-")
    assert capsys.readouterr().out == "a\tb\n\\x1b[2J\u00e9\n"


NAME = f"{STEERING[:4]}\x1b[31m\udce9x.toml"
COMMANDS = [
    ("run", NAME), ("check", NAME), ("import", NAME), ("export", NAME), ("explain", NAME, "0"),
    ("lesson", "check", NAME), ("lesson", "grade", NAME), ("solve", NAME), ("compare", NAME),
    ("run", "--policy", NAME, "ap-only-change"), ("run", "--at", NAME, "ap-only-change"),
    (NAME, "x"), ("export", "ap-only-change", "-o", f"missing/{NAME}"),
    ("sweep", "-o", f"missing/{NAME}"), ("render", NAME, "-o", f"{NAME}.png"),
    ("run", "--constant", NAME, "ap-only-change"),
]  # fmt: skip


@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda one: " ".join(map(ascii, one)))
def test_the_name_of_a_file_in_a_message_is_escaped(mtrrviz, arguments, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    outcome = mtrrviz(*arguments)
    assert outcome.code == 2
    assert outcome.err.strip()
    assert not steers(outcome.err), outcome.err
    assert not steers(outcome.out)


def test_a_message_is_one_line_of_printable_characters(monkeypatch):
    said = io.StringIO()
    monkeypatch.setattr("sys.stderr", said)
    say("a\nb\x1b")
    assert said.getvalue() == "mtrrviz: a\\nb\\x1b\n"
