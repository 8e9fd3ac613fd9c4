"""The page table of a moment with very many leaves is worked out beside the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from mtrrviz.facts.ept_table import entry_index
from mtrrviz.gui.page_tables import page_tables_view
from mtrrviz.gui.page_tables.page_tables_view import PageTablesView
from mtrrviz.scenario.library import open_scenario
from tests.gui.later import Later, shown_later

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from mtrrviz.session.document import Document

pytestmark = pytest.mark.gui


@pytest.fixture
def later() -> Later:
    return Later()


@pytest.fixture
def view(qtbot: QtBot, later: Later, monkeypatch: pytest.MonkeyPatch) -> PageTablesView:
    monkeypatch.setattr(page_tables_view, "_AT_ONCE", 0)

    def prepare(document: Document) -> None:
        document.set_playhead(1_100_000_000)
        document.select_page(0x2100)

    return shown_later(qtbot, later, PageTablesView, prepare)


def test_it_is_shown_when_it_is_known(view: PageTablesView, later: Later) -> None:
    assert view.lines == ()
    later.do_all()
    assert view.lines[1].startswith("PML4[0]")
    view.show_level(2)
    assert view.lines[1].startswith("PML4[0]")
    later.do_all()
    assert view.lines[1].startswith("PD[")


def test_the_cursor_moves_at_once_within_the_table_shown(
    view: PageTablesView, later: Later
) -> None:
    view.show_level(2)
    later.do_all()
    document = view.bridge.document
    document.select_page(0x2200)
    assert not later.waiting
    assert f"PD[{entry_index(2, 0x2200)}]" in view.words


def test_another_time_or_vcpu_asks_anew(view: PageTablesView, later: Later) -> None:
    view.show_level(2)
    later.do_all()
    before = view.lines
    document = view.bridge.document
    document.set_playhead(0)
    assert later.waiting
    assert view.lines[0] == before[0]
    later.do_all()
    assert view.lines != before
    document.set_playhead(1_100_000_000)
    later.do_all()
    assert view.lines == before
    document.select_vcpu(1)
    assert len(later.waiting) == 1


def test_going_down_twice_before_the_answer_goes_down_once(
    view: PageTablesView, later: Later
) -> None:
    later.do_all()
    view.descend(0)
    view.descend(0)
    later.do_all()
    assert view.level == 3


def test_keys_move_the_mark_while_an_answer_is_awaited(view: PageTablesView, later: Later) -> None:
    view.show_level(2)
    later.do_all()
    document = view.bridge.document
    start = entry_index(2, 0x2100)
    document.set_playhead(1_200_000_000)
    view.grid.setFocus()
    for _ in range(3):
        QTest.keyClick(view.grid, Qt.Key.Key_Right)
    assert f"PD[{start + 3}]" in view.words
    later.do_all()
    assert f"PD[{start + 3}]" in view.words


def test_what_is_copied_is_of_the_moment_shown(view: PageTablesView, later: Later) -> None:
    view.show_level(2)
    later.do_all()
    before = view.lines
    view.bridge.document.set_playhead(0)
    assert view.lines == before
    later.do_all()
    assert view.lines != before


def test_another_moment_with_the_same_faults_to_come_asks_anew(
    view: PageTablesView, later: Later
) -> None:
    later.do_all()
    view.bridge.document.set_playhead(1_100_000_001)
    assert later.waiting


def test_no_table_of_a_closed_scenario_is_shown(view: PageTablesView, later: Later) -> None:
    later.do_all()
    document = view.bridge.document
    document.set_playhead(1_200_000_000)
    tell = later.work()
    document.open(open_scenario("lagging-ap"), None)
    tell()
    assert view.lines == ()
    assert "being simulated" in view.words
    later.do_all()
    assert view.lines != ()
