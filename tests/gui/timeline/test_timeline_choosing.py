"""Several events of the timeline chosen and moved together."""

from __future__ import annotations

from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QInputDialog

from mtrrviz.geometry.timeline.time_axis import TimeAxis
from mtrrviz.gui.tables.event_table_view import EventTableView
from mtrrviz.gui.timeline.item_drag import ItemDrag
from mtrrviz.gui.timeline.items import event_item
from mtrrviz.scenario.events import EventKind
from mtrrviz.session.document import Document
from tests.gui.timeline.timeline_hands import (
    LEFT,
    PLAIN,
    choose,
    drag,
    in_flags,
    in_lane,
    menu,
    shown_timeline,
)
from tests.session.booting import EVENTS, MS, boot

pytestmark = pytest.mark.gui
CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
ALT = Qt.KeyboardModifier.AltModifier


@pytest.fixture
def document() -> Document:
    return Document(boot())


@pytest.fixture
def view(qtbot, document):
    return shown_timeline(qtbot, document)


@pytest.fixture
def table(qtbot, view) -> EventTableView:
    table = EventTableView(view.bridge)
    qtbot.addWidget(table)
    table.resize(900, 400)
    table.show()
    return table


def times(document) -> list[int]:
    return [event.time_ns // MS for event in document.scenario.events]


def click(qtbot, view, time_ms, lane, modifier):
    qtbot.mouseClick(view.canvas, LEFT, modifier, in_lane(view, time_ms * MS, lane))


@pytest.mark.parametrize("modifier", [CTRL, SHIFT])
def test_clicks_choose_events_and_leave_them_out(qtbot, view, document, modifier):
    playhead_ns = document.playhead_ns
    click(qtbot, view, 200, 0, modifier)
    click(qtbot, view, 500, 1, modifier)
    assert document.chosen_events == {2, 5}
    click(qtbot, view, 200, 0, modifier)
    assert document.chosen_events == {5}
    assert document.playhead_ns == playhead_ns
    assert document.marker("A") is None


def test_dragging_a_chosen_event_moves_all_as_one_step(qtbot, view, document):
    before = document.scenario
    click(qtbot, view, 200, 0, CTRL)
    click(qtbot, view, 500, 1, CTRL)
    drag(qtbot, view, in_lane(view, 500 * MS, 1), in_lane(view, 800 * MS, 1))
    by_ms = times(document)
    assert 800 in by_ms
    assert 500 in by_ms, "200 ms went as far as 500 ms did"
    assert 200 not in by_ms
    assert len(document.chosen_events) == 2
    document.undo()
    assert document.scenario is before
    assert document.undo_label is None


def test_an_event_that_is_not_chosen_moves_alone(qtbot, view, document):
    click(qtbot, view, 200, 0, CTRL)
    click(qtbot, view, 500, 1, CTRL)
    drag(qtbot, view, in_lane(view, 1200 * MS, 0), in_lane(view, 1300 * MS, 0))
    assert 200 in times(document)
    assert 1300 in times(document)


def test_alt_leaves_snapping_off_for_all(qtbot, view, document):
    click(qtbot, view, 200, 0, CTRL)
    click(qtbot, view, 1200, 0, CTRL)
    end = in_lane(view, 1500 * MS, 0) + QPoint(3, 0)
    drag(qtbot, view, in_lane(view, 1200 * MS, 0), end, ALT)
    at_ns = view.canvas.axis.time_ns(end.x())
    assert at_ns != 1500 * MS
    found = {event.time_ns for event in document.scenario.events}
    assert {at_ns, at_ns - 1000 * MS} <= found


def test_none_of_several_goes_below_zero_and_distances_stay(qtbot, view, document):
    click(qtbot, view, 50, 0, CTRL)
    click(qtbot, view, 400, 0, CTRL)
    drag(qtbot, view, in_lane(view, 400 * MS, 0), in_lane(view, 10 * MS, 0))
    assert times(document)[0] == 0
    assert 350 in times(document)


def test_a_band_chooses_what_is_in_its_lanes_and_times(qtbot, view, document):
    start = in_lane(view, 80 * MS, 0) - QPoint(0, 2)
    end = in_lane(view, 550 * MS, 1)
    qtbot.mousePress(view.canvas, LEFT, CTRL, start)
    qtbot.mouseMove(view.canvas, end)
    qtbot.mouseRelease(view.canvas, LEFT, CTRL, end)
    assert document.chosen_events == {1, 2, 3, 4, 5}


def test_a_band_over_flags_chooses_notes_only(qtbot, view, document):
    start, end = in_flags(view, 1400 * MS), in_flags(view, 1600 * MS)
    qtbot.mousePress(view.canvas, LEFT, CTRL, start)
    qtbot.mouseMove(view.canvas, end)
    qtbot.mouseRelease(view.canvas, LEFT, CTRL, end)
    assert document.chosen_events == {11}


def test_escape_and_a_click_beside_them_choose_none(qtbot, view, document):
    for leave in (
        lambda: qtbot.keyClick(view.canvas, Qt.Key.Key_Escape),
        lambda: qtbot.mouseClick(view.canvas, LEFT, PLAIN, in_lane(view, 1800 * MS, 2)),
        lambda: qtbot.mouseClick(view.canvas, LEFT, PLAIN, in_lane(view, 610 * MS, 2)),
    ):
        document.choose_events([1, 2])
        leave()
        assert document.chosen_events == frozenset()


def test_delete_and_the_menu_concern_all_chosen(qtbot, view, document, monkeypatch):
    document.choose_events([1, 2])
    qtbot.keyClick(view.canvas, Qt.Key.Key_Delete)
    assert document.undo_label == "Remove 2 events"
    document.undo()
    document.choose_events([1, 2])
    monkeypatch.setattr(QInputDialog, "getText", lambda *_args, **_more: ("+5 ms", True))
    choose(menu(view, in_lane(view, 1700 * MS)), "2 chosen events", "Change the time")
    assert times(document)[1:3] == [105, 205]


def test_chosen_events_are_framed(view, document):
    accent = view.bridge.theme.accent.lower()
    place = in_lane(view, 200 * MS, 0)

    def is_framed() -> bool:
        image = view.canvas.grab().toImage()
        return image.pixelColor(place.x() - 4, place.y()).name() == accent

    assert not is_framed()
    document.choose_events([2])
    assert is_framed()


def framed_rows(view, time_ms: int) -> tuple[int, int] | None:
    """Return the highest and the lowest pixel of a frame's left side at a time."""
    image, accent = view.canvas.grab().toImage(), view.bridge.theme.accent.lower()
    x = in_lane(view, time_ms * MS, 0).x() - 4
    found = [y for y in range(2, image.height() - 2) if image.pixelColor(x, y).name() == accent]
    return (found[0], found[-1]) if found else None


def test_each_kind_of_event_is_framed_in_its_own_row(view, document):
    detach, note = (
        next(number for number, event in enumerate(EVENTS) if event.kind is kind)
        for kind in (EventKind.DMA_DETACH, EventKind.NOTE)
    )
    document.choose_events([2, 5, detach, note])
    frames = [framed_rows(view, EVENTS[index].time_ns // MS) for index in (note, 2, 5, detach)]
    assert None not in frames
    assert [EVENTS[index].vcpu for index in (2, 5)] == [0, 1]
    for above, below in pairwise(filter(None, frames)):
        assert above[1] <= below[0], "flags, then vCPU 0, then vCPU 1, then devices"
    assert framed_rows(view, 250) is None


def test_rows_selected_in_the_table_are_what_a_drag_moves(qtbot, view, table, document):
    table.view.selectRow(2)
    flags = table.view.selectionModel().SelectionFlag
    table.view.selectionModel().select(table.model.index(5, 0), flags.Select | flags.Rows)
    assert document.chosen_events == {2, 5}
    drag(qtbot, view, in_lane(view, 200 * MS, 0), in_lane(view, 300 * MS, 0))
    assert times(document).count(300) == 2
    assert times(document).count(600) == 3
    assert len(table.chosen) == 2, "the table shows the moved ones as selected"
    assert {document.scenario.events[i].register for i in table.chosen} == {EVENTS[2].register}


def test_the_table_shows_what_the_timeline_chose_and_the_playhead_chooses_nothing(
    qtbot, view, table, document
):
    click(qtbot, view, 200, 0, CTRL)
    click(qtbot, view, 500, 1, CTRL)
    assert table.chosen == [2, 5]
    document.choose_events([])
    assert len(table.view.selectionModel().selectedRows()) <= 1
    document.set_playhead(700 * MS)
    assert document.chosen_events == frozenset()


def test_the_ghost_says_where_all_go_and_how_many(document):
    document.choose_events([0, 4])
    axis = TimeAxis.fitted(document.duration_ns, 80, 400)
    held = ItemDrag.begun(document, event_item(document.scenario, 4), axis.x(400 * MS), 0)
    moved = held.moved(axis, axis.x(10 * MS), snaps=False)
    assert moved.time_ns == 350 * MS
    assert "350" in moved.words
    assert "2 events" in moved.words
