"""Filters over so many rows that they are worked out beside the window."""

from __future__ import annotations

import gc
from threading import Event
from typing import TYPE_CHECKING
from weakref import ref

import numpy as np
import pytest
import shiboken6
from msgspec.structs import replace
from PySide6.QtCore import Qt

from mtrrviz.facts.tables.event_rows import EventRows
from mtrrviz.gui.common.tables import rows_model
from mtrrviz.gui.shell.bridge import Bridge
from mtrrviz.gui.tables.event_table_view import EventTableView
from mtrrviz.session.document import Document
from mtrrviz.session.edits import remove_events
from mtrrviz.session.selection import Selection
from tests.gui.tables.shown_table import shown_table
from tests.session.booting import EVENTS, boot

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from mtrrviz.facts.tables.fact_rows import FactRows
    from mtrrviz.facts.tables.filtering import Mask

pytestmark = pytest.mark.gui
BUSY = "Filtering\N{HORIZONTAL ELLIPSIS}"
INITS = [number for number, event in enumerate(EVENTS) if event.kind == "init"]


@pytest.fixture
def document() -> Document:
    return Document(boot())


@pytest.fixture
def table(qtbot: QtBot, document: Document, monkeypatch: pytest.MonkeyPatch) -> EventTableView:
    monkeypatch.setattr(rows_model, "MANY_ROWS", 0)
    return shown_table(qtbot, EventTableView, document)


def events_shown(table: EventTableView) -> list[int]:
    return [table.model.source_row(row) for row in range(table.model.rowCount())]


def count(table: EventTableView) -> str:
    return table._count.text()


def test_rows_stay_until_it_is_known_which_are_kept(table: EventTableView, qtbot: QtBot) -> None:
    table.filter_field.setText("kind:init")
    assert table.model.is_busy
    assert len(events_shown(table)) == len(EVENTS)
    assert count(table) == BUSY
    qtbot.waitUntil(lambda: not table.model.is_busy)
    assert events_shown(table) == INITS
    assert count(table) == f"{len(INITS)} of {len(EVENTS)}"


def test_thousands_are_told_apart(table: EventTableView, document: Document, qtbot: QtBot) -> None:
    events = (*EVENTS[:1] * 1500, *EVENTS[1:2] * 2000)
    document.open(replace(document.scenario, events=events), None)
    filtered(table, qtbot, "kind:init")
    assert count(table) == "1,500 of 3,500"
    table.filter_field.clear()
    assert count(table) == "3,500"


def test_only_the_newest_filter_is_shown(table: EventTableView, qtbot: QtBot) -> None:
    resets: list[str] = []
    table.model.modelReset.connect(lambda: resets.append(count(table)))
    for text in ("k", "kind", "kind:init"):
        table.filter_field.setText(text)
    qtbot.waitUntil(lambda: not table.model.is_busy)
    assert events_shown(table) == INITS
    assert len(resets) == 1


def test_a_filter_that_is_wrong_is_told_at_once(table: EventTableView) -> None:
    table.filter_field.setText("colour:red")
    assert "colour is not a column" in count(table)
    assert not table.model.is_busy


def test_no_filter_needs_no_waiting(table: EventTableView, qtbot: QtBot) -> None:
    table.filter_field.setText("kind:init")
    table.filter_field.clear()
    assert not table.model.is_busy
    assert len(events_shown(table)) == len(EVENTS)
    qtbot.wait(50)  # and the answer that nobody waits for changes nothing
    assert len(events_shown(table)) == len(EVENTS)


def test_after_an_edit_no_row_of_before_can_be_acted_on(
    table: EventTableView, document: Document, qtbot: QtBot
) -> None:
    table.filter_field.setText("kind:init")
    qtbot.waitUntil(lambda: not table.model.is_busy)
    document.choose_events(INITS[-1:])
    document.apply(remove_events(document.scenario, [0]))
    assert table.model.rowCount() == 0
    assert count(table) == BUSY
    qtbot.waitUntil(lambda: not table.model.is_busy)
    assert events_shown(table) == [number - 1 for number in INITS if number]


def filtered(table: EventTableView, qtbot: QtBot, text: str = "kind:wrmsr") -> None:
    table.filter_field.setText(text)
    arrived(table, qtbot)


def arrived(table: EventTableView, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not table.model.is_busy)
    qtbot.wait(10)


def test_what_was_removed_leaves_no_row_to_be_removed_by_the_next_key(
    table: EventTableView, document: Document, qtbot: QtBot
) -> None:
    filtered(table, qtbot)
    table.view.setFocus()
    table.view.selectRow(2)
    gone = document.scenario.events[table.model.source_row(2)]
    for _ in range(2):
        qtbot.keyClick(table.view, Qt.Key.Key_Delete)
        assert table.view.hasFocus()
        arrived(table, qtbot)
    assert [e for e in EVENTS if e not in document.scenario.events] == [gone]


