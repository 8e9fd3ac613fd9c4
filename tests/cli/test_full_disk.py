"""A command that finds the disk full names its file, and leaves what was there."""

from __future__ import annotations

import pytest

from tests.full_disk import room_for

DUMP = """\
reg00: base=0x000000000 (    0MB), size= 2048MB, count=1: write-back
reg01: base=0x080000000 ( 2048MB), size= 1024MB, count=1: write-back
"""
WRITING = [
    ("sweep", "--vcpus", "2", "--policy", "per-vm", "-o", "x.csv"),
    ("export", "sandbox", "--what", "events", "-o", "x.csv"),
    ("export", "sandbox", "--what", "touches", "-o", "x.json"),
    ("export", "sandbox", "--what", "report", "-o", "x.html"),
    ("export", "sandbox", "--what", "trace", "-o", "x.json"),
    ("lesson", "worksheet", "variable-ranges", "-o", "x.html"),
    ("import", "dump.txt", "-o", "x.toml"),
    ("render", "sandbox", "--view", "map", "--play", "0-0.1", "-o", "x.gif"),
]


@pytest.mark.parametrize("arguments", WRITING, ids=" ".join)
def test_the_message_names_the_file_and_the_old_one_is_whole(
    mtrrviz, arguments, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "dump.txt").write_text(DUMP)
    output = tmp_path / arguments[-1]
    output.write_text("old")
    with room_for(50):
        outcome = mtrrviz(*arguments)
    assert outcome.err.splitlines()[-1] == f"mtrrviz: {arguments[-1]}: File too large"
    assert (outcome.code, outcome.out) == (2, "")
    assert output.read_text() == "old"
    assert {file.name for file in tmp_path.iterdir()} == {"dump.txt", arguments[-1]}
