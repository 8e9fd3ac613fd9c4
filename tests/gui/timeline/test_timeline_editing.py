"""Editing on the timeline: dragging things to another time, and the menu of edits."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication, QDialogButtonBox, QInputDialog, QLineEdit

from mtrrviz.gui.stops.bookmark_dialog import BookmarkDialog
from mtrrviz.gui.tables.event_dialog import EventDialog
from mtrrviz.gui.timeline.phase_dialog import PhaseDialog
from mtrrviz.gui.timeline.timeline_menu import TimelineMenu
from mtrrviz.scenario.bookmarks import Bookmark
from mtrrviz.scenario.events import Event, EventKind
from mtrrviz.scenario.model import Aps, Phase
from mtrrviz.session import edits
from mtrrviz.session.document import Document
from tests.gui.timeline.timeline_hands import (
    LEFT,
    PLAIN,
    choose,
    drag,
    in_flags,
    in_lane,
    menu,
    move,
    shown_timeline,
    wheel,
)
from tests.narrow import there
from tests.session.booting import MS, boot

pytestmark = pytest.mark.gui
ALT = Qt.KeyboardModifier.AltModifier
#: Alone in its lane, far from everything else.
LONELY = Event(1400 * MS, EventKind.INIT, 1)
NOTE = Event(1500 * MS, EventKind.NOTE, text="look here")


@pytest.fixture
def document() -> Document:
    scenario = boot((LONELY, NOTE))
    phases = (Phase(0, "first"), Phase(1000 * MS, "second", Aps.CONCURRENT, "text"))
    bookmarks = (Bookmark(1200 * MS, "mark"),)
    return Document(replace(scenario, phases=phases, bookmarks=bookmarks))


@pytest.fixture
def view(qtbot, document):
    return shown_timeline(qtbot, document)


@pytest.fixture
def said(view) -> list[str]:
    words: list[str] = []
    view.bridge.message.connect(words.append)
    view.bridge.refused.connect(words.append)
    return words


def in_phases(view, time_ns):
    rows = view.canvas.layout_rows
    return QPoint(round(view.canvas.axis.x(time_ns)), rows.phases_top + 8)


def times(document):
    return [event.time_ns for event in document.scenario.events]


# Dragging


def test_a_tick_is_dragged_to_a_round_time_as_one_edit(qtbot, view, document, said):
    before = document.scenario
    drag(qtbot, view, in_lane(view, 1400 * MS), in_lane(view, 1700 * MS) + QPoint(2, 0))
    assert document.scenario.events == (NOTE, replace(LONELY, time_ns=1700 * MS))
    assert said == ["Moved init at 1.400000 s to 1.700000 s"]
    document.undo()
    assert document.scenario is before
    assert document.undo_label is None


def test_nothing_is_edited_before_the_tick_is_let_go(qtbot, view, document):
    before = document.scenario
    qtbot.mousePress(view.canvas, LEFT, PLAIN, in_lane(view, 1400 * MS))
    for time_ns in range(1410 * MS, 1900 * MS, 10 * MS):
        move(view, in_lane(view, time_ns))
        assert document.scenario is before
    qtbot.mouseRelease(view.canvas, LEFT, PLAIN, in_lane(view, 1900 * MS))
    assert document.scenario is not before


def test_a_ghost_with_the_time_is_shown_while_dragging(qtbot, view):
    start, end = in_lane(view, 1400 * MS), in_lane(view, 1700 * MS)
    qtbot.mousePress(view.canvas, LEFT, PLAIN, start)
    accent = view.bridge.theme.accent.lower()

    def accents(image, x):
        return sum(image.pixelColor(x, y).name() == accent for y in range(image.height()))

    plain = accents(view.canvas.grab().toImage(), end.x())
    move(view, end)
    assert accents(view.canvas.grab().toImage(), end.x()) > plain + 50
    qtbot.keyClick(view.canvas, Qt.Key.Key_Escape)
    assert accents(view.canvas.grab().toImage(), end.x()) == plain
    qtbot.mouseRelease(view.canvas, LEFT, PLAIN, end)


def test_escape_gives_a_drag_up(qtbot, view, document):
    before = document.scenario
    qtbot.mousePress(view.canvas, LEFT, PLAIN, in_lane(view, 1400 * MS))
    move(view, in_lane(view, 1700 * MS))
    qtbot.keyClick(view.canvas, Qt.Key.Key_Escape)
    qtbot.mouseRelease(view.canvas, LEFT, PLAIN, in_lane(view, 1700 * MS))
    assert document.scenario is before


def test_other_buttons_do_not_let_go_of_a_tick(qtbot, view, document):
    before, place = document.scenario, in_lane(view, 1700 * MS)
    qtbot.mousePress(view.canvas, LEFT, PLAIN, in_lane(view, 1400 * MS))
    move(view, place)
    for button in (Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton):
        qtbot.mousePress(view.canvas, button, PLAIN, place)
        qtbot.mouseRelease(view.canvas, button, PLAIN, place)
    assert document.scenario is before
    menu_asked = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, QPoint())
    QApplication.sendEvent(view.canvas, menu_asked)
    assert not view.canvas.findChildren(TimelineMenu)
    qtbot.mouseRelease(view.canvas, LEFT, PLAIN, place)
    assert times(document) == [1500 * MS, 1700 * MS]


@pytest.mark.parametrize("target", ["phase", "bookmark", "note", "marker"])
def test_a_tick_snaps_to_what_is_near(qtbot, view, document, target):
    document.set_marker("A", 1613 * MS)
    at_ns = {"phase": 1000, "bookmark": 1200, "note": 1500, "marker": 1613}[target] * MS
    drag(qtbot, view, in_lane(view, 1400 * MS), in_lane(view, at_ns) + QPoint(4, 0))
    assert there(next(e for e in document.scenario.events if e.vcpu == 1)).time_ns == at_ns


def test_a_tick_does_not_snap_to_where_it_was(qtbot, view, document):
    document.apply(edits.move_events(document.scenario, [0], 13 * MS))
    document.set_playhead(0)
    end = in_lane(view, 1413 * MS) + QPoint(4, 0)
    drag(qtbot, view, in_lane(view, 1413 * MS), end)
    assert times(document)[0] not in (1400 * MS, 1413 * MS)
    assert abs(times(document)[0] - view.canvas.axis.time_ns(end.x())) < 6 * MS


def test_alt_leaves_snapping_off(qtbot, view, document):
    end = in_lane(view, 1000 * MS) + QPoint(3, 0)
    drag(qtbot, view, in_lane(view, 1400 * MS), end, ALT)
    assert times(document)[0] == view.canvas.axis.time_ns(end.x()) != 1000 * MS


def test_a_phases_start_is_dragged(qtbot, view, document, said):
    drag(qtbot, view, in_phases(view, 1000 * MS), in_phases(view, 1200 * MS))
    assert [phase.start_ns for phase in document.scenario.phases] == [0, 1200 * MS]
    assert document.scenario.phases[1].text == "text"
    assert said == ["Moved phase 'second' to 1.200000 s"]


def test_a_note_and_a_bookmark_are_dragged_by_their_flags(qtbot, view, document):
    drag(qtbot, view, in_flags(view, 1500 * MS), in_flags(view, 1700 * MS))
    assert times(document) == [1400 * MS, 1700 * MS]
    drag(qtbot, view, in_flags(view, 1200 * MS), in_flags(view, 1000 * MS))
    assert document.scenario.bookmarks == (Bookmark(1000 * MS, "mark"),)


def test_a_click_on_a_tick_moves_only_the_playhead(qtbot, view, document):
    before = document.scenario
    qtbot.mouseClick(view.canvas, LEFT, pos=in_lane(view, 1400 * MS) + QPoint(2, 0))
    assert document.playhead_ns == 1400 * MS
    assert document.scenario is before


def test_a_tick_under_the_playhead_is_what_is_dragged(qtbot, view, document):
    document.set_playhead(1400 * MS)
    drag(qtbot, view, in_lane(view, 1400 * MS), in_lane(view, 1700 * MS))
    assert times(document)[-1] == 1700 * MS


def test_what_changed_meanwhile_is_not_moved(qtbot, view, document, said):
    qtbot.mousePress(view.canvas, LEFT, PLAIN, in_lane(view, 1400 * MS))
    move(view, in_lane(view, 1700 * MS))
    document.apply(edits.remove_phase(document.scenario, 1))
    qtbot.mouseRelease(view.canvas, LEFT, PLAIN, in_lane(view, 1700 * MS))
    assert times(document) == [1400 * MS, 1500 * MS]
    assert "changed meanwhile" in said[-1]


# The menu


def test_the_menu_duplicates_and_removes_an_event(view, document):
    choose(menu(view, in_lane(view, 1400 * MS)), "Duplicate")
    assert document.scenario.events == (LONELY, LONELY, NOTE)
    document.undo()
    choose(menu(view, in_lane(view, 1400 * MS)), "Remove the event")
    assert document.scenario.events == (NOTE,)


def test_the_menu_copies_an_event_and_pastes_it_elsewhere(view, document):
    choose(menu(view, in_lane(view, 1400 * MS)), "Copy")
    choose(menu(view, in_lane(view, 1700 * MS)), "Paste")
    assert document.scenario.events == (LONELY, NOTE, replace(LONELY, time_ns=1700 * MS))


def test_nothing_is_pasted_from_a_clipboard_without_events(view):
    QApplication.clipboard().setText("words")
    shown = menu(view, in_lane(view, 1700 * MS))
    assert not next(a for a in shown.actions() if a.text().startswith("Paste")).isEnabled()


def test_the_menu_of_several_events_has_one_for_each(view, document):
    document.apply(edits.add_event(document.scenario, replace(LONELY, text="other")))
    shown = menu(view, in_lane(view, 1400 * MS))
    assert len([a for a in shown.actions() if a.menu() and "INIT" in a.text()]) == 2
    choose(shown, "vCPU 1: INIT", "Remove the event")
    assert len(document.scenario.events) == 2


def test_of_very_many_events_the_menu_has_the_first_and_says_how_many_more(view, document):
    for _ in range(9):
        document.apply(edits.duplicate_events(document.scenario, [0]))
    shown = menu(view, in_lane(view, 1400 * MS))
    assert len([a for a in shown.actions() if a.menu() and "INIT" in a.text()]) == 8
    assert any("2 more here" in action.text() for action in shown.actions())


def test_the_lane_of_devices_has_their_events_and_no_notes(qtbot, view, document):
    detach = Event(1600 * MS, EventKind.DMA_DETACH)
    document.apply(edits.add_event(document.scenario, detach))
    y = view.canvas.layout_rows.dma_top + 4
    x = view.canvas.axis.x(1500 * MS)
    assert view.canvas.items_at(QPointF(x, y)) == []
    start, end = (QPoint(round(view.canvas.axis.x(t * MS)), y) for t in (1600, 1700))
    drag(qtbot, view, start, end)
    assert times(document) == [1400 * MS, 1500 * MS, 1700 * MS]


def test_a_disabled_quirk_is_a_flag_that_can_be_dragged(qtbot, view, document):
    quirk = Event(1600 * MS, EventKind.DISABLE_CD_NW_QUIRK)
    document.apply(edits.add_event(document.scenario, quirk))
    top, bottom = there(view.canvas.layout_rows.flags)
    y = (top + bottom) // 2
    in_dma_lane = QPointF(view.canvas.axis.x(1600 * MS), view.canvas.layout_rows.dma_top + 4)
    assert view.canvas.items_at(in_dma_lane) == []
    start, end = (QPoint(round(view.canvas.axis.x(t * MS)), y) for t in (1600, 1700))
    drag(qtbot, view, start, end)
    assert document.scenario.events[-1] == replace(quirk, time_ns=1700 * MS)


def ok(dialog):
    dialog.findChild(QDialogButtonBox).button(QDialogButtonBox.StandardButton.Ok).click()


def test_the_menu_opens_the_events_dialog(view, document):
    choose(menu(view, in_lane(view, 1400 * MS)), "Change the event")
    dialog = there(view.findChild(EventDialog))
    there(dialog.findChild(QLineEdit, "time")).setText("1.6 s")
    ok(dialog)
    assert times(document) == [1500 * MS, 1600 * MS]


def test_a_note_is_added_where_the_menu_was_asked_for(view, document):
    choose(menu(view, in_lane(view, 1700 * MS)), "Add a note")
    dialog = there(view.findChild(EventDialog))
    there(dialog.findChild(QLineEdit, "text")).setText("see")
    ok(dialog)
    added = document.scenario.events[-1]
    assert (added.time_ns, added.kind, added.text) == (1700 * MS, EventKind.NOTE, "see")


def test_a_phase_is_begun_changed_and_removed(view, document):
    choose(menu(view, in_lane(view, 1700 * MS)), "Begin a phase")
    dialog = there(view.findChild(PhaseDialog))
    button = dialog.buttons.button(QDialogButtonBox.StandardButton.Ok)
    assert not button.isEnabled()
    assert "name" in dialog.words.text()
    dialog.name.setText("third")
    dialog.time.setText("1.7 s")
    dialog.aps.setCurrentIndex(dialog.aps.findData(Aps.SERIALISED))
    dialog.text.setText("words")
    button.click()
    assert document.scenario.phases[2] == Phase(1700 * MS, "third", Aps.SERIALISED, "words")
    choose(menu(view, in_phases(view, 1850 * MS)), "Phase third", "Remove the phase")
    assert len(document.scenario.phases) == 2


def test_a_phase_is_renamed(view, document):
    choose(menu(view, in_phases(view, 1000 * MS)), "Change the phase")
    dialog = there(view.findChild(PhaseDialog))
    dialog.name.setText("renamed")
    ok(dialog)
    assert document.scenario.phases[1] == Phase(1000 * MS, "renamed", Aps.CONCURRENT, "text")


def test_a_time_that_is_none_is_not_taken_for_a_phase(view):
    choose(menu(view, in_phases(view, 1000 * MS)), "Change the phase")
    dialog = there(view.findChild(PhaseDialog))
    dialog.time.setText("soon")
    assert "soon" in dialog.words.text()
    assert not dialog.buttons.button(QDialogButtonBox.StandardButton.Ok).isEnabled()


def test_everything_from_here_on_is_shifted(view, document, monkeypatch):
    monkeypatch.setattr(QInputDialog, "getText", lambda *_args, **_more: ("+100 ms", True))
    choose(menu(view, in_lane(view, 1400 * MS)), "Shift everything")
    assert times(document) == [1500 * MS, 1600 * MS]
    assert document.scenario.bookmarks[0].time_ns == 1200 * MS


def test_a_bookmark_is_added_changed_and_removed(view, document):
    choose(menu(view, in_lane(view, 1400 * MS)), "Add a bookmark")
    dialog = there(view.findChild(BookmarkDialog))
    dialog.name.setText("another")
    dialog.accept()
    assert document.scenario.bookmarks[1] == Bookmark(1400 * MS, "another")
    choose(menu(view, in_flags(view, 1200 * MS)), "Change the bookmark")
    dialog = view.findChildren(BookmarkDialog)[-1]
    dialog.name.setText("renamed")
    dialog.text.setText("why it matters")
    dialog.accept()
    assert document.scenario.bookmarks[0] == Bookmark(1200 * MS, "renamed", "why it matters")
    choose(menu(view, in_flags(view, 1200 * MS)), "Remove the bookmark")
    assert [mark.name for mark in document.scenario.bookmarks] == ["another"]


def test_nothing_happens_when_the_dialog_is_left(view, document):
    before = document.scenario
    choose(menu(view, in_lane(view, 1400 * MS)), "Add a bookmark")
    there(view.findChild(BookmarkDialog)).reject()
    assert document.scenario is before


def test_a_menu_of_an_older_scenario_edits_nothing(view, document, said):
    shown = menu(view, in_lane(view, 1400 * MS))
    document.apply(edits.remove_phase(document.scenario, 1))
    choose(shown, "Remove the event")
    assert times(document) == [1400 * MS, 1500 * MS]
    assert "changed meanwhile" in said[-1]


def test_ampersands_of_files_are_shown_as_they_are(view, document):
    document.apply(edits.change_event(document.scenario, 1, replace(NOTE, text="a&b")))
    shown = menu(view, in_flags(view, 1500 * MS))
    assert "Note a&&b" in [action.text() for action in shown.actions()]


def test_by_key_the_menu_is_of_the_playhead(view, document):
    document.set_playhead(1400 * MS)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(0, 0), QPoint(0, 0))
    QApplication.sendEvent(view.canvas, event)
    shown = view.canvas.findChildren(TimelineMenu)[-1]
    choose(shown, "Remove the event")
    assert document.scenario.events == (NOTE,)


def test_a_double_click_on_a_tick_asks_about_it(qtbot, view, document):
    axis = view.canvas.axis
    qtbot.mouseDClick(view.canvas, LEFT, pos=in_lane(view, 1400 * MS))
    assert there(view.findChild(EventDialog)).event_typed() == LONELY
    assert view.canvas.axis == axis


# Lanes and hovering


def test_ctrl_and_the_wheel_make_lanes_higher(view):
    before, axis = view.canvas.layout_rows.lane_px, view.canvas.axis
    for delta, compare in ((120, int.__gt__), (-120, int.__eq__)):
        wheel(view, in_lane(view, 500 * MS), delta, Qt.KeyboardModifier.ControlModifier)
        assert compare(view.canvas.layout_rows.lane_px, before)
    assert view.canvas.axis == axis


def test_keys_make_lanes_higher_and_the_menu_gives_them_their_usual_height(qtbot, view):
    before = view.canvas.layout_rows.lane_px
    assert view.canvas.lane_px is None
    qtbot.keyClick(view.canvas, Qt.Key.Key_Up)
    qtbot.keyClick(view.canvas, Qt.Key.Key_Up)
    qtbot.keyClick(view.canvas, Qt.Key.Key_Down)
    assert view.canvas.layout_rows.lane_px > before
    choose(menu(view, in_lane(view, 500 * MS)), "Lanes of the usual")
    assert view.canvas.lane_px is None
    assert view.canvas.layout_rows.lane_px == before


def test_a_lanes_colour_stands_beside_its_name(view):
    image, rows = view.canvas.grab().toImage(), view.canvas.layout_rows
    for vcpu in range(rows.lanes):
        row = rows.lane_top(vcpu) + rows.lane_px // 2
        shown = {image.pixelColor(x, row).name() for x in range(view.canvas.axis.left - 6)}
        assert view.bridge.theme.vcpu_colour(vcpu).lower() in shown


def test_hovering_a_flag_and_a_lanes_name_says_what_they_are(view):
    note = view.canvas.tooltip_at(QPointF(in_flags(view, 1500 * MS)))
    assert "note" in note
    assert "look here" in note
    name = QPointF(10, in_lane(view, 0).y())
    assert view.canvas.tooltip_at(name) == "vCPU 1"


def test_hovering_a_fault_says_what_happened(qtbot, view, document):
    qtbot.waitUntil(lambda: document.run is not None)
    leaves = document.run.leaves
    born_ns = int(leaves.born_ns[0])
    top, bottom = there(view.canvas.layout_rows.faults)
    view.canvas.set_axis(view.canvas.axis.spanning(born_ns - 1000, born_ns + 1000))
    place = QPointF(view.canvas.axis.x(born_ns), (top + bottom) / 2)
    assert "fault" in view.canvas.tooltip_at(place)
    assert "leaf" in view.canvas.tooltip_at(place)


def test_a_real_machine_has_no_lane_of_faults(view, document):
    assert view.canvas.layout_rows.faults is not None
    document.apply(edits.seen_as_other_kind(document.scenario))
    assert document.scenario.machine.is_host
    assert view.canvas.layout_rows.faults is None
    assert view.canvas.scene.faults is None
