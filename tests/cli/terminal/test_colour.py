"""Colour: on terminals, unless NO_COLOR or --color say otherwise, and never in data."""

from __future__ import annotations

import json
import re

import pytest

from mtrrviz.cli.terminal.colour import painted

CHECK = ("check", "range-moved")


@pytest.fixture(autouse=True)
def plain_terminal(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")


@pytest.fixture
def terminal(mtrrviz, monkeypatch):
    """Return a function that runs a command line on a terminal."""

    def run(*arguments):
        monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
        monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
        return mtrrviz(*arguments)

    return run


def test_a_pipe_gets_none(mtrrviz):
    assert "\x1b" not in mtrrviz(*CHECK).out


def test_a_terminal_gets_severities_and_types_in_colour(terminal):
    coloured = terminal(*CHECK).out
    assert coloured.startswith("\x1b[1;31merror\x1b[0m: vCPU 1 differs")
    assert "\x1b[32mWB\x1b[0m" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == terminal(*CHECK, "--color", "never").out


def test_an_error_is_in_colour(terminal):
    assert terminal("run", "nonesuch").err.startswith("\x1b[1;31mmtrrviz:\x1b[0m nonesuch: no such")


@pytest.mark.parametrize(("variable", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_the_environment_can_forbid_it(terminal, monkeypatch, variable, value):
    monkeypatch.setenv(variable, value)
    assert "\x1b" not in terminal(*CHECK).out
    assert "\x1b" not in terminal("run", "nonesuch").err
    assert "\x1b[" in terminal(*CHECK, "--color", "always").out


def test_an_empty_no_color_forbids_nothing(terminal, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "")
    assert "\x1b[" in terminal(*CHECK).out


def test_the_option_stands_before_or_after_the_command(mtrrviz):
    assert "\x1b[" in mtrrviz("--color", "always", *CHECK).out
    assert "\x1b" not in mtrrviz("--color", "always", *CHECK, "--color", "never").out
    assert "\x1b" not in mtrrviz(*CHECK).out


def test_data_have_none(mtrrviz):
    assert json.loads(mtrrviz(*CHECK, "--json", "--color", "always").out)
    exported = mtrrviz("export", "sandbox", "--what", "ranges", "--color", "always")
    assert (exported.code, "\x1b" in exported.out) == (0, False)


@pytest.mark.parametrize(
    ("text", "coloured"),
    [
        ("UC-, WB.", ["UC-", "WB"]),
        ("(UC)", ["UC"]),
        ("no-WB UCX WB2 wb WB-like", []),
        ("note: a note: b\nerror: c\nan error: d", ["note", "error"]),
    ],
)
def test_only_words_of_their_own_are_coloured(text, coloured):
    assert re.findall(r"\x1b\[[0-9;]+m([^\x1b]+)\x1b\[0m", painted(text)) == coloured
