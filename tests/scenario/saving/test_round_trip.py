"""Saving and loading give the same scenario again."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from msgspec.structs import replace

from mtrrviz.paths import scenarios_dir
from mtrrviz.scenario import Event, EventKind, Scenario, Touches
from mtrrviz.scenario.events import KNOWN_MSRS
from mtrrviz.scenario.files.data_files.recorded import BUILTIN as PREFIX
from mtrrviz.scenario.files.loader import load_scenario, parse_scenario
from mtrrviz.scenario.files.saver import save_scenario, scenario_text
from mtrrviz.scenario.files.whole_file import write_whole
from mtrrviz.scenario.generated.boots import generate_boot
from mtrrviz.scenario.library import list_builtin, open_scenario
from tests.scenario.files import EVENTS, write_recorded
from tests.sim.strategies import scenarios

BUILTIN = [entry.name for entry in list_builtin()]
NOT_COMPARED = ("name", "recorded", "recording", "observed")
COMPARED = [name for name in Scenario.__struct_fields__ if name not in NOT_COMPARED]


def assert_same(found: Scenario, expected: Scenario) -> None:
    for name in COMPARED:
        assert getattr(found, name) == getattr(expected, name), name
    assert_same_touches(found.recorded, expected.recorded)


def assert_same_touches(found: Touches, expected: Touches) -> None:
    for name in ("time_ns", "gfn", "vcpu", "access"):
        assert np.array_equal(getattr(found, name), getattr(expected, name)), name


def test_there_are_twenty_four_built_in_scenarios():
    assert len(BUILTIN) == 24
    assert len([entry for entry in list_builtin() if "recorded" in entry.tags]) == 6


@pytest.mark.parametrize("name", BUILTIN)
def test_a_built_in_scenario_saved_elsewhere_is_the_same(name, tmp_path):
    scenario = open_scenario(name)
    path = tmp_path / "copy.toml"
    saved = save_scenario(scenario, path)
    assert [file.name for file in tmp_path.iterdir()] == ["copy.toml"]
    assert_same(saved.scenario, scenario)
    assert_same(load_scenario(path), scenario)


@pytest.mark.parametrize("name", BUILTIN)
def test_an_edited_built_in_scenario_is_the_same_after_saving(name, tmp_path):
    event = Event(123_456_789, EventKind.WRMSR, 1, 0x2FF, 0xC06, "user", 'said "so"\n\\ and\ttab')
    scenario = open_scenario(name).inserting(event)
    path = tmp_path / "edited.mtrrviz.toml"
    save_scenario(scenario, path)
    loaded = load_scenario(path)
    assert_same(loaded, scenario)
    assert event in loaded.events
    assert loaded.name == "edited"


def test_data_files_of_ones_own_are_copied_and_found_again(tmp_path):
    scenario = load_scenario(write_recorded(tmp_path))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "boot.touches.npz").write_bytes(b"something else")
    saved = save_scenario(scenario, elsewhere / "copy.toml")
    loaded = load_scenario(elsewhere / "copy.toml")
    assert_same(loaded, scenario)
    assert saved.scenario.recording == loaded.recording
    assert loaded.recording
    assert loaded.recording.touches == "boot-2.touches.npz"
    assert (elsewhere / "boot.touches.npz").read_bytes() == b"something else"


def test_events_after_the_last_touch_stay_where_they_are_when_edited(tmp_path):
    late = EVENTS + "150,0,wrmsr,0x2ff,0,kernel\n"
    scenario = load_scenario(write_recorded(tmp_path, events=late))
    assert scenario.duration_ns == scenario.events[-1].time_ns == 3e9
    edited = scenario.with_events(scenario.events[1:])
    save_scenario(edited, tmp_path / "edited.toml")
    assert_same(load_scenario(tmp_path / "edited.toml"), edited)


def test_a_recording_without_touches_can_be_edited(tmp_path):
    path = write_recorded(tmp_path)
    path.write_text(path.read_text().replace('touches = "boot.touches.npz"\n', ""))
    scenario = load_scenario(path)
    assert scenario.events[-1].time_ns == 2e9
    edited = scenario.with_events((scenario.events[0], *scenario.events[2:]))
    save_scenario(edited, tmp_path / "edited.toml")
    assert_same(load_scenario(tmp_path / "edited.toml"), edited)


@settings(max_examples=60)
@given(scenarios())
def test_any_scenario_without_a_recording(made: Scenario):
    # Files with a write of a register that nobody knows are refused (test_wrong_files).
    events = tuple(e for e in made.events if not e.writes_msr or e.register in KNOWN_MSRS)
    scenario = replace(made, events=events, recorded=open_scenario("sandbox").recorded)
    loaded = parse_scenario(scenario_text(scenario), "made up", Path())
    assert_same(loaded, scenario)


def test_a_failure_while_writing_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "old.toml"
    path.write_text("old")
    monkeypatch.setattr("os.fsync", lambda handle: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        write_whole(path, b"new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_the_text_is_made_for_hands(tmp_path):
    text = scenario_text(open_scenario("small-machine"))
    assert "value = 0x4000_0011" in text
    assert 'size = "16 MiB"' in text


def test_a_modelled_length_stays_one_until_an_event_makes_it_longer(tmp_path: Path) -> None:
    boot = generate_boot("ovmf", 2, 1)
    path = tmp_path / "boot.toml"
    save_scenario(boot, path)
    again = load_scenario(path)
    assert again.duration_is_modelled
    assert again.duration_ns == boot.duration_ns
    within = again.inserting(Event(boot.duration_ns, EventKind.NOTE, 0))
    assert within.duration_is_modelled
    beyond = again.inserting(Event(boot.duration_ns + 1, EventKind.NOTE, 0))
    assert not beyond.duration_is_modelled
    save_scenario(beyond, path)
    assert not load_scenario(path).duration_is_modelled


def test_the_length_of_a_recording_in_modelled_time_is_modelled() -> None:
    assert open_scenario("ovmf-8vcpu-2g").duration_is_modelled
    assert not open_scenario("small-machine").duration_is_modelled


@pytest.mark.parametrize("elsewhere", [False, True])
def test_data_files_of_built_in_scenarios_are_named_as_such_and_not_copied(tmp_path, elsewhere):
    shipped = open_scenario("ovmf-8vcpu-2g")
    recording = shipped.recording
    assert recording
    names = {key: getattr(recording, key) for key in ("touches", "events", "phases", "observed")}
    if elsewhere:  # as in a file that lies beside them, where names need nothing before them
        plain = {key: name and name.removeprefix(PREFIX) for key, name in names.items()}
        recording = replace(recording, directory=scenarios_dir(), **plain)
        shipped = replace(shipped, recording=recording)
    save_scenario(shipped, tmp_path / "copy.toml")
    loaded = load_scenario(tmp_path / "copy.toml")
    assert loaded.recording
    kept = [getattr(loaded.recording, key) for key in names]
    assert kept == [name and PREFIX + name.removeprefix(PREFIX) for name in names.values()]
    assert [path.name for path in tmp_path.iterdir()] == ["copy.toml"]


def test_words_that_are_no_text_are_written_as_such(tmp_path):
    scenario = replace(open_scenario("sandbox"), title="Imported from caf\udce9.txt")
    save_scenario(scenario, tmp_path / "x.toml")
    assert (
        load_scenario(tmp_path / "x.toml").title == "Imported from caf\N{REPLACEMENT CHARACTER}.txt"
    )


def test_the_defaults_of_a_table_are_looked_up_once(monkeypatch):
    scenario = open_scenario("small-machine")
    text = scenario_text(scenario)

    def fields_of(table: object) -> None:
        raise AssertionError(f"the annotations of {table} are evaluated again")

    monkeypatch.setattr(msgspec.structs, "fields", fields_of)
    assert scenario_text(scenario) == text
