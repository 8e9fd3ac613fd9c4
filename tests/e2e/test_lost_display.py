"""A display that goes away takes no work with it: the next start finds all in the journal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mtrrviz.scenario.events import EventKind
from mtrrviz.scenario.files.loader import load_scenario
from mtrrviz.scenario.library import find
from mtrrviz.session.journal.folders import left_in
from mtrrviz.session.journal.unsaved_work import read_unsaved, restored
from tests.e2e.driver import Program, Screen, tools_missing

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.e2e


def test_an_edit_is_kept_when_the_x_server_dies(tmp_path: Path) -> None:
    assert not tools_missing(), f"missing: {tools_missing()}; run ./dev test"
    path = tmp_path / "work.toml"
    path.write_bytes(find("small-machine").read_bytes())
    settings, screen = tmp_path / "settings", Screen()
    settings.mkdir()
    program = Program(screen, str(path), settings)
    try:
        program.click("map.map.canvas", 0.98, 0.98)
        program.key("n")
        program.wait_until(lambda: program.ask("facts")["modified"], "the edit")
        program.wait_until(lambda: program.ask("facts")["kept"], "the journal")
        screen.lose()
        assert program.ended() != 0
    finally:
        program.close()
        screen.close()
    (folder,) = left_in(settings / "mtrrviz" / "journal")
    work = read_unsaved(folder)
    assert (work.path, work.edits, work.is_damaged) == (path, 1, False)
    before, after = load_scenario(path), restored(work).scenario
    (edited,) = set(after.events) ^ set(before.events)
    assert edited.kind in (EventKind.DMA_ATTACH, EventKind.DMA_DETACH)
