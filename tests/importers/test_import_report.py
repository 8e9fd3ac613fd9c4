"""The report of an import: as many lines and values as there were, and what stayed unknown."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from mtrrviz.importers.import_report import import_json, import_text, source_lines
from mtrrviz.importers.this_machine.all_sources import import_this_machine
from mtrrviz.importers.this_machine.machine_sources import DIRECT_SOURCES
from tests.importers.helpers import imported
from tests.importers.machine.machine_tree import intel_host

PROC_MTRR = "reg00: base=0x000000000 (    0MB), size= 2048MB, count=1: write-back\n"


def test_values_are_counted_where_a_machine_was_read_and_lines_where_a_text_was(tmp_path):
    read = import_this_machine(intel_host(tmp_path).root)
    for source in read.sources:
        _, counted, *more = source_lines(source)
        unit = "value" if set(source.formats) <= set(DIRECT_SOURCES) else "line"
        number, what, *_ = counted.replace(",", "").split()
        assert (number, what) == (str(source.lines), unit + "s" * (source.lines != 1))
        assert not more
    assert {source.formats[0] for source in read.sources} >= set(DIRECT_SOURCES)
    (source,) = imported(PROC_MTRR).sources
    _, counted, *more = source_lines(source)
    assert counted.split() == ["1", "line,", "0", "unknown"]
    assert not more


@pytest.mark.parametrize("untold", [0, 1, 2])
def test_unknown_lines_beyond_those_shown_are_counted(untold):
    source = imported(PROC_MTRR + "what is this\n").sources[0]
    assert source.unknown == ((2, "what is this"),)
    lines = list(source_lines(replace(source, unknown_lines=1 + untold)))
    assert "line 2: what is this" in lines[2]
    assert [line.split()[1] for line in lines[3:]] == [str(untold)] * bool(untold)


def test_text_and_json_have_the_same_notes_and_sources(tmp_path):
    read = import_this_machine(intel_host(tmp_path).root)
    answer, text = import_json(read), import_text(read)
    assert sorted(note["text"] for note in answer["notes"]) == sorted(n.text for n in read.notes)
    for note in read.notes:
        assert note.text in text
    for source in answer["sources"]:
        assert f"{source['name']}: " in text
    severities = [line.split(":")[0] for line in text.splitlines()]
    told = [word for word in severities if word in {"warning", "assumed", "note"}]
    assert told == sorted(told, key=["warning", "assumed", "note"].index)
    assert len(told) == len(read.notes)