def test_an_event_that_was_reordered_is_the_current_one(
    table: EventTableView, document: Document, qtbot: QtBot
) -> None:
    same = [replace(event, time_ns=7) for event in EVENTS[1:5]]
    document.open(replace(document.scenario, events=tuple(same)), None)
    filtered(table, qtbot)
    table.view.setCurrentIndex(table.model.index(table.model.rowCount() - 1, 0))
    index = table.model.source_row(table.model.rowCount() - 1)
    for moved in (index - 1, index - 2):
        table.move_up()
        arrived(table, qtbot)
        row = table.current_row()
        assert row is not None
        assert table.model.source_row(row) == moved


def test_an_event_that_is_pointed_at_meanwhile_becomes_the_current_one(
    table: EventTableView, document: Document, qtbot: QtBot
) -> None:
    filtered(table, qtbot)
    document.apply(remove_events(document.scenario, [len(EVENTS) - 1]))
    assert table.model.is_busy
    index = next(i for i, e in reversed(list(enumerate(EVENTS[:-1]))) if e.kind == "wrmsr")
    document.point_at(Selection(event=index))
    arrived(table, qtbot)
    row = table.current_row()
    assert row is not None
    assert table.model.source_row(row) == index


def test_nothing_is_typed_into_rows_that_are_about_to_go(
    table: EventTableView, qtbot: QtBot
) -> None:
    table.view.setCurrentIndex(table.model.index(2, table.model.column("value")))
    table.filter_field.setText("kind:wrmsr")
    assert not table.type_over()
    arrived(table, qtbot)
    table.view.setCurrentIndex(table.model.index(2, table.model.column("value")))
    assert table.type_over()


def test_the_table_stays_where_it_was_scrolled_to(
    table: EventTableView, document: Document, qtbot: QtBot
) -> None:
    table.follow.setChecked(False)
    table.resize(1200, 120)
    filtered(table, qtbot)
    bar = table.view.verticalScrollBar()
    bar.setValue(bar.maximum() // 2)
    place = bar.value()
    assert place > 0
    document.apply(remove_events(document.scenario, [len(EVENTS) - 1]))
    document.undo()
    arrived(table, qtbot)
    assert bar.value() == place


def test_what_is_wrong_with_a_filter_stays_to_be_read(table: EventTableView, qtbot: QtBot) -> None:
    table.filter_field.setText("kind:init")
    table.filter_field.setText("colour:red")
    arrived(table, qtbot)
    assert "colour is not a column" in count(table)


def test_a_filter_that_fails_is_reported_and_over(
    table: EventTableView, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_rows: FactRows, _text: str) -> Mask:
        raise ValueError("broken")

    monkeypatch.setattr(EventRows, "mask", broken)
    with qtbot.captureExceptions() as errors:
        table.filter_field.setText("kind:init")
        arrived(table, qtbot)
    assert [str(error) for _, error, _ in errors] == ["broken"]
    assert events_shown(table) == []


def test_chosen_events_are_selected_once_their_rows_are_there(
    table: EventTableView, document: Document, qtbot: QtBot
) -> None:
    document.choose_events(INITS)
    table.filter_field.setText("kind:init")
    qtbot.waitUntil(lambda: not table.model.is_busy)
    assert table.chosen == INITS
    assert document.chosen_events == frozenset(INITS)


def test_a_table_that_is_gone_waits_for_nothing(
    document: Document, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows_model, "MANY_ROWS", 0)
    started, gone, ended = Event(), Event(), Event()

    def slow(_rows: FactRows, _text: str) -> Mask:
        started.set()
        gone.wait(10)
        try:
            _rows.pause()
        finally:
            ended.set()
        return np.ones(len(EVENTS), bool)

    table = EventTableView(bridge := Bridge(document))
    table.show()
    monkeypatch.setattr(EventRows, "mask", slow)
    table.filter_field.setText("word")
    assert started.wait(10)
    bridge.close()
    shiboken6.delete(table)
    gone.set()
    assert ended.wait(10)
    qtbot.wait(50)


def test_rows_that_were_filtered_go_when_others_are_shown(
    table: EventTableView, document: Document, qtbot: QtBot
) -> None:
    gc.disable()
    try:
        filtered(table, qtbot)
        rows = table.model.rows
        assert rows is not None
        gone = ref(rows)
        del rows
        document.apply(remove_events(document.scenario, [len(EVENTS) - 1]))
        arrived(table, qtbot)
        assert gone() is None
    finally:
        gc.enable()
