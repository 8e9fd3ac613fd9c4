"""The inspector: going to an address, reading facts, jumping in a page's history."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest

from mtrrviz.gui.bridge import Bridge
from mtrrviz.gui.inspector import Inspector
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
    ("text", "reason"), [("0xzz", "is not an address"), ("64 TiB", "beyond the guest's physical")]
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
    assert "variable range 0" in inspector.steps.accessibleName()
    assert "(decides)" in inspector.steps.accessibleName()


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
    born = inspector.history.leaf(0).born_ns
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
