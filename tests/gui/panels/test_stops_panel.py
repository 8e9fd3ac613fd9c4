"""The panel of stops and bookmarks: switch, add, change, remove, go; each an edit to undo."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QComboBox, QDialogButtonBox, QLineEdit, QMenu

from mtrrviz.gui.shell.bridge import Bridge
from mtrrviz.gui.stops.bookmark_dialog import BookmarkDialog
from mtrrviz.gui.stops.stop_actions import add_stop_actions
from mtrrviz.gui.stops.stop_dialog import KIND_WORDS, StopDialog
from mtrrviz.gui.stops.stops_panel import StopsPanel
from mtrrviz.scenario.bookmarks import Bookmark
from mtrrviz.scenario.machine_kind import as_host
from mtrrviz.scenario.stop_condition import StopCondition, StopKind
from mtrrviz.session.document import Document
from tests.session.booting import DEFTYPE, MS, boot
from tests.session.slow_executor import SlowExecutor

pytestmark = pytest.mark.gui
Key = Qt.Key
CHECKED, UNCHECKED = Qt.CheckState.Checked, Qt.CheckState.Unchecked
ZAP = StopCondition(StopKind.ZAP)
WRITE = StopCondition(StopKind.WRITE, vcpu=1, register=DEFTYPE)
MARK = Bookmark(600 * MS, "enabled", "vCPU 1 turns its MTRRs on", 17)


@pytest.fixture
def document() -> Document:
    return Document(replace(boot(), stops=(ZAP, WRITE), bookmarks=(MARK,)))


@pytest.fixture
def panel(qtbot, document) -> StopsPanel:
    return shown(qtbot, document)


def shown(qtbot, document) -> StopsPanel:
    bridge = Bridge(document)
    panel = StopsPanel(bridge)
    bridge.setParent(panel)
    qtbot.addWidget(panel)
    panel.resize(1000, 240)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


def said_by(panel) -> list[str]:
    said: list[str] = []
    panel.stops.bridge.message.connect(said.append)
    return said


def cells(view, column):
    model = view.model()
    return [model.index(row, column).data() for row in range(model.rowCount())]


def ticks(panel):
    model, role = panel.stops.model, Qt.ItemDataRole.CheckStateRole
    return [model.index(row, 0).data(role) for row in range(model.rowCount())]


def make_current(view, row):
    view.setCurrentIndex(view.model().index(row, 0))


def the_dialog(parent, kind):
    return next(dialog for dialog in parent.findChildren(kind) if dialog.isVisible())


def choose(dialog, name, data):
    box = dialog.findChild(QComboBox, name)
    index = box.findData(data)
    assert index >= 0, (name, data)
    box.setCurrentIndex(index)


def type_in(dialog, name, text):
    dialog.findChild(QLineEdit, name).setText(text)


def ok(dialog):
    return dialog.findChild(QDialogButtonBox).button(QDialogButtonBox.StandardButton.Ok)


# Stops


def test_conditions_are_listed_with_how_often_they_are_fulfilled(panel, qtmodeltester, document):
    assert cells(panel.stops.view, 0) == ["KVM zaps", "IA32_MTRR_DEF_TYPE is written by vCPU 1"]
    assert cells(panel.stops.view, 1) == [f"{len(document.run.zaps)} times", "2 times"]
    qtmodeltester.check(panel.stops.model)


def test_counts_are_unknown_until_there_is_a_run(qtbot):
    executor = SlowExecutor()
    document = Document(replace(boot(), stops=(ZAP,)), executor=executor)
    panel = shown(qtbot, document)
    assert cells(panel.stops.view, 1) == ["\N{HORIZONTAL ELLIPSIS}"]
    while executor.waiting:
        executor.finish()
    assert cells(panel.stops.view, 1) == ["5 times"]


def test_what_never_happens_is_said_to_happen_never(panel, document):
    never = replace(WRITE, register=0x250)
    document.open(replace(document.scenario, stops=(never,)), None)
    assert cells(panel.stops.view, 1) == ["never"]


def test_space_switches_a_condition_and_undo_switches_it_back(qtbot, panel, document):
    make_current(panel.stops.view, 1)
    qtbot.keyClick(panel.stops.view, Key.Key_Space)
    assert document.scenario.stops == (ZAP, replace(WRITE, is_on=False))
    assert ticks(panel) == [CHECKED, UNCHECKED]
    document.undo()
    assert ticks(panel) == [CHECKED, CHECKED]


def test_a_condition_is_added_with_the_fields_of_its_kind(qtbot, panel, document):
    panel.stops.view.setFocus()
    qtbot.mouseClick(panel.stops.buttons["add"], Qt.MouseButton.LeftButton)
    dialog = the_dialog(panel, StopDialog)
    choose(dialog, "kind", StopKind.FAULT)
    choose(dialog, "vcpu", 2)
    type_in(dialog, "start", "0x1_0000")
    type_in(dialog, "size", "12 KiB")
    assert not dialog.findChild(QComboBox, "register").isVisible()
    assert "vCPU 2 faults on 0x1_0000" in dialog.words.text()
    qtbot.mouseClick(ok(dialog), Qt.MouseButton.LeftButton)
    added = StopCondition(StopKind.FAULT, vcpu=2, gfns=(16, 19))
    assert document.scenario.stops == (ZAP, WRITE, added)
    assert panel.stops.model.rowCount() == 3
    document.undo()
    assert document.scenario.stops == (ZAP, WRITE)


def test_the_form_has_every_kind_and_refuses_what_makes_none(panel):
    assert set(KIND_WORDS) == set(StopKind)
    panel.stops.buttons["add"].click()
    dialog = the_dialog(panel, StopDialog)
    choose(dialog, "kind", StopKind.TYPE)
    type_in(dialog, "start", "")
    assert not ok(dialog).isEnabled()
    assert "address" in dialog.words.text()
    type_in(dialog, "start", "0x1000")
    assert ok(dialog).isEnabled()


def test_f2_changes_a_condition_and_keeps_that_it_is_off(qtbot, panel, document):
    document.open(replace(document.scenario, stops=(ZAP, replace(WRITE, is_on=False))), None)
    make_current(panel.stops.view, 1)
    qtbot.keyClick(panel.stops.view, Key.Key_F2)
    dialog = the_dialog(panel, StopDialog)
    choose(dialog, "vcpu", None)
    dialog.accept()
    assert document.scenario.stops[1] == replace(WRITE, vcpu=None, is_on=False)


def test_a_second_stop_of_the_same_kind_is_refused_and_the_form_stays(panel, document):
    refused: list[str] = []
    panel.stops.bridge.refused.connect(refused.append)
    panel.stops.view.selectRow(1)
    panel.stops.change()
    dialog = the_dialog(panel, StopDialog)
    choose(dialog, "kind", StopKind.ZAP)
    type_in(dialog, "start", "")
    dialog.accept()
    assert dialog.isVisible()
    assert "KVM zaps" in refused[0]
    assert document.scenario.stops == (ZAP, WRITE)


def test_a_limit_is_a_number_of_zaps_or_of_millions_of_cycles(panel, document):
    panel.stops.buttons["add"].click()
    dialog = the_dialog(panel, StopDialog)
    choose(dialog, "kind", StopKind.CYCLES_EXCEED)
    dialog.limit.setValue(0.5)
    assert "0.5 Mcycles" in dialog.words.text()
    dialog.accept()
    assert document.scenario.stops[-1] == StopCondition(StopKind.CYCLES_EXCEED, limit=0.5)


def test_delete_removes_the_selected_conditions_as_one_step(qtbot, panel, document):
    panel.stops.view.selectAll()
    qtbot.keyClick(panel.stops.view, Key.Key_Delete)
    assert document.scenario.stops == ()
    document.undo()
    assert document.scenario.stops == (ZAP, WRITE)


def test_enter_goes_through_the_times_of_a_condition(qtbot, panel, document):
    said = said_by(panel)
    make_current(panel.stops.view, 1)
    times = []
    for _ in range(3):
        qtbot.keyClick(panel.stops.view, Key.Key_Return)
        times.append(document.playhead_ns)
    assert times == [500 * MS, 600 * MS, 500 * MS]
    assert said[0].startswith("0.500 s: vCPU 1: IA32_MTRR_DEF_TYPE")


def test_the_condition_that_stopped_playing_is_bold_until_it_plays_again(panel, document):
    def bold():
        role = Qt.ItemDataRole.FontRole
        fonts = [panel.stops.model.index(row, 0).data(role) for row in range(2)]
        return [font is not None and font.bold() for font in fonts]

    document.set_playhead(400 * MS)
    document.playback.run_to_stop()
    assert bold() == [False, True]
    document.playback.play()
    assert bold() == [False, False]


# Made on the thing itself


def test_menu_entries_add_a_condition_and_switch_it(panel, document):
    bridge = panel.stops.bridge
    stop = StopCondition(StopKind.NOTE)

    def action():
        menu = QMenu(panel)
        add_stop_actions(menu, bridge, [stop])
        return menu.actions()[-1]

    assert action().text() == "Stop when a note is reached"
    assert not action().isChecked()
    action().trigger()
    assert document.scenario.stops[-1] == stop
    assert action().isChecked()
    action().trigger()
    assert document.scenario.stops[-1] == replace(stop, is_on=False)
    action().trigger()
    assert document.scenario.stops[-1] == stop


def test_a_real_machine_which_does_not_play_is_offered_none(panel, document):
    document.open(as_host(document.scenario), None)
    menu = QMenu(panel)
    add_stop_actions(menu, panel.stops.bridge, [ZAP])
    assert menu.isEmpty()


# Bookmarks


def test_bookmarks_are_listed(panel, qtmodeltester):
    model = panel.bookmarks.model
    assert [model.index(0, column).data() for column in range(4)] == [
        "0.600 s",
        "enabled",
        "vCPU 1 turns its MTRRs on",
        "0x1_1000",
    ]
    qtmodeltester.check(model)


def test_a_bookmark_is_added_at_the_playhead(panel, document):
    document.set_playhead(100 * MS)
    document.select_page(18)
    panel.bookmarks.buttons["add"].click()
    dialog = the_dialog(panel, BookmarkDialog)
    type_in(dialog, "name", "first write")
    type_in(dialog, "text", "still off")
    dialog.accept()
    assert document.scenario.bookmarks == (Bookmark(100 * MS, "first write", "still off", 18), MARK)
    document.undo()
    assert document.scenario.bookmarks == (MARK,)


def test_a_bookmark_is_renamed_and_moved(qtbot, panel, document):
    make_current(panel.bookmarks.view, 0)
    qtbot.keyClick(panel.bookmarks.view, Key.Key_F2)
    dialog = the_dialog(panel, BookmarkDialog)
    type_in(dialog, "name", "")
    assert not ok(dialog).isEnabled()
    type_in(dialog, "name", "later")
    type_in(dialog, "time", "9 s")
    assert not ok(dialog).isEnabled()
    type_in(dialog, "time", "+10 ms")
    dialog.page.setChecked(False)
    dialog.accept()
    assert document.scenario.bookmarks == (replace(MARK, name="later", time_ns=610 * MS, gfn=None),)


def test_enter_goes_to_a_bookmark_and_delete_removes_it(qtbot, panel, document):
    said = said_by(panel)
    make_current(panel.bookmarks.view, 0)
    qtbot.keyClick(panel.bookmarks.view, Key.Key_Return)
    assert (document.playhead_ns, document.gfn) == (600 * MS, 17)
    assert said == ["Bookmark 'enabled' at 0.600 s: vCPU 1 turns its MTRRs on"]
    qtbot.keyClick(panel.bookmarks.view, Key.Key_Delete)
    assert document.scenario.bookmarks == ()


def test_rows_are_copied(qtbot, panel):
    panel.bookmarks.view.setFocus()
    panel.bookmarks.view.selectRow(0)
    qtbot.keyClick(panel.bookmarks.view, Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert "enabled" in QApplication.clipboard().text()


def test_in_the_window_keys_add_bookmarks_and_go_through_them(qtbot, bench):
    document, window = bench.document, bench.window
    qtbot.keyClick(window, Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    the_dialog(window, BookmarkDialog).accept()
    assert [mark.time_ns for mark in document.scenario.bookmarks] == [document.playhead_ns]
    here_ns = document.playhead_ns
    document.set_playhead(0)
    qtbot.keyClick(window, Key.Key_F9)
    assert document.playhead_ns == here_ns
    document.set_playhead(document.duration_ns)
    qtbot.keyClick(window, Key.Key_F9, Qt.KeyboardModifier.ShiftModifier)
    assert document.playhead_ns == here_ns
    assert "Bookmark 1" in window.statusBar().currentMessage()
    document.undo()  # a changed scenario would be asked about as the window closes
