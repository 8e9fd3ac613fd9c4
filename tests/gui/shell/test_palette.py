"""The palette: letters, keys, and where each kind of entry leads."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from mtrrviz.gui.palette.palette_dialog import PaletteDialog
from mtrrviz.gui.shell.workbench import settle
from mtrrviz.session.palette import FoundKind

pytestmark = pytest.mark.gui


@pytest.fixture
def palette(bench) -> PaletteDialog:
    bench.actions["show_palette"].trigger()
    dialog = bench.window.findChild(PaletteDialog)
    assert isinstance(dialog, PaletteDialog)
    return dialog


def take(palette: PaletteDialog, qtbot, query: str) -> None:
    qtbot.keyClicks(palette.field, query)
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)


def test_up_and_down_choose_while_one_types(palette, qtbot) -> None:
    qtbot.keyClicks(palette.field, "zap")
    first, second = palette.found[:2]
    assert first.text in palette.field.accessibleDescription()
    qtbot.keyClick(palette.field, Qt.Key.Key_Down)
    assert second.text in palette.field.accessibleDescription()
    qtbot.keyClick(palette.field, Qt.Key.Key_Up)
    assert first.text in palette.field.accessibleDescription()
    qtbot.keyClick(palette.field, Qt.Key.Key_Escape)
    assert not palette.isVisible()


def test_nothing_is_said_where_nothing_fits(palette, qtbot) -> None:
    take(palette, qtbot, "qqqqqq")
    assert palette.isVisible()
    assert palette.none.isVisible()
    assert palette.none.text() == palette.field.accessibleDescription()


def test_a_command_is_done(bench, palette, qtbot) -> None:
    take(palette, qtbot, "to the end")
    assert bench.document.playhead_ns == bench.document.duration_ns
    assert not palette.isVisible()


def test_a_register_is_opened(bench, palette, qtbot) -> None:
    take(palette, qtbot, "physbase1")
    assert bench.views.registers.detail.isVisible()
    assert not bench.docks["registers"].visibleRegion().isEmpty()


def entries_of(palette, title):
    return {
        entry.text
        for entry in palette._entries
        if entry.kind is FoundKind.PANEL and entry.text.startswith(f"{title}: ")
    }


def make_current(bench, events) -> None:
    bench.bring_up("events")
    settle()
    events.view.setCurrentIndex(events.model.index(0, 0))


def test_what_panels_can_do_is_offered(bench, qtbot) -> None:
    events = bench.views.events
    make_current(bench, events)
    bench.actions["show_palette"].trigger()
    palette = bench.window.findChild(PaletteDialog)
    assert any("Duplicate" in text for text in entries_of(palette, "Events"))
    assert not bench.views.panel("sweep").is_made
    palette.field.setText("event")
    palette.list.setCurrentRow(3)
    chosen = palette.found[3]
    qtbot.waitUntil(lambda: bench.views.panel("policy").is_made)
    settle()
    assert palette.found[palette.list.currentRow()] == chosen
    assert any("Start" in text for text in entries_of(palette, "Sweep"))
    assert any("bookmark" in text for text in entries_of(palette, "Stops"))
    assert any("Begin a phase here" in text for text in entries_of(palette, "Timeline"))
    assert any("Write" in text for text in entries_of(palette, "Map"))
    assert not any("Change" in text for text in entries_of(palette, "Touches"))  # it has no row


def test_a_command_of_a_panel_is_done_and_can_be_undone(bench, qtbot) -> None:
    events, before = bench.views.events, bench.document.scenario
    make_current(bench, events)
    bench.actions["show_palette"].trigger()
    take(bench.window.findChild(PaletteDialog), qtbot, "events: duplicate")
    more = len(before.events) + 1
    qtbot.waitUntil(lambda: len(bench.document.scenario.events) == more)
    assert not bench.docks["events"].visibleRegion().isEmpty()
    bench.document.undo()
    assert bench.document.scenario is before


def test_a_time_and_an_address_are_gone_to(bench, palette, qtbot) -> None:
    take(palette, qtbot, "200 ms")
    assert bench.document.playhead_ns == 200_000_000
    bench.actions["show_palette"].trigger()
    other = next(d for d in bench.window.findChildren(PaletteDialog) if d.isVisible())
    take(other, qtbot, "0x100000")
    assert bench.document.gfn == 0x100


def test_a_phase_is_gone_to(bench, palette, qtbot) -> None:
    phase = bench.document.scenario.phases[-1]
    assert phase.start_ns != bench.document.playhead_ns
    take(palette, qtbot, phase.name)
    assert bench.document.playhead_ns == phase.start_ns


def test_a_scenario_is_opened(bench, palette, qtbot) -> None:
    take(palette, qtbot, "range-moved")
    qtbot.waitUntil(lambda: bench.document.scenario.name == "range-moved")


def test_what_cannot_be_done_now_is_not_offered(palette) -> None:
    offered = {e.name for e in palette._entries if e.kind is FoundKind.COMMAND}
    assert "undo" not in offered
    assert "stop_following" not in offered
    assert "show_palette" not in offered
    assert "toggle_play" in offered


def test_its_key_opens_it(bench, qtbot) -> None:
    bench.views.map.map.canvas.setFocus()
    qtbot.keyClick(bench.window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert isinstance(bench.window.findChild(PaletteDialog), PaletteDialog)
