"""Names of files that are no text, or steer a terminal, are read, written and told like others."""

from __future__ import annotations

import json
import os

import pytest

from tests.scenario.files import GOOD

SCENARIO = os.fsdecode(b"caf\xe9.toml")
DUMP = os.fsdecode(b"d\xff\x1b[31m.txt")
OUTPUT = os.fsdecode(b"out\xe9")
READING = [
    ("run", SCENARIO),
    ("run", SCENARIO, "--json"),
    ("check", SCENARIO),
    ("check", SCENARIO, "--json"),
    ("check", SCENARIO, "--sarif"),
    ("check", DUMP, "--sarif"),
    ("explain", SCENARIO, "0x1000", "--json"),
    ("compare", SCENARIO),
    ("solve", DUMP),
    ("import", DUMP),
]
WRITING = [
    ("import", DUMP, "-o", f"{OUTPUT}.toml"),
    ("export", SCENARIO, "--what", "events", "-o", f"{OUTPUT}.csv"),
    ("export", SCENARIO, "--what", "report", "-o", f"{OUTPUT}.html"),
    ("export", SCENARIO, "--what", "trace", "-o", f"{OUTPUT}.json"),
]
REFUSED = [
    ("run", f"no-{SCENARIO}"),
    ("import", SCENARIO),
    ("explain", DUMP, "0x1000", "--policy", SCENARIO),
    ("export", SCENARIO, "--what", "events", "-o", f"no-{OUTPUT}/x.csv"),
]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / SCENARIO).write_text(GOOD)
    (tmp_path / DUMP).write_text(
        "reg00: base=0x000000000 (    0MB), size= 2048MB, count=1: write-back\n"
    )


def is_plain(text):
    """Whether a text can be written to a terminal and moves nothing there."""
    return text.isascii() and text.replace("\n", "").isprintable()


@pytest.mark.parametrize("arguments", READING, ids=ascii)
def test_what_is_told_of_them_is_text(mtrrviz, arguments):
    outcome = mtrrviz(*arguments)
    assert outcome.code in {0, 1}
    outcome.out.encode()
    assert is_plain(outcome.err)
    if arguments[-1].startswith("--"):
        json.loads(outcome.out)


@pytest.mark.parametrize("arguments", WRITING, ids=ascii)
def test_they_are_written(mtrrviz, arguments, tmp_path):
    assert mtrrviz(*arguments).code == 0
    assert (tmp_path / arguments[-1]).stat().st_size > 0
    (tmp_path / arguments[-1]).read_text()


@pytest.mark.parametrize("arguments", REFUSED, ids=ascii)
def test_messages_show_what_is_no_text_of_them(refused, arguments):
    words = refused(*arguments)
    assert is_plain(words)
    assert r"\udc" in words


def test_a_report_for_tools_addresses_the_file_by_its_bytes(mtrrviz):
    (run,) = json.loads(mtrrviz("check", SCENARIO, "--sarif").out)["runs"]
    places = {str(place) for result in run["results"] for place in result["locations"]}
    assert any("caf%E9.toml" in place for place in places)
