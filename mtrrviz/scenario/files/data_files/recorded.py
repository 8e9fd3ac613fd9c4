"""Recorded boots: the columnar data files beside a scenario, checked before they are used.

``*.events.csv.gz`` holds register writes, ``*.phases.csv`` the phases, ``*.touches.npz`` the page
touches, ``*.observed.npz`` what a trace showed of the real EPT. Times in them are the recorder's;
here they are stretched to the time the recording shall play in.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from mtrrviz.core.costs.boot_time import BootTime
from mtrrviz.core.file_kinds import is_regular
from mtrrviz.core.record import Record
from mtrrviz.paths import scenarios_dir
from mtrrviz.scenario.files.data_files.csv_file import read_phases
from mtrrviz.scenario.files.data_files.observed_file import read_observed
from mtrrviz.scenario.files.data_files.recorded_events import RecordedEvents, read_events
from mtrrviz.scenario.files.data_files.touch_file import read_touches
from mtrrviz.scenario.files.schema import MAX_SECONDS
from mtrrviz.scenario.observed import ObservedLeaves, none_observed
from mtrrviz.scenario.scenario_error import shown
from mtrrviz.scenario.touches import Touches, no_touches

if TYPE_CHECKING:
    from mtrrviz.scenario.event_list import EventList
    from mtrrviz.scenario.files.source import ScenarioSource
    from mtrrviz.scenario.machine_spec import MachineSpec
    from mtrrviz.scenario.model import Phase, Recording

#: Events and phases may come so many times as late as the last touch.
LONGEST = 2
#: Prefix of a data file that comes with the program.
BUILTIN = "builtin:"


class RecordedData(Record):
    """What the data files of a recording hold, in scenario time.

    ``events`` and ``phases`` are None without a file of them.
    """

    recording: Recording | None
    events: EventList | None
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
    _check_end(events, phases, LONGEST * end_ns, source)
    _check_observed_end(round(observed.end_ns * factor), source)
    return RecordedData(
        recording,
        None if events is None else events.stretched(factor),
        phases and tuple(replace(p, start_ns=round(p.start_ns * factor)) for p in phases),
        touches.stretched(factor),
        observed.stretched(factor),
        round(duration_s * 1e9),
    )


def played_s(fixed_s: float | None, machine: MachineSpec) -> float:
    """Return in how many seconds a recording plays; ``fixed_s`` is None for the modelled time."""
    return BootTime().base_boot_s(machine.memory_gib) if fixed_s is None else fixed_s


def _last_ns(events: RecordedEvents | None, phases: tuple[Phase, ...] | None) -> float:
    """Return the time of the last event, or that of the last phase if there is none."""
    last_ns = 0 if events is None else events.end_ns
    return last_ns or (phases[-1].start_ns if phases else 0)


def data_path(recording: Recording, name: str) -> Path:
    """Return where the data file ``name`` of a recording lies."""
    if name.startswith(BUILTIN):
        return scenarios_dir() / name.removeprefix(BUILTIN)
    return recording.directory / name


def has_data(recording: Recording) -> bool:
    """Whether all data files that a recording names are there."""
    names = (recording.touches, recording.events, recording.phases, recording.observed)
    return all(is_regular(data_path(recording, name)) for name in names if name is not None)


def _locate(
    recording: Recording, name: str | None, key: str, source: ScenarioSource
) -> Path | None:
    """Return the path of a data file, refusing names and links that lead out of the directory."""
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
    if path.is_symlink() and path.resolve().parent != path.parent.resolve():
        problem = f"{shown(name)} is a link that leads out of the folder of the scenario"
        raise source.error(place, problem, "a file beside the scenario")
    return path


def _check_end(
    events: RecordedEvents | None,
    phases: tuple[Phase, ...] | None,
    end_ns: float,
    source: ScenarioSource,
) -> None:
    """Refuse times far after the recording's end, which stretching would blow up."""
    for key, last_ns in (
        ("events", 0 if events is None else events.end_ns),
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
