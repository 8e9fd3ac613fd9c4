"""Which data files a journal may name: those that hold what the scenario has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.file_kinds import is_regular
from mtrrviz.scenario.files.data_files.recorded import data_path

if TYPE_CHECKING:
    from mtrrviz.scenario.files.original import Original
    from mtrrviz.scenario.model import Recording, Scenario


def trusted_recording(scenario: Scenario, original: Original | None) -> Recording | None:
    """Return the scenario's recording without what is no longer in its files.

    They may have been removed, as saving does with those that it replaces, or changed by another
    program: then ``original``, the file as it was read or saved last, has other data of that name.
    """
    lost = _lost(scenario, original)
    recording = scenario.recording
    if recording is None or lost & {"touches", "observed"}:
        return None
    if "phases" in lost:
        recording = recording.without_phases()
    if recording is not None and "events" in lost:
        recording = recording.without_events()
    return recording


def _lost(scenario: Scenario, original: Original | None) -> set[str]:
    """Return which kinds of data files do not hold what the scenario has."""
    recording = scenario.recording
    if recording is None:
        return set()
    now = original and original.scenario
    known = now and now.recording
    lost: set[str] = set()
    for kind in ("touches", "observed", "phases", "events"):
        name: str | None = getattr(recording, kind)
        if name is None:
            continue
        is_same_file = known is not None and (recording.directory, name) == (
            known.directory,
            getattr(known, kind),
        )
        if not is_regular(data_path(recording, name)) or (
            now is not None and is_same_file and not _have_same(kind, scenario, now)
        ):
            lost.add(kind)
    return lost


def _have_same(kind: str, one: Scenario, two: Scenario) -> bool:
    if kind == "touches":
        return one.recorded is two.recorded
    if kind == "observed":
        return one.observed is two.observed
    return bool(getattr(one, kind) == getattr(two, kind))
