"""The ranges of very many leaves are worked out beside the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QLabel

from mtrrviz.facts.ranges import ranges_at
from mtrrviz.facts.tables.range_rows import RangeRows
from mtrrviz.gui.map import ranges_view
from mtrrviz.gui.map.ranges_view import RangesView
from mtrrviz.gui.shell.bridge import Bridge
from mtrrviz.scenario.library import open_scenario
from mtrrviz.session.document import Document
from tests.gui.later import Later, shown_later

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

pytestmark = pytest.mark.gui


@pytest.fixture
def later() -> Later:
    return Later()


@pytest.fixture
def view(qtbot: QtBot, later: Later, monkeypatch: pytest.MonkeyPatch) -> RangesView:
    monkeypatch.setattr(ranges_view, "_AT_ONCE", 0)

    def prepare(document: Document) -> None:
        document.set_playhead(1_100_000_000)

    return shown_later(qtbot, later, RangesView, prepare)


def shown(view: RangesView) -> list[object]:
    rows = view.model.rows
    return [] if rows is None else list(rows.items)  # type: ignore[attr-defined]


def heading(view: RangesView) -> str:
    label = view.findChild(QLabel, "dim")
    assert label is not None
    return label.text()


def expected(view: RangesView) -> list[object]:
    state = view.bridge.document.state
    assert state is not None
    return list(ranges_at(state, view.bridge.document.vcpu))


def test_they_are_shown_when_they_are_known(view: RangesView, later: Later) -> None:
    assert shown(view) == []
    later.do_all()
    assert shown(view) == expected(view)
    assert view.model.rowCount() == len(expected(view))


def test_only_those_asked_for_last_are_worked_out_and_shown(
    view: RangesView, later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    later.do_all()
    before = shown(view)
    asked: list[int] = []

    def noted(state, vcpu):
        asked.append(vcpu)
        return ranges_at(state, vcpu)

    monkeypatch.setattr(ranges_view, "ranges_at", noted)
    document = view.bridge.document
    for vcpu in (1, 0, 1):
        document.select_vcpu(vcpu)
    assert shown(view) == before
    later.do_all()
    assert asked == [1]
    assert shown(view) == expected(view)
    assert isinstance(view.model.rows, RangeRows)
    assert view.model.rows.vcpu_asked == 1


def test_an_answer_that_comes_too_late_is_not_shown(view: RangesView, later: Later) -> None:
    later.do_all()
    before = shown(view)
    document = view.bridge.document
    document.select_vcpu(1)
    tell = later.work()
    document.select_vcpu(0)
    tell()
    assert shown(view) == before
    later.do_all()
    assert isinstance(view.model.rows, RangeRows)
    assert view.model.rows.vcpu_asked == 0


def test_few_are_shown_at_once(view: RangesView, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranges_view, "_AT_ONCE", 1_000_000)
    view.refresh()
    assert shown(view) == expected(view)


def test_equal_ranges_that_rest_on_other_objects_leave_the_current_row(qtbot: QtBot) -> None:
    document = Document(open_scenario("wb-under-cd"))
    document.set_playhead(document.duration_ns // 2)
    made = RangesView(Bridge(document))
    qtbot.addWidget(made)
    made.show()
    made.table.setCurrentIndex(made.model.index(2, 0))
    before = shown(made)
    document.select_vcpu(1)
    assert shown(made) == before
    assert made.table.currentIndex().row() == 2


def test_nothing_is_said_of_ranges_that_are_gone(view: RangesView, later: Later) -> None:
    later.do_all()
    assert heading(view) != ""
    view.hide()
    view.bridge.document.open(open_scenario("lagging-ap"), None)
    later.do_all()
    view.show()
    assert view.model.rowCount() == 0
    assert heading(view) == ""
    later.do_all()
    assert shown(view) == expected(view)
