"""Recording in the window: the switch, its dot, its step, and what it does to edits."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QInputDialog, QToolButton

from mtrrviz.scenario import EventKind

pytestmark = pytest.mark.gui

MS = 1_000_000


def dot(bench) -> QToolButton:
    button = bench.views.transport.findChild(QToolButton, "record")
    assert isinstance(button, QToolButton)
    return button


def test_key_menu_and_button_are_one_switch(bench, qtbot) -> None:
    tape = bench.document.tape
    qtbot.keyClick(bench.views.map.map.canvas, Qt.Key.Key_R)
    assert tape.is_on
    assert bench.actions["toggle_record"].isChecked()
    assert dot(bench).isChecked()
    assert "1" in dot(bench).accessibleDescription()
    dot(bench).click()
    assert not tape.is_on
    assert not bench.actions["toggle_record"].isChecked()
    assert "off" in dot(bench).accessibleDescription()
    assert dot(bench).accessibleName() == "Record"


def test_what_is_done_while_paused_is_a_step_apart(bench) -> None:
    before = bench.document.scenario
    start_ns = bench.document.playhead_ns
    bench.actions["toggle_record"].trigger()
    bench.actions["toggle_dma"].trigger()
    bench.actions["toggle_dma"].trigger()
    done = [e for e in bench.document.scenario.events if e not in before.events]
    assert [e.time_ns for e in done] == [start_ns, start_ns + MS]
    assert {e.kind for e in done} == {EventKind.DMA_ATTACH, EventKind.DMA_DETACH}
    assert bench.document.playhead_ns == start_ns + 2 * MS
    bench.document.undo()
    bench.document.undo()
    assert bench.document.scenario is before


def test_a_quirk_is_disabled_once(bench) -> None:
    action = bench.actions["disable_cd_nw_quirk"]
    before = bench.document.scenario
    action.trigger()
    (added,) = [e for e in bench.document.scenario.events if e not in before.events]
    assert (added.kind, added.origin) == (EventKind.DISABLE_CD_NW_QUIRK, "user")
    assert not action.isEnabled()
    assert bench.actions["disable_ignore_guest_pat"].isEnabled()
    bench.document.undo()
    assert action.isEnabled()


def test_the_step_is_typed(bench, qtbot) -> None:
    bench.actions["set_record_step"].trigger()
    dialog = bench.window.findChild(QInputDialog)
    assert isinstance(dialog, QInputDialog)
    dialog.setTextValue("20 us")
    dialog.accept()
    assert bench.document.tape.step_ns == 20_000


@pytest.mark.parametrize("text", ["soon", "0", "+1 ms"])
def test_what_is_no_step_is_refused(bench, text: str) -> None:
    refused: list[str] = []
    bench.bridge.refused.disconnect()
    bench.bridge.refused.connect(refused.append)
    bench.actions["set_record_step"].trigger()
    dialog = bench.window.findChild(QInputDialog)
    assert isinstance(dialog, QInputDialog)
    dialog.setTextValue(text)
    dialog.accept()
    assert len(refused) == 1
    assert bench.document.tape.step_ns == MS
