"""A followed trace as a machine: what comes bit by bit is what importing it at once gives."""

from __future__ import annotations

import os

import pytest

from mtrrviz.importers import ImportCancelledError, ImportOptions
from mtrrviz.importers.traces.growing_import import GrowingImport
from mtrrviz.scenario import ScenarioError
from tests.importers.helpers import SAMPLES, import_files
from tests.importers.traces.test_follow import append, write
from tests.importers.traces.test_observed import SETUP, WB, WP, entry, leaf

SAMPLE = SAMPLES / "ftrace-6.18-seabios-boot-2vcpu.txt"


@pytest.fixture
def trace(tmp_path):
    path = tmp_path / "trace"
    path.write_text("")
    return path


@pytest.fixture
def growing(trace):
    found = GrowingImport(trace, options=ImportOptions(name="trace"))
    yield found
    found.close()


def columns(table):
    return {name: getattr(table, name).tolist() for name in table.__struct_fields__}


def same(found, expected):
    assert found.scenario.events == expected.scenario.events
    assert found.scenario.machine == expected.scenario.machine
    assert found.scenario.duration_ns == expected.scenario.duration_ns
    for table in ("recorded", "observed"):
        assert columns(getattr(found.scenario, table)) == columns(getattr(expected.scenario, table))
    assert found.threads == expected.threads
    assert found.unused == expected.unused


@pytest.mark.parametrize("pieces", [1, 3, 7])
def test_bit_by_bit_is_as_at_once(trace, growing, pieces):
    text = SAMPLE.read_text() + SETUP + entry(0x100, leaf(WP)) + entry(0x200, leaf(WB))
    step = len(text) // pieces + 1
    parts = [text[start : start + step] for start in range(0, len(text), step)]
    for part in parts[:-1]:
        append(trace, part)
        growing.poll()
    append(trace, parts[-1])
    growth = growing.poll()
    assert growth.imported is not None
    assert growth.lines == text.count("\n")
    same(growth.imported, import_files(trace, name="trace"))


def test_nothing_until_there_is_something(trace, growing):
    assert growing.poll().imported is None
    append(trace, "# tracer: nop\n#\n")
    assert growing.poll().imported is None
    append(trace, write(0xC06, 100))
    assert growing.poll().imported is not None
    assert growing.poll().imported is None


def test_other_texts_count_too(trace, tmp_path):
    iomem = tmp_path / "iomem"
    iomem.write_text("00000000-0009ffff : System RAM\n00100000-3fffffff : System RAM\n")
    growing = GrowingImport(trace, [(str(iomem), iomem)])
    append(trace, write(0xC06, 100))
    imported = growing.poll().imported
    assert imported is not None
    assert imported.scenario.machine.memory_bytes == 1 << 30
    assert next(source.reason for source in imported.sources) == "followed as it grows"
    growing.close()


def test_a_file_that_is_seen_empty_before_it_starts_anew_ends_it_too(trace, growing):
    append(trace, write(6, 100) + write(0xC06, 101))
    growing.poll()
    trace.write_text("")
    assert not growing.poll().ended
    append(trace, write(0, 5))
    assert growing.poll().ended == "it starts anew, with earlier times"


def test_a_file_that_is_emptied_goes_on_with_later_times(trace, growing):
    append(trace, write(6, 100))
    growing.poll()
    trace.write_text("")
    growing.poll()
    append(trace, write(0xC06, 101))
    growth = growing.poll()
    assert not growth.ended
    assert growth.imported is not None
    assert [event.value for event in growth.imported.scenario.events][-2:] == [6, 0xC06]


def test_a_file_that_starts_anew_ends_it_and_keeps_what_came(trace, growing):
    append(trace, write(6, 100) + write(0xC06, 101))
    assert not growing.poll().ended
    trace.write_text(write(0, 5))
    growth = growing.poll()
    assert growth.ended == "it starts anew, with earlier times"
    assert growth.imported is None
    append(trace, write(0, 200))
    assert growing.poll().imported is None


def test_a_file_that_was_emptied_goes_on(trace, growing):
    append(trace, write(6, 100) + write(0xC06, 101))
    growing.poll()
    trace.write_text(write(0, 102))
    growth = growing.poll()
    assert growth.imported is not None
    assert [e.value for e in growth.imported.scenario.events if e.origin == "guest"] == [
        6,
        0xC06,
        0,
    ]
    assert "truncated" in growth.remarks[0]


def test_a_deleted_file_ends_it_a_replaced_one_does_not(trace, growing, tmp_path):
    append(trace, write(6, 100))
    growing.poll()
    trace.rename(tmp_path / "trace.1")
    assert not growing.poll().ended
    trace.write_text(write(0xC06, 101))
    growth = growing.poll()
    assert "replaced" in growth.remarks[0]
    assert growth.imported is not None
    trace.unlink()
    assert [growing.poll().ended for _ in range(3)][-1] == "it was deleted"


