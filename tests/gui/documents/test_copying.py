"""Copying as text: the key and the menu, in every view of the window."""

from __future__ import annotations

from threading import Event

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QTableView, QTableWidget, QTableWidgetItem, QTreeView, QWidget

from mtrrviz.gui.common.tables import copying
from mtrrviz.gui.common.tables.copying import Copied, Copying, CopyWork, copy_table
from mtrrviz.gui.machine.machine_dialog import MachineDialog
from mtrrviz.gui.shell.workbench import settle
from mtrrviz.gui.tables.event_clipboard import copied_events
from mtrrviz.scenario.view import MapMode
from mtrrviz.session.exchange.event_clip import events_from_clip

pytestmark = pytest.mark.gui


@pytest.fixture
def table(qtbot):
    made = QTableWidget(3, 2)
    qtbot.addWidget(made)
    made.setHorizontalHeaderLabels(["one", "two"])
    for row in range(3):
        for column in range(2):
            made.setItem(row, column, QTableWidgetItem(f"{row}\t{column}"))
    made.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
    made.show()
    return made


def copy_of(widget) -> Copying:
    (found,) = widget.findChildren(Copying, options=Qt.FindChildOption.FindDirectChildrenOnly)
    return found


def copied(widget):
    QGuiApplication.clipboard().clear()
    widget.setFocus()
    QTest.keyClick(widget, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    return QGuiApplication.clipboard().text()


def test_a_table_copies_what_is_selected_or_everything(table):
    told = []
    copy_table(table).done.connect(told.append)
    assert copied(table).splitlines() == ["one\ttwo", "0 0\t0 1", "1 0\t1 1", "2 0\t2 1"]
    table.selectRow(1)
    assert copied(table).splitlines() == ["one\ttwo", "1 0\t1 1"]
    assert told == ["Copied: 3 rows", "Copied: 1 row"]


def test_copy_all_does_not_mind_the_selection(table):
    copier = copy_table(table)
    table.selectRow(1)
    one, everything = copier.menu().actions()
    assert one.text().startswith("Copy")
    everything.trigger()
    assert len(QGuiApplication.clipboard().text().splitlines()) == 4


def test_a_long_table_is_copied_in_part_and_says_so(table, monkeypatch):
    monkeypatch.setattr(copying, "MOST_ROWS", 2)
    told = []
    copy_table(table).done.connect(told.append)
    assert len(copied(table).splitlines()) == 3
    assert told == ["Copied: 2 rows of 3 (export has them all)"]


def test_with_nothing_to_copy_the_clipboard_stays(qtbot):
    widget = QWidget()
    qtbot.addWidget(widget)
    QGuiApplication.clipboard().setText("before")
    told = []
    copier = Copying(widget, lambda: None)
    copier.done.connect(told.append)
    copier.copy()
    assert QGuiApplication.clipboard().text() == "before"
    assert told == ["Nothing to copy here"]


def test_a_right_click_offers_to_copy(qtbot):
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.show()
    Copying(widget, lambda: Copied("words", "words"))
    widget.customContextMenuRequested.emit(QPoint(1, 1))
    menu = widget.findChild(QMenu)
    assert menu is not None
    menu.actions()[0].trigger()
    menu.close()
    assert QGuiApplication.clipboard().text() == "words"


def test_every_table_of_the_window_copies(bench):
    for dock in bench.docks.values():
        dock.raise_()
        settle()
    tables = [*bench.window.findChildren(QTableView), *bench.window.findChildren(QTreeView)]
    assert len(tables) >= 8
    assert all(table.findChild(Copying) is not None for table in tables)


def test_what_is_no_table_copies_as_well(bench):
    page = copied(bench.views.map.map.canvas)
    assert "page\t0x210_0000" in page
    assert "stale\tyes" in page
    assert copied(bench.views.registers.deftype).startswith("register of vCPU 0\tmsr")
    assert "zaps\t" in copied(bench.views.timeline.canvas)
    facts = bench.views.inspector.facts.copying
    facts.copy()
    assert "Leaf\t4 KiB" in QGuiApplication.clipboard().text()
    copy_of(bench.views.map.map.legend).copy()
    assert QGuiApplication.clipboard().text().startswith("WB ")
    copy_of(bench.views.results).copy()
    assert "boot s (modelled" in QGuiApplication.clipboard().text()


def test_a_page_table_copies_its_present_entries(qtbot, bench):
    bench.views.map.tabs.setCurrentWidget(bench.views.map.tables)
    bench.views.map.tables.show_level(4)
    lines = copied(bench.views.map.tables.grid).splitlines()
    assert lines[1].startswith("PML4[0]")
    assert bench.window.statusBar().currentMessage() == "Copied: the entries of this page table"


def test_the_machine_settings_copy(qtbot, bench):
    dialog = MachineDialog(bench.bridge, bench.window)
    dialog.boxes["has_mtrr"].setChecked(False)
    copy_of(dialog).copy()
    assert "CPUID has MTRRs\tno" in QGuiApplication.clipboard().text()
    dialog.close()


def test_the_map_of_differences_copies_its_own_words(bench):
    bench.views.map.show_mode(MapMode.DIFFERENCE)
    canvas = bench.views.map.map.difference.canvas
    words = canvas.words_for(canvas.layout_shown.dot_of(0x2100))
    assert all(f"map\t{line}" in copied(canvas) for line in words)


def slow_work():
    """Return work that waits, and what lets it end."""
    may_end = Event()

    def make():
        assert may_end.wait(10)
        return Copied("slow", "slow")

    return may_end, CopyWork("slow", make)


class TestMuch:
    """Rows of facts whose text is made beside the window."""

    @pytest.fixture(autouse=True)
    def few(self, monkeypatch):
        monkeypatch.setattr(copying, "FEW_ROWS", 2)

    @pytest.fixture
    def table(self, bench):
        bench.docks["events"].raise_()
        settle()
        bench.views.events.view.clearSelection()
        return bench.views.events

    def test_the_same_is_copied_as_at_once(self, qtbot, bench, table, monkeypatch):
        with monkeypatch.context() as patch:
            patch.setattr(copying, "FEW_ROWS", 1000)
            text = copied(table.view)
            data = copied_events()
        assert len(text.splitlines()) > 10
        told = []
        table.copying.done.connect(told.append)
        assert copied(table.view) == ""
        qtbot.waitUntil(lambda: len(told) == 2)
        assert QGuiApplication.clipboard().text() == text
        assert copied_events() == data
        count = len(bench.document.scenario.events)
        assert told == [f"Copying {count} rows\N{HORIZONTAL ELLIPSIS}", f"Copied: {count} rows"]

    def test_what_is_filtered_away_is_not_copied(self, qtbot, bench, table):
        table.filter_field.setText("kind:wrmsr vcpu:1")
        table.view.clearSelection()
        rows = [table.model.text(row, 0) for row in range(table.model.rowCount())]
        assert 2 < len(rows) < len(bench.document.scenario.events)
        copied(table.view)
        qtbot.waitUntil(lambda: QGuiApplication.clipboard().text() != "")
        _, *lines = QGuiApplication.clipboard().text().splitlines()
        assert [line.split("\t")[0] for line in lines] == rows
        assert [event.vcpu for event in events_from_clip(copied_events())] == [1] * len(rows)

    def test_only_what_was_asked_for_last_is_copied(self, qtbot):
        widget = QWidget()
        qtbot.addWidget(widget)
        may_end, slow = slow_work()
        found = [slow, Copied("last", "last")]
        copier = Copying(widget, lambda: found.pop(0))
        copier.copy()
        copier.copy()
        may_end.set()
        assert copier.aside is not None
        copier.aside.finish()
        settle()
        assert QGuiApplication.clipboard().text() == "last"

    def test_what_is_copied_meanwhile_elsewhere_stays(self, qtbot):
        widget = QWidget()
        qtbot.addWidget(widget)
        may_end, slow = slow_work()
        told = []
        copier = Copying(widget, lambda: slow)
        copier.done.connect(told.append)
        copier.copy()
        QGuiApplication.clipboard().setText("of another")
        may_end.set()
        assert copier.aside is not None
        copier.aside.finish()
        settle()
        assert QGuiApplication.clipboard().text() == "of another"
        copier.copy()
        copier.aside.finish()
        settle()
        assert QGuiApplication.clipboard().text() == "slow"
        assert told[-1] == "Copied: slow"

    def test_an_error_is_raised_in_the_window(self, qtbot):
        widget = QWidget()
        qtbot.addWidget(widget)

        def broken() -> Copied:
            raise ValueError("broken")

        copier = Copying(widget, lambda: CopyWork("broken", broken))
        with qtbot.captureExceptions() as errors:
            copier.copy()
            qtbot.waitUntil(lambda: len(errors) == 1)
        assert str(errors[0][1]) == "broken"
