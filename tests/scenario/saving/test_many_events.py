"""Many events go to a data file, and nothing is written that could not be read again."""

from __future__ import annotations

import errno
import os

import numpy as np
import pytest
from msgspec.structs import replace

from mtrrviz.scenario.events import Event, EventKind
from mtrrviz.scenario.files import claims, saver
from mtrrviz.scenario.files.loader import load_original, load_scenario
from mtrrviz.scenario.files.saver import save_scenario
from mtrrviz.scenario.observed import STANDING_NS, ObservedLeaves
from mtrrviz.scenario.touches import Touches
from tests.scenario.files import write_recorded, write_scenario


@pytest.fixture(autouse=True)
def few(monkeypatch):
    monkeypatch.setattr(saver, "MOST_TEXT_EVENTS", 20)


def with_events(scenario, count=40, end_ns=1_999_999_999):
    """Return the scenario with events at odd times, some at the same one."""
    times_ns = [end_ns * (number // 2 * 2) // count for number in range(count - 1)] + [end_ns]
    made = [
        Event(time_ns, EventKind.WRMSR, number % 2, 0x277, number, f"o{number}", "x, \"y\"\n='z'")
        for number, time_ns in enumerate(times_ns)
    ]
    return scenario.with_events(made)


def same(one, two) -> bool:
    return (
        one.events == two.events
        and one.duration_ns == two.duration_ns
        and one.phases == two.phases
        and one.sweeps == two.sweeps
        and one.recorded.time_ns.tolist() == two.recorded.time_ns.tolist()
        and one.observed.born_ns.tolist() == two.observed.born_ns.tolist()
    )


@pytest.mark.parametrize("end_ns", [1, 123_456_789, 1_999_999_999, 86_399_999_999_999])
def test_many_events_of_an_import_are_in_a_data_file(tmp_path, end_ns):
    scenario = with_events(load_scenario(write_scenario(tmp_path)), end_ns=end_ns)
    path = tmp_path / "saved" / "x.toml"
    path.parent.mkdir()
    saved = save_scenario(scenario, path)
    assert b"[[event]]" not in saved.data
    assert same(load_scenario(path), scenario)
    assert same(saved.scenario, scenario)
    fewer = replace(saved.scenario.with_events(scenario.events[:10]))
    assert save_scenario(fewer, path, saved).data.count(b"[[event]]") == 10
    assert same(load_scenario(path), fewer)
    assert [file.name for file in path.parent.iterdir()] == ["x.toml"]


def test_many_events_of_a_recording_keep_its_touches(tmp_path):
    (tmp_path / "source").mkdir()
    scenario = load_scenario(write_recorded(tmp_path / "source"))
    end_ns = scenario.recorded.end_ns
    scenario = with_events(scenario.with_events(()), end_ns=end_ns)
    path = tmp_path / "x.toml"
    saved = save_scenario(scenario, path)
    assert b"[[event]]" not in saved.data
    assert same(load_scenario(path), scenario)


@pytest.mark.parametrize("born_ns", [[0, 3, 1_500_000_123], [0, 3, 1_999_999_999]])
def test_many_events_leave_observed_leaves_at_their_times(tmp_path, born_ns):
    zeros = np.zeros(3, np.uint8)
    leaves = ObservedLeaves(
        born_ns=np.array(born_ns, np.int64),
        died_ns=np.full(3, STANDING_NS),
        gfn=np.arange(3, dtype=np.uint64),
        level=zeros + np.uint8(1),
        vcpu=zeros,
        bits=zeros,
        line=np.arange(3, dtype=np.uint32),
    )
    scenario = replace(with_events(load_scenario(write_scenario(tmp_path))), observed=leaves)
    saved = save_scenario(scenario, tmp_path / "y.toml")
    assert b"[[event]]" not in saved.data
    assert same(load_scenario(tmp_path / "y.toml"), scenario)


def test_what_somebody_wrote_into_a_text_stays_there(tmp_path):
    path = write_scenario(tmp_path)
    original = load_original(path)
    saved = save_scenario(with_events(original.scenario), path, original)
    assert saved.data.count(b"[[event]]") == 40
    assert same(load_scenario(path), with_events(original.scenario))


def test_a_text_that_would_be_too_long_to_be_read_is_not_written(tmp_path, monkeypatch):
    path = write_scenario(tmp_path)
    original = load_original(path)
    scenario = with_events(original.scenario)
    monkeypatch.setattr(saver, "MAX_TEXT_BYTES", 3000)
    saved = save_scenario(scenario, path, original)
    assert b"[[event]]" not in saved.data
    assert same(load_scenario(path), scenario)
    monkeypatch.setattr(saver, "MAX_TEXT_BYTES", 300)
    with pytest.raises(OSError, match=os.strerror(errno.EFBIG)) as caught:
        save_scenario(replace(scenario, title="other"), path, saved)
    assert caught.value.filename == str(path)
    assert path.read_bytes() == saved.data


def test_what_packs_very_well_is_packed_no_further_than_is_believed(tmp_path, monkeypatch):
    scenario = load_scenario(write_scenario(tmp_path))
    events = [Event(number, EventKind.NOTE, text="x" * 500) for number in range(1000)]
    touches = Touches(*(np.zeros(30_000, kind) for kind in ("<i8", "<u8", "u1", "u1")))
    scenario = replace(scenario, events=tuple(events), recorded=touches, duration_ns=10**9)
    monkeypatch.setattr(claims, "_SMALL_BYTES", 1000)
    for end_ns in (0, 999):
        times_ns = np.full(30_000, end_ns, np.int64)
        times_ns[0] = 0
        known = replace(scenario, recorded=replace(touches, time_ns=times_ns))
        save_scenario(known, tmp_path / "y.toml")
        assert same(load_scenario(tmp_path / "y.toml"), known)
