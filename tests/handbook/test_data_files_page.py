"""The data files of the manual are read as it says, and it names every column."""

from __future__ import annotations

from mtrrviz.analysis.solve.wanted import parse_wanted
from mtrrviz.core.memtype import MemoryType
from mtrrviz.scenario.files.data_files import csv_file, observed_file, touch_file
from mtrrviz.scenario.library import open_scenario
from mtrrviz.scenario.model import Aps
from mtrrviz.scenario.touches import Access
from tests.handbook.blocks import ROOT, blocks_of

PAGE = ROOT / "docs" / "manual" / "data-files.md"
BLOCKS = {block.language: block.text for block in blocks_of(PAGE)}
TEXT = PAGE.read_text(encoding="utf-8")


def test_the_example_is_a_recording(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exec(BLOCKS["python"], {})  # of our own documents
    (tmp_path / "mine.events.csv").write_text(BLOCKS["events"])
    (tmp_path / "mine.phases.csv").write_text(BLOCKS["phases"])
    (tmp_path / "mine.toml").write_text(BLOCKS["toml"])
    scenario = open_scenario(str(tmp_path / "mine.toml"))
    assert [(event.vcpu, event.value) for event in scenario.events] == [(0, 0xC06), (1, 0xC06)]
    assert scenario.touches.gfn.tolist() == [0x10, 0x200]
    assert scenario.touches.access.tolist() == [Access.WRITE, Access.READ]
    assert [phase.aps for phase in scenario.phases] == [Aps.NONE, Aps.CONCURRENT]
    assert scenario.duration_is_modelled


def test_the_wanted_map_is_one():
    first, second = parse_wanted(BLOCKS["wanted"], "wanted")
    assert (first.start, first.end, first.type) == (0, 2 << 30, MemoryType.WB)
    assert (second.start, second.end, second.type) == (
        0xD000_0000,
        0xE000_0000,
        MemoryType.WC,
    )


def test_every_column_and_value_is_named():
    columns = [*csv_file.EVENT_COLUMNS, *csv_file._PHASE_COLUMNS]
    columns += [*touch_file._LIMITS, *observed_file._LIMITS]
    assert [name for name in columns if name not in TEXT] == []
    assert [str(aps) for aps in Aps if f"`{aps}`" not in TEXT] == []
    for access in Access:
        assert f"{int(access)} {access.name.lower()}" in TEXT