def test_unknown_lines_are_counted_and_shown(trace, growing):
    append(trace, write(6, 100) + "what is this?\n# comment\n\n")
    growth = growing.poll()
    assert growth.unknown_lines == 1
    assert growth.imported is not None
    assert growth.imported.sources[0].unknown == ((2, "what is this?"),)


def test_what_is_no_trace_is_one_error(trace, growing, monkeypatch):
    monkeypatch.setattr("mtrrviz.importers.traces.growing_trace.MAX_UNKNOWN", 10)
    append(trace, "nonsense\n" * 20)
    with pytest.raises(ScenarioError, match="are unknown"):
        growing.poll()


def test_a_trace_that_outgrows_memory_ends(trace, growing, monkeypatch):
    for table in growing._growing.trace.tables():
        monkeypatch.setattr(table, "_limit", 3)
    append(trace, "".join(write(value, 100 + value) for value in range(5)))
    growth = growing.poll()
    assert growth.ended == "it is too long to go on"
    assert growth.imported is not None
    assert len([e for e in growth.imported.scenario.events if e.origin == "guest"]) == 3


def test_a_pipe_is_followed(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    growing = GrowingImport(path)
    assert growing.poll().imported is None
    with path.open("w") as stream:
        stream.write(write(0xC06, 100))
        stream.flush()
        assert growing.poll().imported is not None
    growing.close()


def test_reading_can_be_cancelled_and_tells_how_far_it_is(trace, growing):
    append(trace, write(6, 100))
    seen = []
    growing.poll(lambda *told: seen.append(told))
    assert seen == [(str(trace), trace.stat().st_size, trace.stat().st_size)]
    append(trace, write(6, 101))
    assert growing.poll(is_cancelled=lambda: False).lines == 2
    append(trace, write(6, 102))
    with pytest.raises(ImportCancelledError):
        growing.poll(is_cancelled=lambda: True)


def test_closing_is_the_end(trace, growing):
    growing.close()
    append(trace, write(6, 100))
    assert growing.poll().imported is None


def test_a_missing_file_is_one_error(tmp_path):
    with pytest.raises(ScenarioError, match="No such file"):
        GrowingImport(tmp_path / "nothing")


@pytest.fixture
def few_at_once(monkeypatch):
    """Two lines are read at once, and a poll takes a break after four."""
    monkeypatch.setattr("mtrrviz.importers.traces.growing_file.LINES_AT_ONCE", 2)
    chunk = 2 * len(write(6, 100))
    monkeypatch.setattr("mtrrviz.importers.traces.growing_file.CHUNK_BYTES", chunk)
    monkeypatch.setattr("mtrrviz.importers.traces.growing_import.MOST_LINES", 4)


@pytest.mark.parametrize("polls", [1, 2])
def test_a_poll_of_many_lines_takes_a_break_once_it_has_its_most(
    trace, growing, few_at_once, polls
):
    append(trace, "".join(write(6, 100 + at) for at in range(9)))
    growths = [growing.poll() for _ in range(polls)]
    assert growths[-1].lines == 4 * polls


def test_with_progress_a_file_is_read_to_its_end_at_once(trace, growing, few_at_once):
    append(trace, "".join(write(6, 100 + at) for at in range(9)))
    told = []
    assert growing.poll(lambda _name, done, _size: told.append(done)).lines == 9
    assert told == sorted(told)
    assert len(told) == 5


def test_a_pipe_takes_its_breaks_with_progress_too(tmp_path, few_at_once):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    growing = GrowingImport(path)
    with path.open("w") as stream:
        stream.write("".join(write(6, 100 + at) for at in range(9)))
        stream.flush()
        assert growing.poll(lambda *_told: None).lines == 4
    growing.close()


@pytest.mark.parametrize("count", [10, 11])
def test_a_trace_may_begin_with_as_many_unknown_lines_as_it_may_have(
    trace, growing, monkeypatch, count
):
    module = "mtrrviz.importers.traces.growing_trace"
    monkeypatch.setattr(f"{module}.MAX_UNKNOWN", 10)
    monkeypatch.setattr(f"{module}.KEPT_UNKNOWN", 3)
    append(trace, "nonsense\n" * count)
    if count > 10:
        with pytest.raises(ScenarioError, match="of the first 11 lines 11 are unknown"):
            growing.poll()
    else:
        assert growing.poll().unknown_lines == 10
        append(trace, write(6, 100))
        imported = growing.poll().imported
        assert imported is not None
        assert [number for number, _ in imported.sources[0].unknown] == [1, 2, 3]


@pytest.mark.parametrize("count", [99, 100])
def test_a_line_in_a_hundred_makes_it_a_trace(trace, growing, monkeypatch, count):
    monkeypatch.setattr("mtrrviz.importers.traces.growing_trace.MAX_UNKNOWN", 10)
    append(trace, write(6, 100) + "nonsense\n" * count)
    if count == 99:
        assert growing.poll().unknown_lines == 99
    else:
        with pytest.raises(ScenarioError, match="of the first 101 lines 100 are unknown"):
            growing.poll()
