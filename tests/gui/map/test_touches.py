"""Touches made with mouse and keys: on the map, in their dialog, in their table."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialogButtonBox, QMenu

from mtrrviz.gui.documents.open_save import Files
from mtrrviz.gui.shell import dialogs
from mtrrviz.gui.touches.touch_dialog import TouchDialog
from mtrrviz.scenario.library import open_scenario
from mtrrviz.scenario.machine_kind import as_host
from mtrrviz.scenario.touches import Access, Sweep

pytestmark = pytest.mark.gui

EMPTY_GFN, HOLE_GFN = 0x2500, 0xA8


@pytest.fixture(autouse=True)
def discards(monkeypatch):
    """Close windows without asking about edits."""
    monkeypatch.setattr(Files, "may_discard", lambda _files: True)


@pytest.fixture
def canvas(bench):
    bench.views.map.map.grab()
    return bench.views.map.map.canvas


@pytest.fixture
def table(bench):
    bench.bring_up("touches")
    view = bench.views.panel("touches").view
    view.refresh()
    return view


def leaf_at(bench, gfn):
    leaves, rows = bench.document.state.run.leaves, bench.document.state.live_rows
    first = leaves.first_gfn[rows].astype(int)
    return bool(((first <= gfn) & (gfn < first + leaves.pages[rows].astype(int))).any())


def right_click(canvas, gfn):
    place = canvas.rect_of(gfn).center()
    reason = QContextMenuEvent.Reason.Mouse
    event = QContextMenuEvent(reason, place, canvas.mapToGlobal(place))
    QApplication.sendEvent(canvas, event)


def page_menu(bench):
    return bench.views.map.map.findChild(QMenu, "page_menu")


def empty_gfn(bench):
    """Return a page with a slot whose dot has no leaf now."""
    layout = bench.views.map.map.canvas.layout_shown
    for region in bench.document.scenario.machine.slots:
        for gfn in range(region.first_gfn, region.end_gfn, 64):
            first, end = layout.gfn_range(layout.dot_of(gfn))
            if not any(leaf_at(bench, page) for page in range(first, end)):
                return first
    raise AssertionError("every page has a leaf")


def test_the_menu_of_a_page_touches_it_and_its_leaf_is_there(bench, canvas):
    bench.document.select_vcpu(1)
    gfn = empty_gfn(bench)
    right_click(canvas, gfn)
    menu = page_menu(bench)
    write = menu.findChild(type(menu.actions()[0]), "touch_write")
    assert "as vCPU 1" in write.text()
    write.trigger()
    touch = bench.document.scenario.sweeps[-1]
    assert touch == Sweep(bench.document.playhead_ns, 1, gfn, 1, Access.WRITE)
    assert leaf_at(bench, gfn)
    menu.close()
    bench.actions["undo"].trigger()
    assert not leaf_at(bench, gfn)


def test_a_key_touches_the_selected_page(bench, canvas):
    gfn = empty_gfn(bench)
    bench.document.select_page(gfn)
    canvas.setFocus()
    QTest.keyClick(canvas, Qt.Key.Key_X)
    assert bench.document.scenario.sweeps[-1].first_gfn == gfn
    assert leaf_at(bench, gfn)


def test_a_page_without_a_slot_is_not_touched_and_that_is_said(bench, qtbot):
    before = bench.document.scenario
    bench.document.select_page(HOLE_GFN)
    with qtbot.waitSignal(bench.bridge.message) as said:
        bench.actions["touch_page"].trigger()
    assert "no memory slot" in said.args[0]
    bench.document.select_page(None)
    with qtbot.waitSignal(bench.bridge.message) as said:
        bench.actions["touch_page"].trigger()
    assert "No page is selected" in said.args[0]
    assert bench.document.scenario is before


def drag(canvas, first, last):
    start, end = canvas.rect_of(first).center(), canvas.rect_of(last).center()
    shift = Qt.KeyboardModifier.ShiftModifier
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, shift, start)
    QTest.mouseMove(canvas, end)
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, shift, end)


def test_shift_and_a_drag_select_the_range_that_the_dialog_begins_with(bench, canvas):
    low = canvas.layout_shown.gfn_range(canvas.layout_shown.dot_of(0x2100))
    high = canvas.layout_shown.gfn_range(canvas.layout_shown.dot_of(0x2100) + 5)
    selected = bench.document.gfn
    drag(canvas, high[0], low[0])
    assert bench.document.selection.gfns == (low[0], high[1])
    assert bench.document.gfn == selected
    bench.actions["touch_range"].trigger()
    dialog = bench.views.map.map.findChild(TouchDialog)
    sweep = dialog.sweep_typed()
    assert (sweep.first_gfn, sweep.pages) == (low[0], high[1] - low[0])
    dialog.lasts.setText("2 us")
    dialog.access.setCurrentIndex(dialog.access.findData(Access.EXECUTE))
    dialog.accept()
    made = bench.document.scenario.sweeps[-1]
    assert (made.access, made.lasts_ns) == (Access.EXECUTE, 2000)
    assert bench.document.playhead_ns == made.time_ns + 2000


def test_shift_and_arrows_select_a_range_and_escape_ends_it(bench, canvas):
    layout, shift = canvas.layout_shown, Qt.KeyboardModifier.ShiftModifier
    dot = layout.dot_of(bench.document.gfn)
    first, end = layout.gfn_range(dot)[0], layout.gfn_range(dot + 2)[1]
    canvas.setFocus()
    QTest.keyClick(canvas, Qt.Key.Key_Right, shift)
    QTest.keyClick(canvas, Qt.Key.Key_Right, shift)
    assert bench.document.selection.gfns == (first, end)
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert bench.document.selection is None


@pytest.mark.parametrize(
    ("field", "text", "says"),
    [
        ("start", "0x1004", "multiple of 4 KiB"),
        ("start", "nowhere", "not an address"),
        ("size_edit", "3", "whole number of 4 KiB pages"),
        ("size_edit", "0", "at least one page"),
        ("time", "soon", "not a time"),
        ("lasts", "-3 s", "distance"),
    ],
)
def test_the_dialog_says_what_is_wrong_and_makes_nothing(bench, field, text, says):
    bench.actions["touch_range"].trigger()
    dialog = bench.views.map.map.findChild(TouchDialog)
    ok = dialog.buttons.button(QDialogButtonBox.StandardButton.Ok)
    assert ok.isEnabled()
    getattr(dialog, field).setText(text)
    assert says in dialog.words.text()
    assert not ok.isEnabled()
    dialog.reject()


def test_the_dialog_tells_pages_that_get_no_leaf(bench):
    bench.document.select_page(0xA0)
    bench.actions["touch_range"].trigger()
    dialog = bench.views.map.map.findChild(TouchDialog)
    dialog.start.setText("0x9_f000")
    dialog.size_edit.setText("8 KiB")
    assert "2 pages of 4 KiB. 1 without a memory slot" in dialog.words.text()
    dialog.reject()


def test_touches_are_listed_in_order_of_time_and_typed_over(bench, table):
    scenario = bench.document.scenario
    times = [table.model.time_ns(row) for row in range(table.model.rowCount())]
    assert times == sorted(sweep.time_ns for sweep in scenario.sweeps)
    row = len(times) - 1
    index = table.model.touch_at(row)
    for key, text, want in (
        ("access", "execute", ("access", Access.EXECUTE)),
        ("vcpu", "1", ("vcpu", 1)),
        ("size_bytes", "64 KiB", ("pages", 16)),
        ("start", "0x10_0000", ("first_gfn", 0x100)),
        ("lasts_s", "3 ms", ("lasts_ns", 3_000_000)),
    ):
        cell = table.model.index(row, table.model.column(key))
        assert table.model.flags(cell) & Qt.ItemFlag.ItemIsEditable
        assert table.model.setData(cell, text, Qt.ItemDataRole.EditRole)
        assert getattr(bench.document.scenario.sweeps[index], want[0]) == want[1]
    for _ in range(5):
        bench.actions["undo"].trigger()
    assert bench.document.scenario is scenario


def test_what_cannot_be_typed_is_refused(bench, table, monkeypatch):
    told = []
    monkeypatch.setattr(dialogs, "refused", lambda _window, text: told.append(text))
    before = bench.document.scenario
    cells = (("access", "x", "no access"), ("vcpu", "one", "number"), ("vcpu", "77", "no vCPU 77"))
    for key, text, _says in cells:
        table.model.setData(table.model.index(0, table.model.column(key)), text)
    assert len(told) == 3
    assert all(says in words for (_, _, says), words in zip(cells, told, strict=True))
    assert bench.document.scenario is before


def test_the_table_is_worked_with_keys(bench, table):
    count = table.model.rowCount()
    table.view.setFocus()
    table.view.setCurrentIndex(table.model.index(0, 0))
    gone = bench.document.scenario.sweeps[table.model.touch_at(0)]
    QTest.keyClick(table.view, Qt.Key.Key_Delete)
    assert table.model.rowCount() == count - 1
    assert gone not in bench.document.scenario.sweeps
    table.add()
    table.findChild(TouchDialog).accept()
    assert table.model.rowCount() == count
    table.view.setCurrentIndex(table.model.index(0, 0))
    table.show_on_map()
    first = bench.document.scenario.sweeps[table.model.touch_at(0)]
    assert bench.document.selection.gfns == (first.first_gfn, first.first_gfn + first.pages)


def test_recorded_touches_are_counted_and_not_listed(bench, table):
    assert not table.recorded.isVisibleTo(table)
    recorded = open_scenario("seabios-8vcpu-2g")
    bench.document.open(recorded, None)
    table.refresh()
    assert table.model.rowCount() == len(recorded.sweeps)
    assert f"{len(recorded.recorded):,} recorded touches" in table.empty_words()
    assert f"{len(recorded.recorded):,}" in table.recorded.accessibleName()


def test_a_real_machine_has_no_touches(bench, canvas):
    bench.document.open(as_host(open_scenario("small-machine")), None)
    canvas.grab()
    right_click(canvas, 0x2100)
    assert page_menu(bench) is None
    assert not bench.actions["touch_page"].isVisible()
    assert bench.docks["touches"].isHidden()


def test_a_menu_is_asked_for_only_where_a_page_is(bench, canvas):
    place = QPoint(1, 1)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, canvas.mapToGlobal(place))
    QApplication.sendEvent(canvas, event)
    assert page_menu(bench) is None


def test_the_menu_key_opens_the_menu_of_the_selected_page(bench, canvas):
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(), QPoint())
    QApplication.sendEvent(canvas, event)
    menu = page_menu(bench)
    assert "0x210_0000" in menu.actions()[0].text()
    menu.close()


def test_an_address_being_typed_does_not_leak_into_the_next_scenario(bench):
    bench.window.activateWindow()
    field = bench.views.inspector.address
    bench.bring_up("inspector")
    bench.views.inspector.focus_address()
    field.edit.setText("0x77_7000")
    bench.document.open(open_scenario("lagging-ap"), None)
    bench.views.inspector.refresh()
    gfn = bench.document.gfn
    assert "777000" not in field.edit.text().replace("_", "")
    assert field.edit.text() == "" or gfn is not None


def test_a_click_on_a_page_brings_the_inspector_up(bench, canvas, qtbot):
    inspector = bench.views.inspector
    bench.bring_up("policy")
    qtbot.waitUntil(lambda: not inspector.isVisible())
    place = canvas.rect_of(bench.document.gfn).center()
    QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=place)
    qtbot.waitUntil(inspector.isVisible)
