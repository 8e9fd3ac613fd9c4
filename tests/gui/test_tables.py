"""The tables of events and zaps: following, filtering, jumping."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QDialogButtonBox

from mtrrviz.gui.common.theme import DARK
from mtrrviz.gui.shell.bridge import Bridge
from mtrrviz.gui.tables import EventTableView, ZapTableView
from mtrrviz.gui.tables.value_dialog import ValueDialog
from mtrrviz.session.document import Document
from tests.session.booting import EVENTS, MS, boot

pytestmark = pytest.mark.gui


@pytest.fixture
def document() -> Document:
    return Document(boot())


@pytest.fixture(params=[EventTableView, ZapTableView])
def table(request, qtbot, document):
    return shown(qtbot, request.param, document)


@pytest.fixture
def events(qtbot, document) -> EventTableView:
    return shown(qtbot, EventTableView, document)


@pytest.fixture
def zaps(qtbot, document) -> ZapTableView:
    return shown(qtbot, ZapTableView, document)


def shown(qtbot, kind, document):
    bridge = Bridge(document)
    table = kind(bridge)
    bridge.setParent(table)
    qtbot.addWidget(table)
    table.resize(1200, 180)
    table.show()
    return table


def column(table, name):
    model = table.model
    index = [model.headerData(i, Qt.Orientation.Horizontal) for i in range(model.columnCount())]
    place = index.index(name)
    return [model.index(row, place).data() for row in range(model.rowCount())]


def colour(table, row):
    return model_data(table, row, Qt.ItemDataRole.ForegroundRole)


def model_data(table, row, role):
    return table.model.index(row, 0).data(role)


def make_current(table, row):
    table.view.setCurrentIndex(table.model.index(row, 0))


def test_the_models_keep_the_rules(table, qtmodeltester):
    qtmodeltester.check(table.model, force_py=True)


def test_every_event_and_zap_has_a_row(events, zaps):
    assert events.model.rowCount() == len(EVENTS)
    assert column(zaps, "time") == [
        "0.100000 s", "0.200000 s", "0.300000 s", "0.600000 s", "0.610000 s",
    ]  # fmt: skip


def test_rows_after_the_playhead_are_dimmed(events, document):
    document.set_playhead(200 * MS)
    assert colour(events, 2) == QColor(DARK.text)
    assert colour(events, 3) == QColor(DARK.faint)


def test_the_current_row_follows_the_playhead(events, document):
    document.set_playhead(650 * MS)
    assert events.current_row() == 8
    document.set_playhead(0)
    assert events.view.selectionModel().selectedRows() == []


def test_while_playing_the_table_follows_in_beats(qtbot, events, document):
    document.playback.play()
    document.set_playhead(650 * MS)
    document.set_playhead(1100 * MS)
    assert events.current_row() != 9
    qtbot.waitUntil(lambda: events.current_row() == 9)
    assert colour(events, 9) == QColor(DARK.text)


def test_no_following_while_the_user_moves_in_the_table(qtbot, events, document):
    document.set_playhead(200 * MS)
    qtbot.keyClick(events.view, Qt.Key.Key_Down)
    assert events.current_row() == 3
    document.set_playhead(650 * MS)
    assert events.current_row() == 3
    events.follow.click()
    events.follow.click()
    assert events.current_row() == 8


def test_the_filter_keeps_what_fits_and_counts_it(qtbot, events):
    qtbot.keyClicks(events.filter_field, "vcpu:1 kind:wrmsr")
    assert column(events, "vCPU") == ["1", "1"]
    assert events._count.text() == f"2 of {len(EVENTS)}"


def test_a_filter_that_makes_no_sense_is_marked_and_changes_nothing(qtbot, events):
    events.filter_field.setText("colour:red")
    assert events.filter_field.property("wrong") is True
    assert "known are" in events.filter_field.toolTip()
    assert events.model.rowCount() == len(EVENTS)
    events.filter_field.clear()
    assert events.filter_field.property("wrong") is False


def test_a_filter_that_nothing_fits_says_so(qtbot, events):
    events.filter_field.setText("vcpu:99")
    assert events._empty.isVisible()
    assert events._empty.text() == "No row fits the filter"


@pytest.mark.parametrize("way", ["enter", "double click"])
def test_a_row_takes_the_playhead_and_the_vcpu_along(qtbot, zaps, document, way):
    make_current(zaps, 4)
    if way == "enter":
        qtbot.keyClick(zaps.view, Qt.Key.Key_Return)
    else:
        place = zaps.view.visualRect(zaps.model.index(4, 2)).center()
        qtbot.mouseClick(zaps.view.viewport(), Qt.MouseButton.LeftButton, pos=place)
        qtbot.mouseDClick(zaps.view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert (document.playhead_ns, document.vcpu) == (610 * MS, 2)


def test_del_removes_the_event_and_undo_brings_it_back(qtbot, events, document):
    make_current(events, 1)
    qtbot.keyClick(events.view, Qt.Key.Key_Delete)
    assert len(document.scenario.events) == events.model.rowCount() == len(EVENTS) - 1
    document.undo()
    assert events.model.rowCount() == len(EVENTS)


def test_del_removes_the_filtered_row_that_is_meant(qtbot, events, document):
    events.filter_field.setText("kind:note")
    make_current(events, 0)
    qtbot.keyClick(events.view, Qt.Key.Key_Delete)
    assert document.scenario.events == EVENTS[:-1]


def open_dialog(qtbot, events, row):
    make_current(events, row)
    qtbot.keyClick(events.view, Qt.Key.Key_F2)
    return events.findChild(ValueDialog)


def test_a_value_can_be_changed(qtbot, events, document):
    dialog = open_dialog(qtbot, events, 2)
    assert dialog.field.text() == "0xc06"
    dialog.field.setText("0x800")
    assert "default UC" in dialog.words.text()
    qtbot.keyClick(dialog.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: document.scenario.events[2].value == 0x800)
    assert column(events, "value")[2] == "0x800"


@pytest.mark.parametrize("text", ["0xff00", "0x7", "red", ""])
def test_a_value_that_kvm_refuses_is_refused_in_place(qtbot, events, document, text):
    dialog = open_dialog(qtbot, events, 2)
    dialog.field.setText(text)
    assert dialog.field.property("wrong") is True
    assert not dialog.buttons.button(QDialogButtonBox.StandardButton.Ok).isEnabled()
    qtbot.keyClick(dialog.field, Qt.Key.Key_Return)
    assert document.scenario.events == EVENTS
    dialog.reject()


def test_a_value_asked_for_before_an_edit_is_not_written_after_it(qtbot, events, document):
    dialog = open_dialog(qtbot, events, 2)
    make_current(events, 0)
    events.remove()
    dialog.field.setText("0x800")
    with qtbot.waitSignal(events.bridge.refused):
        dialog.accept()
    assert document.scenario.events == EVENTS[1:]


def test_only_register_writes_have_a_value_to_change(qtbot, events):
    assert open_dialog(qtbot, events, 9) is None
    actions = {a.text().split("\t")[0]: a.isEnabled() for a in events.make_menu(9).actions()}
    assert actions["Change the value\N{HORIZONTAL ELLIPSIS}"] is False
    assert actions["Remove the event"] is True


def test_selected_rows_are_copied_with_a_header(qtbot, zaps):
    zaps.view.selectRow(2)
    qtbot.keyClick(zaps.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = QApplication.clipboard().text().splitlines()
    assert len(lines) == 2
    assert lines[0].split("\t")[0] == "time"
    assert lines[1].split("\t")[:3] == ["0.300000 s", "0", "fixed MTRR"]


def test_the_zaps_are_those_of_the_policy_in_use(zaps, document):
    document.set_policy("per-vm")
    assert column(zaps, "vCPU") == ["0", "0", "0", "VM"]


def test_an_empty_table_says_why(qtbot):
    document = Document(boot(()))
    assert "No zaps" in shown(qtbot, ZapTableView, document)._empty.text()
    assert "Write a register" in shown(qtbot, EventTableView, document)._empty.text()


def test_a_hidden_table_catches_up(events, document):
    events.hide()
    document.open(boot(EVENTS[:3]), None)
    assert events.model.rowCount() == len(EVENTS)
    events.show()
    assert events.model.rowCount() == 3
