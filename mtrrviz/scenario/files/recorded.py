"""Recorded boots: the columnar data files beside a scenario, checked before they are used.

``*.events.csv.gz`` holds register writes, ``*.phases.csv`` the phases, ``*.touches.npz`` the page
touches, ``*.observed.npz`` what a trace showed of the real EPT. Times in them are the recorder's;
here they are stretched to the time the recording shall play in.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from mtrrviz.paths import scenarios_dir
from mtrrviz.scenario.files.csv_file import read_events, read_phases
from mtrrviz.scenario.files.observed_file import read_observed
from mtrrviz.scenario.files.schema import MAX_SECONDS
from mtrrviz.scenario.files.touch_file import read_touches
from mtrrviz.scenario.observed import ObservedLeaves, none_observed
from mtrrviz.scenario.scenario_error import shown
from mtrrviz.scenario.touches import Touches, no_touches

if TYPE_CHECKING:
    from mtrrviz.scenario.events import Event
    from mtrrviz.scenario.files.source import ScenarioSource
    from mtrrviz.scenario.model import Phase, Recording

#: Prefix of a data file that comes with the program.
BUILTIN = "builtin:"


@dataclass(frozen=True)
class RecordedData:
    """What the data files of a recording hold, in scenario time.

    ``events`` and ``phases`` are None without a file of them.
    """

    recording: Recording | None
    events: tuple[Event, ...] | None
    phases: tuple[Phase, ...] | None
    touches: Touches
    observed: ObservedLeaves
    duration_ns: int


def load_recording(recording: Recording, duration_s: float, source: ScenarioSource) -> RecordedData:
    """Read the data files of ``recording`` and stretch them to ``duration_s`` seconds.

    What comes to lie at the end is the last touch, or the last event or phase of a recording
    without touches. Raises ScenarioError naming the data file and the row or column that is wrong.
    """
    events_path = _locate(recording, recording.events, "events", source)
    phases_path = _locate(recording, recording.phases, "phases", source)
    touches_path = _locate(recording, recording.touches, "touches", source)
    observed_path = _locate(recording, recording.observed, "observed", source)
    events = None if events_path is None else read_events(events_path)
    phases = None if phases_path is None else read_phases(phases_path)
    touches = no_touches() if touches_path is None else read_touches(touches_path)
    observed = none_observed() if observed_path is None else read_observed(observed_path)
    # Not the later of both: taking the events out of the recording, as an edit does, must not
    # move its touches.
    end_ns = touches.end_ns or _last_ns(events, phases) or observed.end_ns
    factor = duration_s * 1e9 / end_ns if end_ns else 1.0
    _check_end(events, phases, 2 * end_ns, source)
    _check_observed_end(round(observed.end_ns * factor), source)
    return RecordedData(
        recording,
        events and tuple(replace(e, time_ns=round(e.time_ns * factor)) for e in events),
        phases and tuple(replace(p, start_ns=round(p.start_ns * factor)) for p in phases),
        touches.stretched(factor),
        observed.stretched(factor),
        round(duration_s * 1e9),
    )


def _last_ns(events: tuple[Event, ...] | None, phases: tuple[Phase, ...] | None) -> int:
    """Return the time of the last event, or that of the last phase if there is none."""
    last_ns = events[-1].time_ns if events else 0
    return last_ns or (phases[-1].start_ns if phases else 0)


def data_path(recording: Recording, name: str) -> Path:
    """Return where the data file ``name`` of a recording lies."""
    if name.startswith(BUILTIN):
        return scenarios_dir() / name.removeprefix(BUILTIN)
    return recording.directory / name


def _locate(
    recording: Recording, name: str | None, key: str, source: ScenarioSource
) -> Path | None:
    """Return the path of a data file, refusing names that lead out of the directory."""
    if name is None:
        return None
    place, expected = f"recording.{key}", "the plain name of a file beside the scenario"
    plain = name.removeprefix(BUILTIN)
    if plain != Path(plain).name or plain in ("", ".", "..") or not plain.isprintable():
        raise source.error(place, f"{shown(name)} is not possible here", expected)
    path = data_path(recording, name)
    try:
        is_file = path.is_file()
    except OSError as error:
        raise source.error(place, f"{shown(name)}: {error.strerror}", expected) from error
    if not is_file:
        raise source.error(place, f"the file {path} is missing", "a data file")
    return path


def _check_end(
    events: tuple[Event, ...] | None,
    phases: tuple[Phase, ...] | None,
    end_ns: int,
    source: ScenarioSource,
) -> None:
    """Refuse times far after the recording's end, which stretching would blow up."""
    for key, last_ns in (
        ("events", events[-1].time_ns if events else 0),
        ("phases", phases[-1].start_ns if phases else 0),
    ):
        if last_ns > end_ns:
            problem = f"the last one is at {last_ns} ns, long after the last touch"
            raise source.error(f"recording.{key}", problem, f"times up to {end_ns} ns")


def _check_observed_end(end_ns: int, source: ScenarioSource) -> None:
    """Refuse observed leaves that stretching took beyond the longest scenario."""
    limit_ns = round(MAX_SECONDS * 1e9)
    if end_ns > limit_ns:
        problem = f"the last one is at {end_ns} ns"
        raise source.error("recording.observed", problem, f"times up to {limit_ns} ns")
