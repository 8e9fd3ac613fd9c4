"""Events that go to a data file: those of a recording that was edited, and very many ones."""

from __future__ import annotations

import csv
import gzip
import io
from collections import defaultdict, deque
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from mtrrviz.scenario.events import REGISTER_KINDS, Event
from mtrrviz.scenario.files.claims import most_unpacked_bytes
from mtrrviz.scenario.files.data_files.csv_file import (
    EVENT_COLUMNS,
    MAX_CSV_BYTES,
    TEXT_COLUMN,
)
from mtrrviz.scenario.files.data_files.observed_file import read_observed
from mtrrviz.scenario.files.data_files.own_data import write_own_data
from mtrrviz.scenario.files.data_files.recorded import LONGEST, data_path, played_s
from mtrrviz.scenario.files.data_files.recorded_events import (
    RecordedEvents,
    events_of,
    no_recorded_events,
    read_events,
)
from mtrrviz.scenario.files.data_files.touch_file import read_touches
from mtrrviz.scenario.model import Recording
from mtrrviz.scenario.scenario_error import ScenarioError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mtrrviz.scenario.event_list import EventList
    from mtrrviz.scenario.model import Scenario

#: How hard to pack: harder takes ten times as long for a tenth of the size.
_LEVEL = 6


def write_events(scenario: Scenario, before: Scenario, path: Path) -> str | None:
    """Write the events of ``scenario`` to a data file beside ``path`` and return its name.

    ``before`` is the scenario before it was edited, whose events are in a data file; that file
    stays as it is. None, and nothing is written, where reading such a file would not give these
    very events, as without touches: then the last event decides how all of them are stretched.
    Raises OSError.
    """
    recording = scenario.recording
    end_ns = 0 if recording is None else _recorded_end_ns(recording)
    if recording is None or not end_ns:
        return None
    factor = played_s(recording.duration_s, scenario.machine) * 1e9 / end_ns
    recorded = _as_recorded(before)
    is_unchanged = recorded.stretched(factor) == before.events
    known = recorded if is_unchanged else no_recorded_events()
    text = _text_of(list(_with_times(scenario.events, known, factor)))
    if not _says(text, scenario.events, factor, LONGEST * end_ns):
        return None
    return write_own_data(path, "events.csv.gz", _packed(text))


def write_many_events(scenario: Scenario, path: Path) -> Recording | None:
    """Write the events of ``scenario``, which are in its text, to a data file beside ``path``.

    Return the recording that names it. None, and nothing is written, where reading it would not
    give these very events, or would move what else was recorded. Raises OSError.
    """
    recording = scenario.recording
    if recording is not None and recording.touches is not None:
        name = write_events(scenario, scenario, path)
        return None if name is None else replace(recording, events=name)
    if recording is not None and not _keeps_its_times(recording, scenario):
        return None
    end_ns = max((event.time_ns for event in scenario.events[-1:]), default=0)
    length_s = end_ns / 1e9
    factor = length_s * 1e9 / end_ns if end_ns else 1.0
    text = _text_of([(event.time_ns, event) for event in scenario.events])
    if not _says(text, scenario.events, factor, end_ns):
        return None
    name = write_own_data(path, "events.csv.gz", _packed(text))
    observed = recording and recording.observed
    return Recording(path.parent, events=name, observed=observed, duration_s=length_s)


def _keeps_its_times(recording: Recording, scenario: Scenario) -> bool:
    """Whether a recording without touches is played as long as it took, and has no phases."""
    if recording.phases is not None or recording.observed is None:
        return False
    try:
        end_ns = read_observed(data_path(recording, recording.observed)).end_ns
    except ScenarioError:
        return False
    return end_ns == scenario.observed.end_ns


def _recorded_end_ns(recording: Recording) -> int:
    """Return when the last touch was recorded, 0 if none was."""
    if recording.touches is None:
        return 0
    try:
        return read_touches(data_path(recording, recording.touches)).end_ns
    except ScenarioError:
        return 0


def _as_recorded(scenario: Scenario) -> RecordedEvents:
    """Return what the file of events holds now, nothing if it cannot be read."""
    recording = scenario.recording
    if recording is None or recording.events is None:
        return no_recorded_events()
    try:
        return read_events(data_path(recording, recording.events))
    except ScenarioError:
        return no_recorded_events()


def _with_times(
    events: Iterable[Event], known: RecordedEvents, factor: float
) -> Iterable[tuple[float, Event]]:
    """Yield each event with the time at which it would have been recorded.

    Events that are among the known ones keep their times.
    """
    times: defaultdict[Event, deque[float]] = defaultdict(deque)
    for event, t_ns in zip(known.stretched(factor), known.times_ns, strict=True):
        times[event].append(t_ns)
    last_ns: float = 0
    for event in events:
        waiting = times.get(event)
        t_ns = waiting.popleft() if waiting else _recorded_ns(event.time_ns, factor)
        last_ns = max(last_ns, t_ns)
        yield last_ns, event


def _recorded_ns(time_ns: int, factor: float) -> float:
    """Return the recorded time that is stretched to a time, a whole number if there is one."""
    whole = round(time_ns / factor)
    return whole if round(whole * factor) == time_ns else float(f"{time_ns / factor:.9f}")


def _text_of(rows: list[tuple[float, Event]]) -> str:
    """Return the text of a file of events, with a column of words if any event has some."""
    has_text = any(event.text for _, event in rows)
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow((*EVENT_COLUMNS, TEXT_COLUMN) if has_text else EVENT_COLUMNS)
    for t_ns, event in rows:
        cells = (
            t_ns if isinstance(t_ns, int) else f"{t_ns:.9f}",
            event.vcpu,
            event.kind.value,
            f"{event.register:#x}" if event.writes_msr else "",
            f"{event.value:#x}" if event.kind in REGISTER_KINDS else "",
            event.origin,
        )
        writer.writerow((*cells, event.text) if has_text else cells)
    return stream.getvalue()


def _packed(text: str) -> bytes:
    """Return the content of a file with this text, packed no further than the reader believes."""
    data = text.encode()
    packed = gzip.compress(data, _LEVEL, mtime=0)
    if most_unpacked_bytes(len(packed), MAX_CSV_BYTES) < len(data):
        packed = gzip.compress(data, 0, mtime=0)
    return packed


def _says(text: str, events: EventList, factor: float, end_ns: int) -> bool:
    """Whether a file with this text gives these events, the last of them in time."""
    if len(text.encode()) > MAX_CSV_BYTES:
        return False
    try:
        found = events_of(text, Path())
    except ScenarioError:
        return False
    return found.end_ns <= end_ns and found.stretched(factor) == events
