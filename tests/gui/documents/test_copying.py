"""Copying as text: the key and the menu, in every view of the window."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QTableView, QTableWidget, QTableWidgetItem, QTreeView, QWidget

from mtrrviz.gui.common.tables import copying
from mtrrviz.gui.common.tables.copying import Copied, Copying, copy_table
from mtrrviz.gui.machine.machine_dialog import MachineDialog
from mtrrviz.gui.shell.workbench import settle
from mtrrviz.scenario.view import MapMode

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
