"""Each kind of data file is named only as long as it holds what the scenario has."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from mtrrviz.scenario.event_list import EventList
from mtrrviz.scenario.files.data_files.recorded import has_data
from mtrrviz.scenario.files.original import Original
from mtrrviz.scenario.model import Phase, Recording
from mtrrviz.scenario.observed import none_observed
from mtrrviz.scenario.touches import no_touches
from mtrrviz.session.journal.trusted_recording import trusted_recording
from tests.narrow import there
from tests.session.booting import boot

if TYPE_CHECKING:
    import os

    from mtrrviz.scenario.model import Scenario

OTHER: dict[str, tuple[str, object]] = {
    "touches": ("recorded", no_touches()),
    "observed": ("observed", none_observed()),
    "phases": ("phases", (Phase(0, "another"),)),
    "events": ("events", EventList()),
}


@pytest.fixture
def scenario(tmp_path: Path) -> Scenario:
    for kind in OTHER:
        (tmp_path / f"boot.{kind}").touch()
    names = ("boot.touches", "boot.events", "boot.phases", "boot.observed")
    return replace(boot(), recording=Recording(tmp_path, *names))


def left_of(scenario: Scenario, kind: str) -> Recording | None:
    """Return the recording without a kind, None without touches or leaves."""
    recording = there(scenario.recording)
    return replace(recording, **{kind: None}) if kind in {"phases", "events"} else None


def test_files_that_are_as_they_were_are_named(scenario: Scenario) -> None:
    for original in (None, Original(b"", scenario)):
        assert trusted_recording(scenario, original) == scenario.recording


@pytest.mark.parametrize("kind", OTHER)
def test_a_file_that_is_gone_is_not_named(scenario: Scenario, kind: str, tmp_path: Path) -> None:
    (tmp_path / f"boot.{kind}").unlink()
    assert trusted_recording(scenario, None) == left_of(scenario, kind)


@pytest.mark.parametrize("kind", OTHER)
def test_a_file_that_may_not_be_looked_at_is_not_named(
    scenario: Scenario, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stat = Path.stat

    def refused(path: Path, **more: bool) -> os.stat_result:
        if path.name == f"boot.{kind}":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return stat(path, **more)

    monkeypatch.setattr(Path, "stat", refused)
    assert trusted_recording(scenario, None) == left_of(scenario, kind)
    assert not has_data(there(scenario.recording))


@pytest.mark.parametrize("kind", OTHER)
def test_a_file_that_was_read_anew_is_not_named(scenario: Scenario, kind: str) -> None:
    name, value = OTHER[kind]
    now = replace(scenario, **{name: value})
    assert trusted_recording(scenario, Original(b"", now)) == left_of(scenario, kind)


@pytest.mark.parametrize("kind", OTHER)
def test_another_file_may_hold_anything(scenario: Scenario, kind: str, tmp_path: Path) -> None:
    name, value = OTHER[kind]
    for change in ({kind: "another"}, {"directory": tmp_path / "elsewhere"}):
        recording = replace(there(scenario.recording), **change)
        now = replace(scenario, recording=recording, **{name: value})
        assert trusted_recording(scenario, Original(b"", now)) == scenario.recording
