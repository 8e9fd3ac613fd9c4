"""Touches on the timeline: told, dragged, asked about; and a timeline that is scrolled."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QScrollArea

from mtrrviz.gui.touches.touch_dialog import TouchDialog
from mtrrviz.scenario.touches import Access, Sweep
from mtrrviz.session import edits
from mtrrviz.session.document import Document
from tests.gui.timeline.timeline_hands import choose, drag, menu, shown_timeline
from tests.narrow import there
from tests.session.booting import MS, boot

pytestmark = pytest.mark.gui
SINGLE = Sweep(700 * MS, 1, 0x100, 1, Access.WRITE)
LONG = Sweep(1200 * MS, 2, 0x200, 512, Access.READ, 400 * MS)


@pytest.fixture
def document() -> Document:
    return Document(boot().with_sweeps((SINGLE, LONG)))


@pytest.fixture
def view(qtbot, document):
    return shown_timeline(qtbot, document)


def in_touches(view, time_ns):
    top, bottom = there(view.canvas.layout_rows.touches)
    return QPoint(round(view.canvas.axis.x(time_ns)), (top + bottom) // 2)


def test_a_touch_is_dragged_as_one_step(qtbot, view, document):
    before = document.scenario
    drag(qtbot, view, in_touches(view, 700 * MS), in_touches(view, 800 * MS))
    assert document.scenario.sweeps == (replace(SINGLE, time_ns=800 * MS), LONG)
    assert "Move the touch of 0x10_0000 to 0.8" in there(document.undo_label)
    document.undo()
    assert document.scenario is before


def test_a_touch_is_taken_hold_of_where_it_begins_only(view):
    assert view.canvas.items_at(QPointF(in_touches(view, 1200 * MS)))
    assert not view.canvas.items_at(QPointF(in_touches(view, 1400 * MS)))


def test_hovering_tells_what_is_touched_and_how_often(view):
    words = view.canvas.tooltip_at(QPointF(in_touches(view, 1400 * MS)))
    assert "vCPU 2" in words
    assert "read 0x20_0000 (2 MiB)" in words
    assert "touches of pages" in words
    assert "vCPU 1" not in words


def test_the_menu_changes_and_removes_a_touch(view, document):
    choose(menu(view, in_touches(view, 700 * MS)), "Change the touch")
    assert there(view.findChild(TouchDialog))
    choose(menu(view, in_touches(view, 700 * MS)), "Remove the touch")
    assert document.scenario.sweeps == (LONG,)


def test_events_snap_to_touches(qtbot, view, document):
    rows = view.canvas.layout_rows
    y = rows.lane_top(0) + rows.lane_px // 2
    start, end = (QPoint(round(view.canvas.axis.x(t * MS)), y) for t in (200, 700))
    drag(qtbot, view, start, end + QPoint(4, 0))
    assert 700 * MS in document.scenario.events.time_ns.tolist()


def test_a_real_machine_and_a_scenario_without_touches_have_no_such_lane(view, document):
    document.apply(edits.seen_as_other_kind(document.scenario))
    assert view.canvas.layout_rows.touches is None


def scrolled(view) -> QScrollArea:
    return there(view.findChild(QScrollArea, "timeline_scroll"))


def test_two_tracks_are_scrolled_rather_than_squeezed(qtbot, view):
    view.resize(1000, 190)
    view.show_compared_zaps("stacked", two_maps=False)
    bar = scrolled(view).verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0)
    assert all(track.stems_px >= 26 for track in view.canvas.layout_rows.tracks)
    view.canvas.setFocus()
    qtbot.keyClick(view.canvas, Qt.Key.Key_PageDown)
    assert bar.value() > 0
    view.resize(1000, 500)
    qtbot.waitUntil(lambda: bar.maximum() == 0)


def test_lanes_made_higher_keep_the_stems_room(qtbot, view):
    view.resize(1000, 220)
    view.canvas.set_lane_px(40)
    qtbot.waitUntil(lambda: scrolled(view).verticalScrollBar().maximum() > 0)
    rows = view.canvas.layout_rows
    assert rows.lane_px == 40
    assert rows.tracks[0].bottom - rows.tracks[0].stems_top >= 18


def test_labels_of_another_size_get_room(view):
    before = view.canvas.layout_rows
    font = view.canvas.font()
    font.setPointSizeF(2 * font.pointSizeF() + 2)
    view.canvas.setFont(font)
    rows = view.canvas.layout_rows
    assert rows.ruler_bottom > 1.5 * before.ruler_bottom
    assert view.canvas.axis.left > 1.5 * before.left_px
    assert view.canvas.axis.right < rows.plot_right + 1
