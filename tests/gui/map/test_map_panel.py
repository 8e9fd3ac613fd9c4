"""The panel's tabs: page tables and the table of ranges."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester, QTest

from mtrrviz.gui.map.map_panel import MapPanel
from mtrrviz.gui.shell.bridge import Bridge
from mtrrviz.scenario.library import open_scenario
from mtrrviz.session.document import Document

pytestmark = pytest.mark.gui


@pytest.fixture
def panel(qtbot):
    document = Document(open_scenario("small-machine"))
    document.set_playhead(1_100_000_000)
    bridge = Bridge(document)
    widget = MapPanel(bridge)
    widget.resize(700, 480)
    qtbot.addWidget(widget)
    widget.show()
    qtbot.waitExposed(widget)
    yield widget
    bridge.close()


@pytest.fixture
def tables(panel):
    panel.tabs.setCurrentWidget(panel.tables)
    panel.grab()
    return panel.tables


def click(tables, index):
    QTest.mouseClick(
        tables.grid, Qt.MouseButton.LeftButton, pos=tables.grid.cell_rect(index).center()
    )


def test_clicks_descend_to_the_page(panel, tables):
    click(tables, 0)
    click(tables, 0)
    assert tables.level == 2
    click(tables, 16)
    assert tables.level == 1
    click(tables, 256)
    assert panel.bridge.document.gfn == 0x2100
    assert "0x0000_0001_0210_0327" in tables.words
    assert "leaf of 4 KiB: WT, IPAT 0" in tables.words
    assert "(modelled)" in tables.words


def test_keys_move_descend_and_go_up(panel, tables, qtbot):
    QTest.keyClick(tables.grid, Qt.Key.Key_Return)
    QTest.keyClick(tables.grid, Qt.Key.Key_Return)
    assert tables.level == 2
    QTest.keyClick(tables.grid, Qt.Key.Key_Down)
    QTest.keyClick(tables.grid, Qt.Key.Key_Left)
    assert panel.bridge.document.gfn == 31 * 512
    QTest.keyClick(tables.grid, Qt.Key.Key_Backspace)
    assert tables.level == 3
    QTest.keyClick(tables.grid, Qt.Key.Key_Right)
    assert "PDPT[1]" in tables.words
    assert "not present" in tables.words


def test_enter_on_a_leaf_asks_for_the_inspector(panel, tables, qtbot):
    panel.bridge.document.select_page(0x2100)
    tables.show_level(1)
    with qtbot.waitSignal(panel.inspect_requested):
        QTest.keyClick(tables.grid, Qt.Key.Key_Return)


def test_crumbs_lead_back(tables):
    tables.show_level(1)
    crumbs = [tables._crumbs.itemAt(n).widget() for n in range(tables._crumbs.count())]
    assert [crumb.text() for crumb in crumbs] == ["PML4", "PDPT 0", "PD 0", "PT 0"]
    QTest.mouseClick(crumbs[1], Qt.MouseButton.LeftButton)
    assert tables.level == 3


def test_the_marked_entry_is_told_to_screen_readers(panel, tables):
    panel.bridge.document.select_page(0x2100)
    assert "PML4[0]" in tables.grid.accessibleDescription()


def test_a_table_without_leaves_does_not_exist(panel, tables):
    tables.show_level(2)
    panel.bridge.document.set_playhead(0)
    assert "This table does not exist now." in tables.words


def test_the_table_follows_a_page_selected_elsewhere(panel, tables):
    tables.show_level(1)
    panel.bridge.document.select_page(0xE0003)
    assert "PT[3]" in tables.words


@pytest.fixture
def ranges(panel):
    panel.tabs.setCurrentWidget(panel.ranges)
    return panel.ranges


def test_the_model_keeps_the_rules_of_item_models(ranges):
    QAbstractItemModelTester(
        ranges.model, QAbstractItemModelTester.FailureReportingMode.Fatal, ranges
    )
    ranges.model.set_rows(None)
    ranges.refresh()
    assert ranges.model.rowCount() > 5


def test_ranges_follow_the_playhead(panel, ranges, qtbot):
    before = ranges.model.rowCount()
    panel.bridge.document.set_playhead(0)
    qtbot.waitUntil(lambda: ranges.model.rowCount() != before, timeout=2000)
    assert all(mapped.bits is None for mapped in ranges.model.rows.items)


def test_a_playhead_that_changes_no_range_leaves_the_selection(panel, ranges):
    ranges.table.selectRow(3)
    panel.bridge.document.set_playhead(panel.bridge.document.playhead_ns + 1)
    ranges.refresh()
    assert [index.row() for index in ranges.table.selectionModel().selectedRows()] == [3]


def test_copying_gives_a_table_of_all_or_of_the_chosen_rows(ranges):
    ranges.table.setFocus()
    QTest.keyClick(ranges.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = QGuiApplication.clipboard().text().splitlines()
    assert lines[0].split("\t") == list(ranges.model.rows.titles)
    assert len(lines) == ranges.model.rowCount() + 1
    ranges.table.selectRow(1)
    QTest.keyClick(ranges.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = QGuiApplication.clipboard().text().splitlines()
    assert [line.split("\t")[2] for line in lines] == ["Leaf", "UC"]


def test_a_double_click_on_a_range_selects_its_first_page(panel, ranges):
    mapped = ranges.model.rows.items
    number = next(n for n, one in enumerate(mapped) if one.end_gfn > 0x2100)
    index = ranges.model.index(number, 0)
    place = ranges.table.visualRect(index).center()
    QTest.mouseClick(ranges.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    QTest.mouseDClick(ranges.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert panel.bridge.document.gfn == 0x2000


def test_fit_shows_the_whole_map(panel):
    panel.tabs.setCurrentWidget(panel.ranges)
    panel.map.canvas.zoom_in(0)
    panel.fit()
    assert panel.tabs.currentWidget() is panel.map
    assert panel.map.canvas.view is None
