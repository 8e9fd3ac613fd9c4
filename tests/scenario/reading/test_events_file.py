"""Edited events of a recording go to their data file again; the text of the scenario stays."""

from __future__ import annotations

import gzip

import pytest
from msgspec.structs import replace

from mtrrviz.scenario import Event, EventKind
from mtrrviz.scenario.files.loader import load_original, load_scenario
from mtrrviz.scenario.files.saver import save_scenario
from mtrrviz.scenario.library import find
from tests.scenario.files import EVENTS, write_recorded

NAME = "boot.events.csv.gz"


def rows_in(path):
    return gzip.decompress(path.read_bytes()).decode().splitlines()


def with_value(scenario, index, value):
    events = list(scenario.events)
    events[index] = replace(events[index], value=value)
    return scenario.with_events(tuple(events))


@pytest.fixture
def read(tmp_path):
    return load_original(write_recorded(tmp_path))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "made.toml"


def saved(edited, path, original):
    """Save, and return what is read from the file again, which is what was saved."""
    result = save_scenario(edited, path, original)
    again = load_scenario(path)
    assert again.events == edited.events == result.scenario.events
    assert again.recording == result.scenario.recording
    assert again.duration_ns == edited.duration_ns
    assert again.phases == edited.phases
    return result


def own_events(path, stem="made"):
    """Return the one file of events that a save wrote beside the scenario."""
    (found,) = path.parent.glob(f"{stem}.*.events.csv.gz")
    return found


def test_one_edited_event_is_one_row_and_the_text_names_it(read, path):
    saved(with_value(read.scenario, 1, 0x806), path, read)
    new = own_events(path)
    assert path.read_bytes() == read.data.replace(NAME.encode(), new.name.encode())
    assert rows_in(new) == EVENTS.replace("0xc06", "0x806").splitlines()
    assert rows_in(path.parent / NAME) == EVENTS.splitlines()
    assert len(list(path.parent.iterdir())) == 5


def test_what_a_save_wrote_is_gone_after_the_next(read, path):
    first = saved(with_value(read.scenario, 1, 0x806), path, read)
    name = own_events(path)
    saved(with_value(first.scenario, 1, 0x800), path, first)
    assert own_events(path) != name


def test_a_time_between_those_that_were_recorded_is_kept(read, path):
    """A nanosecond of the recording is 20 ms here."""
    added = Event(123_456_789, EventKind.WRMSR, 1, 0x2FF, 0xC06, "user")
    saved(read.scenario.inserting(added), path, read)
    rows = rows_in(own_events(path))
    assert set(EVENTS.splitlines()) < set(rows)
    (new,) = set(rows) - set(EVENTS.splitlines())
    assert new == "6.172839450,1,wrmsr,0x2ff,0xc06,user"


def test_words_get_a_column(read, path):
    note = Event(1_000_000_000, EventKind.NOTE, text='so "to"\nsay, ...')
    saved(read.scenario.inserting(note), path, read)
    assert rows_in(own_events(path))[0].endswith(",origin,text")


def test_what_is_undone_after_saving_is_saved_as_it_was(read, path):
    edited = saved(with_value(read.scenario, 1, 0x806), path, read)
    saved(read.scenario, path, edited)
    assert rows_in(own_events(path)) == EVENTS.splitlines()


def test_nothing_is_written_for_events_that_are_as_they_were(read, path):
    (path.parent / NAME).chmod(0o444)
    stamp = (path.parent / NAME).stat().st_mtime_ns
    there_and_back = with_value(with_value(read.scenario, 1, 0x806), 1, 0xC06)
    saved(there_and_back, path, read)
    assert (path.parent / NAME).stat().st_mtime_ns == stamp
    assert path.read_bytes() == read.data


def test_events_that_another_scenario_has_too_stay(read, path):
    other = path.with_name("other.toml")
    other.write_bytes(read.data)
    result = saved(with_value(read.scenario, 1, 0x806), path, read)
    assert rows_in(path.parent / NAME) == EVENTS.splitlines()
    assert result.data == read.data.replace(NAME.encode(), own_events(path).name.encode())
    assert load_scenario(other).events == read.scenario.events
    saved(with_value(result.scenario, 1, 0x800), path, result)
    assert rows_in(path.parent / NAME) == EVENTS.splitlines()


def test_events_that_somebody_else_changed_are_not_overwritten(read, path):
    theirs = gzip.compress(EVENTS.replace("0xc06", "0xc00").encode())
    (path.parent / NAME).write_bytes(theirs)
    result = saved(with_value(read.scenario, 1, 0x806), path, read)
    assert (path.parent / NAME).read_bytes() == theirs
    assert own_events(path).name.encode() in result.data


def test_saved_elsewhere_it_has_events_of_its_own(read, path, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    saved(with_value(read.scenario, 1, 0x806), elsewhere / "copy.toml", read)
    names = {file.name for file in elsewhere.iterdir()}
    events = own_events(elsewhere / "copy.toml", "copy").name
    assert names == {"copy.toml", events, "boot.touches.npz", "boot.phases.csv"}
    assert rows_in(path.parent / NAME) == EVENTS.splitlines()


def test_without_touches_the_last_event_says_how_long_and_the_text_has_the_events(path, read):
    path.write_bytes(read.data.replace(b'touches = "boot.touches.npz"\n', b""))
    original = load_original(path)
    saved(with_value(original.scenario, 1, 0x806), path, original)
    assert path.read_text().count("[[event]]") == 4


def test_an_event_far_beyond_the_touches_goes_to_the_text(read, path):
    late = Event(4_000_000_001, EventKind.DMA_ATTACH)
    saved(read.scenario.inserting(late), path, read)
    assert path.read_text().count("[[event]]") == 5


def test_a_failure_leaves_the_events_and_the_text(read, path, monkeypatch):
    monkeypatch.setattr("os.fsync", lambda handle: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        save_scenario(with_value(read.scenario, 1, 0x806), path, read)
    assert load_scenario(path).events == read.scenario.events
    assert len(list(path.parent.iterdir())) == 4


def test_an_edited_built_in_boot_refers_to_its_touches_and_has_a_file_of_events(path):
    boot = load_original(find("ovmf-8vcpu-2g"))
    added = Event(5_000_000_001, EventKind.DMA_DETACH, origin="user")
    result = saved(boot.scenario.inserting(added), path, boot)
    assert {file.name for file in path.parent.iterdir()} == {"made.toml", own_events(path).name}
    assert b"[[event]]" not in result.data
    again = saved(with_value(result.scenario, 9, 0x806), path, result)
    assert b"[[event]]" not in again.data


def test_events_that_change_places_within_a_time_do_not_go_back(tmp_path, path):
    """Five nanoseconds of the recording are one here, so that several events share a time."""
    write_recorded(tmp_path, events=EVENTS.replace("20,1,init", "12,1,init"))
    path.write_text(path.read_text().replace("duration = 2.0", "duration = 2e-8"))
    read = load_original(path)
    first, second, third, last = read.scenario.events
    assert second.time_ns == third.time_ns
    saved(read.scenario.with_events((first, third, second, last)), path, read)
    assert own_events(path).name.encode() in path.read_bytes()
