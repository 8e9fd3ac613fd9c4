"""The inspector: going to an address, reading facts, jumping in a page's history."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester, QTest

from mtrrviz.core.msr.registers import DEFTYPE, PAT
from mtrrviz.gui.inspector import Inspector
from mtrrviz.gui.shell.bridge import Bridge
from mtrrviz.scenario.events import EventKind
from mtrrviz.scenario.library import open_scenario
from mtrrviz.session.document import Document

pytestmark = pytest.mark.gui


@pytest.fixture
def inspector(qtbot):
    document = Document(open_scenario("small-machine"))
    document.set_playhead(1_100_000_000)
    bridge = Bridge(document)
    widget = Inspector(bridge)
    widget.resize(290, 700)
    qtbot.addWidget(widget)
    widget.show()
    qtbot.waitExposed(widget)
    yield widget
    bridge.close()


def go(inspector, text):
    inspector.focus_address()
    QTest.keyClicks(inspector.address.edit, text)
    QTest.keyClick(inspector.address.edit, Qt.Key.Key_Return)


def test_it_says_what_to_do_when_nothing_is_selected(inspector):
    assert "Click a page in the map" in inspector._empty.text()
    assert inspector._empty.isVisible()


def test_an_address_is_gone_to(inspector):
    go(inspector, "33 MiB")
    assert inspector.bridge.document.gfn == 0x2100
    assert inspector.facts.words["Leaf"] == "4 KiB · WT · IPAT 0"
    assert inspector.facts.words["Entry"] == "0x0000_0001_0210_0327"
    assert inspector.facts.words["State"].startswith("stale")
    assert not inspector._empty.isVisible()


def test_the_address_field_gives_the_keyboard_back(qtbot, inspector):
    table = inspector.table
    go(inspector, "33 MiB")
    for leave in (Qt.Key.Key_Return, Qt.Key.Key_Escape):
        table.setFocus()
        qtbot.waitUntil(table.hasFocus)
        inspector.focus_address()
        assert inspector.address.edit.hasFocus()
        QTest.keyClick(inspector.address.edit, leave)
        assert table.hasFocus()


@pytest.mark.parametrize(
    ("text", "reason"), [("0xzz", "is not an address"), ("64 TiB", "beyond the machine's physical")]
)
def test_a_wrong_address_is_refused_in_place(inspector, text, reason):
    go(inspector, text)
    assert reason in inspector.address.error.text()
    assert inspector.address.error.isVisible()
    assert inspector.bridge.document.gfn is None
    QTest.keyClicks(inspector.address.edit, "0")
    assert not inspector.address.error.isVisible()


def test_the_chain_marks_the_rule_that_decides(inspector):
    inspector.bridge.document.select_page(0x2100)
    (row,) = [row for row in inspector.steps.rows if row.step.decides]
    assert "variable range 0" in row.accessibleName()
    assert row.accessibleName().endswith("(decides)")
    assert row.focusPolicy() is Qt.FocusPolicy.StrongFocus


def shown_rows(inspector):
    return [row for row in inspector.steps.rows if row.isVisibleTo(inspector)]


def row_of(inspector, kind):
    return next(row for row in shown_rows(inspector) if row.step.kind == kind)


def test_a_step_shows_register_field_and_range(inspector):
    document = inspector.bridge.document
    document.select_page(0x2100)
    row = next(row for row in shown_rows(inspector) if row.step.decides)
    QTest.mouseClick(row, Qt.MouseButton.LeftButton)
    selection = document.selection
    assert (selection.vcpu, selection.msr, selection.field) == (0, 0x200, "Type")
    assert selection.gfns == (0, 0x80000)
    assert document.scenario.events[selection.event].register in (0x200, 0x201)
    assert document.playhead_ns == 1_100_000_000
    assert [other.isChecked() for other in shown_rows(inspector)].count(True) == 1
    assert row.isChecked()


def test_the_steps_are_walked_and_pressed_by_keys(qtbot, inspector):
    document = inspector.bridge.document
    document.select_page(0x2100)
    rows = shown_rows(inspector)
    rows[0].setFocus()
    qtbot.waitUntil(rows[0].hasFocus)
    QTest.keyClick(rows[0], Qt.Key.Key_Down)
    assert rows[1].hasFocus()
    QTest.keyClick(rows[1], Qt.Key.Key_End)
    assert rows[-1].hasFocus()
    below = rows[-1].mapTo(inspector._scroll.viewport(), rows[-1].rect().bottomLeft())
    assert below.y() <= inspector._scroll.viewport().height()
    stops = [row.focusPolicy() for row in rows].count(Qt.FocusPolicy.StrongFocus)
    assert stops == 1
    enable = row_of(inspector, "enable")
    QTest.keyClick(enable, Qt.Key.Key_Return)
    assert (document.selection.msr, document.selection.field) == (DEFTYPE, "E")
    QTest.keyClick(enable, Qt.Key.Key_Escape)
    assert document.selection is None
    assert not enable.isChecked()


def test_ctrl_return_goes_to_the_event_that_set_it(inspector):
    document = inspector.bridge.document
    document.select_page(0x2100)
    enable = row_of(inspector, "enable")
    QTest.keyClick(enable, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    event = document.scenario.events[document.selection.event]
    assert (event.register, event.vcpu) == (DEFTYPE, 0)
    assert document.playhead_ns == event.time_ns


def test_a_step_about_devices_goes_to_their_event(inspector):
    document = inspector.bridge.document
    document.set_playhead(1_900_000_000)
    document.select_page(0x2100)
    row_of(inspector, "dma").click()
    event = document.scenario.events[document.selection.event]
    assert event.kind is EventKind.DMA_ATTACH
    assert document.playhead_ns == event.time_ns


def test_what_a_step_leads_to_is_dropped_with_the_page(inspector):
    document = inspector.bridge.document
    document.select_page(0x2100)
    row_of(inspector, "enable").click()
    document.select_page(0x2101)
    assert document.selection is None


def test_the_chain_is_copied_and_its_menu_leads_on(inspector):
    document = inspector.bridge.document
    document.select_page(0x2100)
    number = shown_rows(inspector).index(row_of(inspector, "enable"))
    menu = inspector.steps.make_menu(number)
    show, event, _, copy = menu.actions()
    copy.trigger()
    lines = QGuiApplication.clipboard().text().splitlines()
    assert len(lines) == 1 + len(shown_rows(inspector))
    assert sum(line.endswith("\tdecides") for line in lines) == 1
    show.trigger()
    assert document.selection.msr == DEFTYPE
    event.trigger()
    assert document.playhead_ns < 1_100_000_000
    assert len(inspector.steps.make_menu(None).actions()) == 1


def test_the_pat_has_eight_entries_that_lead_to_their_field(inspector):
    document = inspector.bridge.document
    document.select_page(0x2100)
    model = inspector.pat
    assert model.rows.titles == ("PAT", "says", "is", "next", "note")
    cells = [[model.index(row, column).data() for column in range(5)] for row in range(8)]
    assert cells[0] == ["PA0", "WB", "WT", "WB", ""]
    assert cells[2] == ["PA2", "UC-", "UC", "UC", "(2)"]
    assert "(2) UC comes from the PAT" in inspector.pat_notes.text()
    inspector.pat_table.setCurrentIndex(model.index(2, 0))
    QTest.keyClick(inspector.pat_table, Qt.Key.Key_Return)
    assert (document.selection.msr, document.selection.field) == (PAT, "PA2")


def test_a_leaf_with_ipat_ignores_the_pat(inspector):
    inspector.bridge.document.set_playhead(0)
    inspector.bridge.document.select_page(0x2100)
    assert inspector.pat.rows.titles == ("PAT", "says", "page is", "note")
    assert "the guest's PAT is ignored" in inspector.pat_notes.text()
    inspector.bridge.document.set_playhead(1_100_000_000)
    inspector.bridge.document.select_page(0x1000)
    assert inspector.pat.index(2, 3).data() == "by PAT (2)"
    inspector.bridge.document.set_playhead(0)
    inspector.bridge.document.select_page(0x2100)
    assert inspector.pat.index(2, 2).data() == "WB"
    assert inspector.pat_table.isVisible()
    inspector.bridge.document.select_page(0xA8)
    assert inspector.pat.index(2, 2).data() == "UC"


@pytest.mark.parametrize("width", [272, 360])
def test_nothing_is_wider_than_the_panel(inspector, width):
    inspector.bridge.document.select_page(0x2100)
    inspector.resize(width, 420)
    QTest.qWait(1)
    assert inspector._body.width() <= inspector._scroll.viewport().width()
    for row in shown_rows(inspector):
        assert row.height() >= row.heightForWidth(row.width())


def test_the_pat_keeps_the_rules_of_item_models(inspector):
    QAbstractItemModelTester(
        inspector.pat, QAbstractItemModelTester.FailureReportingMode.Fatal, inspector
    )
    inspector.bridge.document.select_page(0x2100)
    assert inspector.pat.rowCount() == 8


def test_facts_follow_the_playhead_and_the_vcpu(inspector, qtbot):
    document = inspector.bridge.document
    document.select_page(0x2100)
    document.set_playhead(0)
    qtbot.waitUntil(lambda: inspector.facts.words["Leaf"] == "none", timeout=2000)
    document.select_vcpu(1)
    assert inspector.facts.words["Next fault"].startswith("vCPU 1")


def test_a_click_in_the_history_jumps_to_the_leafs_birth(inspector):
    document = inspector.bridge.document
    document.select_page(0x2100)
    born = inspector.history.time_ns(0)
    place = inspector.table.visualRect(inspector.history.index(0, 0)).center()
    QTest.mouseClick(inspector.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert document.playhead_ns == born


def test_the_history_marks_the_leaf_that_is_there(inspector):
    inspector.bridge.document.select_page(0x2100)
    firsts = [inspector.history.index(row, 0).data() for row in range(inspector.history.rowCount())]
    assert sum(first.startswith("▸") for first in firsts) == 1


def test_the_history_keeps_the_rules_of_item_models(inspector):
    QAbstractItemModelTester(
        inspector.history, QAbstractItemModelTester.FailureReportingMode.Fatal, inspector
    )
    inspector.bridge.document.select_page(0x2100)
    assert inspector.history.rowCount() >= 2


def test_a_page_without_leaves_has_no_table(inspector):
    inspector.bridge.document.select_page(0xA8)
    assert inspector.facts.words["Next fault"].startswith("no memory slot")
    assert not inspector.table.isVisible()


def test_a_hidden_inspector_catches_up_when_shown(inspector):
    inspector.hide()
    inspector.bridge.document.select_page(0x2100)
    inspector.show()
    assert inspector.facts.words["Address"] == "0x210_0000"
