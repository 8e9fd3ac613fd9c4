"""The tables of events and zaps: following, filtering, jumping."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QDialogButtonBox, QInputDialog, QLineEdit

from mtrrviz.gui.common.looks.theme import DARK
from mtrrviz.gui.tables.event_dialog import EventDialog
from mtrrviz.gui.tables.event_table_view import EventTableView
from mtrrviz.gui.tables.zap_table_view import ZapTableView
from mtrrviz.scenario.events import EventKind
from mtrrviz.session.document import Document
from mtrrviz.session.edits import remake_machine
from tests.gui.tables.shown_table import shown_table
from tests.session.booting import EVENTS, MS, boot

pytestmark = pytest.mark.gui


@pytest.fixture
def document() -> Document:
    return Document(boot())


@pytest.fixture(params=[EventTableView, ZapTableView])
def table(request, qtbot, document):
    return shown_table(qtbot, request.param, document)


@pytest.fixture
def events(qtbot, document) -> EventTableView:
    return shown_table(qtbot, EventTableView, document)


@pytest.fixture
def zaps(qtbot, document) -> ZapTableView:
    return shown_table(qtbot, ZapTableView, document)


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
    assert "No rows match the filter" in events._empty.text()


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


def open_dialog(events, row) -> EventDialog:
    make_current(events, row)
    events.change()
    dialog = events.findChild(EventDialog)
    assert dialog is not None
    return dialog


def select(events, *rows):
    events.view.clearSelection()
    flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
    for row in rows:
        events.view.selectionModel().select(events.model.index(row, 0), flags)
    events.view.selectionModel().setCurrentIndex(
        events.model.index(rows[0], 0), QItemSelectionModel.SelectionFlag.NoUpdate
    )


def type_over(events, row, name, text) -> bool:
    return events.model.setData(events.model.index(row, events.model.column(name)), text)


def times_ms(document):
    return [event.time_ns // MS for event in document.scenario.events]


def test_the_dialog_changes_everything_of_an_event(qtbot, events, document):
    dialog = open_dialog(events, 2)
    assert dialog.value.text() == "0xc06"
    assert dialog.focusWidget() is dialog.value
    dialog.value.setText("0x800")
    assert "default UC" in dialog.words.text()
    dialog.vcpu.setValue(2)
    dialog.time.setText("+1 ms")
    qtbot.keyClick(dialog.value, Qt.Key.Key_Return)
    event = document.scenario.events[2]
    assert (event.value, event.vcpu, event.time_ns) == (0x800, 2, 201 * MS)
    document.undo()
    assert document.scenario.events == EVENTS


@pytest.mark.parametrize("text", ["red", "", "0x1_0000_0000_0000_0000"])
def test_what_is_no_value_is_refused_in_place(qtbot, events, document, text):
    dialog = open_dialog(events, 2)
    dialog.value.setText(text)
    assert dialog.value.property("wrong") is True
    assert not dialog.buttons.button(QDialogButtonBox.StandardButton.Ok).isEnabled()
    dialog.reject()
    assert document.scenario.events == EVENTS


def test_a_write_that_kvm_refuses_is_said_to_be_refused(qtbot, events, document):
    dialog = open_dialog(events, 2)
    dialog.value.setText("0xff00")
    assert dialog.words.text().startswith("Refused with #GP")
    dialog.accept()
    assert column(events, "kind")[2].endswith("#GP")


def test_a_value_asked_for_before_an_edit_is_not_written_after_it(qtbot, events, document):
    dialog = open_dialog(events, 2)
    make_current(events, 0)
    events.remove()
    dialog.value.setText("0x800")
    with qtbot.waitSignal(events.bridge.refused):
        dialog.accept()
    assert document.scenario.events == EVENTS[1:]


def test_f2_types_over_the_cell_or_opens_the_event(qtbot, events):
    make_current(events, 2)
    events.view.setCurrentIndex(events.model.index(2, events.model.column("value")))
    qtbot.keyClick(events.view, Qt.Key.Key_F2)
    editor = events.view.findChild(QLineEdit)
    assert editor is not None
    assert editor.text() == "0xc06"
    make_current(events, 9)  # a device that leaves writes no value
    events.view.setCurrentIndex(events.model.index(9, events.model.column("value")))
    qtbot.keyClick(events.view, Qt.Key.Key_F2)
    dialog = events.findChild(EventDialog)
    assert dialog is not None
    assert dialog.focusWidget() is dialog.text


@pytest.mark.parametrize(
    ("name", "text", "read", "expected"),
    [
        ("value", "0x806", lambda event: event.value, 0x806),
        ("vcpu", "2", lambda event: event.vcpu, 2),
        ("time_s", "205 ms", lambda event: event.time_ns, 205 * MS),
        ("meaning", "why", lambda event: event.text, "why"),
    ],
)
def test_cells_are_typed_over_as_one_step(events, document, name, text, read, expected):
    assert type_over(events, 2, name, text)
    assert read(document.scenario.events[2]) == expected
    document.undo()
    assert document.scenario.events == EVENTS


@pytest.mark.parametrize(("name", "text"), [("value", "x"), ("vcpu", "3"), ("time_s", "soon")])
def test_what_cannot_be_typed_is_told_and_changes_nothing(qtbot, events, document, name, text):
    with qtbot.waitSignal(events.bridge.refused):
        type_over(events, 2, name, text)
    assert document.scenario.events == EVENTS


def test_what_is_typed_counts_for_all_selected_rows(events, document):
    select(events, 1, 2)
    type_over(events, 2, "vcpu", "1")
    assert [event.vcpu for event in document.scenario.events[:4]] == [0, 1, 1, 0]
    select(events, 1, 2)
    type_over(events, 1, "time_s", "+10 ms")
    assert times_ms(document)[:4] == [50, 110, 210, 300]
    document.undo()
    document.undo()
    assert document.scenario.events == EVENTS


def test_several_events_are_removed_and_duplicated_as_one_step(events, document):
    select(events, 0, 1, 3)
    events.remove()
    assert times_ms(document)[:2] == [200, 400]
    document.undo()
    select(events, 0, 1)
    events.duplicate()
    assert times_ms(document)[:4] == [50, 50, 100, 100]
    document.undo()
    assert document.scenario.events == EVENTS


def test_events_of_one_time_change_places(events, document):
    make_current(events, 6)
    events.move_down()
    assert document.scenario.events[6:8] == EVENTS[6:8][::-1]
    assert events.current_row() == 7
    events.move_up()
    assert document.scenario.events == EVENTS


def test_events_are_copied_and_pasted_at_the_playhead(qtbot, events, document):
    select(events, 1, 2)
    qtbot.keyClick(events.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    document.set_playhead(1600 * MS)
    events.paste()
    pasted = document.scenario.events[-2:]
    assert [event.time_ns for event in pasted] == [1600 * MS, 1700 * MS]
    assert [(e.register, e.value) for e in pasted] == [(e.register, e.value) for e in EVENTS[1:3]]


def test_text_on_the_clipboard_is_no_event(qtbot, events, document):
    QApplication.clipboard().setText("wrmsr 2ff")
    with qtbot.waitSignal(events.bridge.message):
        events.paste()
    assert document.scenario.events == EVENTS


def test_a_quirk_is_disabled_where_the_host_permits_it(qtbot, events, document):
    poor = replace(document.scenario.machine, self_snoop=False)
    document.apply(remake_machine(document.scenario, poor).edit)
    events.add()
    dialog = events.findChild(EventDialog)
    ok = dialog.buttons.button(QDialogButtonBox.StandardButton.Ok)
    dialog.kind.setCurrentIndex(dialog.kind.findData(EventKind.DISABLE_IGNORE_GUEST_PAT))
    assert not ok.isEnabled()
    assert "self-snoop" in dialog.words.text()
    dialog.kind.setCurrentIndex(dialog.kind.findData(EventKind.DISABLE_CD_NW_QUIRK))
    assert "UC" in dialog.words.text()
    assert not dialog.vcpu.isVisible()
    ok.click()
    assert EventKind.DISABLE_CD_NW_QUIRK in [event.kind for event in document.scenario.events]
    assert any("CD_NW_CLEARED" in words for words in column(events, "kind"))


def test_an_event_is_added_at_the_playhead(qtbot, events, document):
    document.set_playhead(120 * MS)
    events.add()
    dialog = events.findChild(EventDialog)
    dialog.kind.setCurrentIndex(dialog.kind.findData(EventKind.NOTE))
    assert not dialog.value.isVisible()
    dialog.text.setText("look here")
    dialog.accept()
    added = document.scenario.events[2]
    assert isinstance(added.kind, EventKind)
    assert (added.kind, added.text, added.time_ns) == (EventKind.NOTE, "look here", 120 * MS)


def test_all_from_here_on_is_shifted(monkeypatch, events, document):
    monkeypatch.setattr(QInputDialog, "getText", lambda *_args, **_more: ("+5 ms", True))
    make_current(events, 2)
    events.shift()
    assert times_ms(document)[:4] == [50, 100, 205, 305]
    select(events, 1)
    events.retime()
    assert times_ms(document)[:3] == [50, 105, 205]


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
    assert "No zaps" in shown_table(qtbot, ZapTableView, document)._empty.text()
    assert "Write a register" in shown_table(qtbot, EventTableView, document)._empty.text()


def test_a_hidden_table_catches_up(events, document):
    events.hide()
    document.open(boot(EVENTS[:3]), None)
    assert events.model.rowCount() == 0  # it keeps nothing of what is closed
    events.show()
    assert events.model.rowCount() == 3


def test_the_meaning_of_events_takes_the_room_that_there_is(events: EventTableView) -> None:
    header, meaning = events.view.horizontalHeader(), events.model.column("meaning")
    events.resize(700, 300)
    QApplication.processEvents()
    narrow = header.sectionSize(meaning)
    events.resize(1900, 300)
    QApplication.processEvents()
    others = sum(header.sectionSize(c) for c in range(header.count()) if c != meaning)
    assert header.sectionSize(meaning) >= narrow + 500
    assert header.sectionSize(meaning) + others <= events.view.viewport().width() + 1
    events.resize(700, 300)
    QApplication.processEvents()
    assert header.sectionSize(meaning) == narrow
