"""Filters over so many rows that they are worked out beside the window."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shiboken6

from mtrrviz.facts.tables.event_rows import EventRows
from mtrrviz.gui.common.tables import rows_model
from mtrrviz.gui.shell.bridge import Bridge
from mtrrviz.gui.tables.event_table_view import EventTableView
from mtrrviz.session.document import Document
from mtrrviz.session.edits import remove_events
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
    bridge = Bridge(document)
    table = EventTableView(bridge)
    bridge.setParent(table)
    qtbot.addWidget(table)
    table.resize(1200, 180)
    table.show()
    return table


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

    monkeypatch.setattr(EventRows, "mask", slow)
    table = EventTableView(bridge := Bridge(document))
    table.show()
    table.filter_field.setText("word")
    assert started.wait(10)
    bridge.close()
    shiboken6.delete(table)
    gone.set()
    assert ended.wait(10)
    qtbot.wait(50)
