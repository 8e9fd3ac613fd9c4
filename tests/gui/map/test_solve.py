"""The Solve panel: the wanted list, options, the solution, applying and exporting it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QStyleOptionViewItem

from mtrrviz.analysis.solve import WantedRange, solution_text
from mtrrviz.core.memtype import MemoryType
from mtrrviz.gui.shell.bridge import Bridge
from mtrrviz.gui.shell.worker import Worker
from mtrrviz.gui.solve import SolvePanel
from mtrrviz.gui.solve.solution_export import ExportSolutionDialog
from mtrrviz.gui.solve.wanted_model import FROM, LAST, SIZE, TYPE
from mtrrviz.scenario.library import open_scenario
from mtrrviz.session.document import Document
from mtrrviz.session.wanted.wanted_edits import change_rest, paint
from mtrrviz.session.wanted.wanted_sources import machine_ranges

pytestmark = pytest.mark.gui

UC, WC, WT, WB = (MemoryType[name] for name in ("UC", "WC", "WT", "WB"))
MIB = 1 << 20
SHOWN_NS = 1_200_000_000


@pytest.fixture
def bridge():
    bridge = Bridge(Document(open_scenario("small-machine")))
    bridge.document.set_playhead(SHOWN_NS)
    return bridge


@pytest.fixture
def worker():
    worker = Worker()
    yield worker
    worker.wait()


@pytest.fixture
def panel(bridge, worker, qtbot):
    shell = SolvePanel(bridge, worker)
    assert shell.view is None  # made when it is first seen
    qtbot.addWidget(shell)
    shell.resize(1264, 200)
    shell.show()
    qtbot.waitUntil(lambda: shell.view is not None)
    assert shell.view is not None
    solved(shell.view, qtbot)
    yield shell.view
    bridge.close()


def solved(panel, qtbot):
    qtbot.waitUntil(lambda: panel.solving.is_current)
    return panel.solving.solution


def type_in(panel, row, column, text):
    model = panel.wanted.model
    return model.setData(model.index(row, column), text)


# The list


def test_the_list_shows_what_the_machine_asks_for(bridge, panel):
    model = panel.wanted.model
    assert model.ranges == machine_ranges(bridge.document.scenario.machine)
    first = [model.index(0, column).data() for column in range(4)]
    assert first == ["0x0", "0x9_ffff", "640 KiB", "WB"]


def test_cells_are_typed_into(bridge, panel):
    before = bridge.document.wanted.ranges
    assert type_in(panel, 0, SIZE, "64 KiB")
    assert type_in(panel, 0, FROM, "0x1000")
    assert type_in(panel, 0, TYPE, "WT")
    assert bridge.document.wanted.ranges[0] == WantedRange(0x1000, 0x1_0000, WT)
    assert type_in(panel, 0, LAST, "0x1_ffff")
    assert bridge.document.wanted.ranges[0].end == 0x2_0000
    assert type_in(panel, 0, LAST, "0x3_0000")  # the address after the last byte
    assert bridge.document.wanted.ranges[0].end == 0x3_0000
    for _ in range(5):
        bridge.document.undo()
    assert bridge.document.wanted.ranges == before


@pytest.mark.parametrize(
    ("column", "text", "words"),
    [
        (FROM, "0x10_0000_0000_0000", "Is empty"),
        (SIZE, "3000", "whole 4 KiB pages"),
        (SIZE, "much", "'much' is not a size"),
        (LAST, "0xz", "is not an address"),
        (SIZE, "8 EiB", "beyond the guest's physical addresses"),
    ],
)
def test_what_is_no_range_is_refused_in_place(bridge, panel, column, text, words):
    before = bridge.document.wanted
    assert not type_in(panel, 0, column, text)
    assert bridge.document.wanted == before
    assert words.lower() in panel.wanted.error.text().lower()
    assert type_in(panel, 0, SIZE, "64 KiB")
    assert panel.wanted.error.text() == ""


def test_the_type_is_chosen_in_its_cell(bridge, panel):
    table, model = panel.wanted.table, panel.wanted.model
    delegate = table.itemDelegateForColumn(TYPE)
    box = delegate.createEditor(table.viewport(), QStyleOptionViewItem(), model.index(0, TYPE))
    assert isinstance(box, QComboBox)
    delegate.setEditorData(box, model.index(0, TYPE))
    assert box.currentText() == "WB"
    box.setCurrentText("WC")
    delegate.setModelData(box, model, model.index(0, TYPE))
    assert bridge.document.wanted.ranges[0].type == WC
    box.deleteLater()


def test_a_range_is_added_split_and_removed_by_keys(bridge, panel):
    wanted = panel.wanted
    wanted.start_edit.setText("0x8000_0000")
    wanted.size_edit.setText("2 MiB")
    QTest.keyClick(wanted.size_edit, Qt.Key.Key_Return)
    new = WantedRange(0x8000_0000, 0x8020_0000, WB)
    row = bridge.document.wanted.ranges.index(new)
    wanted.table.selectRow(row)
    wanted.split_button.click()
    halves = bridge.document.wanted.ranges[row : row + 2]
    assert [one.end - one.start for one in halves] == [MIB, MIB]
    wanted.table.selectRow(row)
    wanted.table.setFocus()
    QTest.keyClick(wanted.table, Qt.Key.Key_Delete)
    assert halves[0] not in bridge.document.wanted.ranges
    assert halves[1] in bridge.document.wanted.ranges


@pytest.mark.parametrize(("start", "size"), [("here", "1 MiB"), ("0x1000", ""), ("0x10", "4 KiB")])
def test_a_new_range_that_is_none_is_refused(bridge, panel, start, size):
    before = bridge.document.wanted
    panel.wanted.start_edit.setText(start)
    panel.wanted.size_edit.setText(size)
    panel.wanted.add_button.click()
    assert bridge.document.wanted == before
    assert panel.wanted.error.text()


def test_the_selected_range_is_pointed_at(bridge, panel):
    panel.wanted.table.selectRow(1)
    one = bridge.document.wanted.ranges[1]
    assert bridge.document.selection.gfns == (one.start >> 12, one.end >> 12)


def test_split_and_remove_wait_for_a_selection(panel):
    buttons = (panel.wanted.split_button, panel.wanted.remove_button)
    assert [button.isEnabled() for button in buttons] == [False, False]
    panel.wanted.table.selectAll()
    assert [button.isEnabled() for button in buttons] == [False, True]


# Where it starts from


def test_it_can_start_from_registers_and_from_the_machine_again(bridge, panel):
    first = bridge.document.wanted
    panel.sources.take_registers()
    assert bridge.document.undo_label == "Want what vCPU 0's registers give"
    state = bridge.document.state.machine.mtrr(0)
    assert bridge.document.wanted.rest == state.default_type
    panel.sources.take_machine()
    assert bridge.document.wanted == first


def test_it_can_start_from_a_file_or_the_clipboard(bridge, panel, qtbot, tmp_path):
    path = tmp_path / "wanted.txt"
    path.write_text("0 512MiB WB\n0x8000_0000 1MiB WC\n")
    panel.sources.take_file(path)
    qtbot.waitUntil(lambda: bridge.document.wanted.ranges[-1].type == WC)
    assert bridge.document.undo_label == "Want the memory map of wanted.txt"
    QGuiApplication.clipboard().setText("[mem 0x0000000000000000-0x000000000009fbff] usable")
    with qtbot.waitSignal(bridge.refused) as refused:
        panel.sources.take_clipboard()
    assert "the pasted text" in refused.args[0]
    line = "BIOS-e820: [mem 0x0000000000000000-0x000000003fffffff] usable"
    QGuiApplication.clipboard().setText(line)
    panel.sources.take_clipboard()
    qtbot.waitUntil(lambda: bridge.document.undo_label.endswith("the pasted text"))
    assert bridge.document.wanted.ranges[0].end >= 0xA_0000


def test_an_empty_clipboard_and_a_missing_file_are_told(bridge, panel, qtbot, tmp_path):
    QGuiApplication.clipboard().clear()
    with qtbot.waitSignal(bridge.refused):
        panel.sources.take_clipboard()
    with qtbot.waitSignal(bridge.refused) as refused:
        panel.sources.take_file(tmp_path / "nonesuch")
    assert "nonesuch" in refused.args[0]


# Options and result


def choose(box, value):
    box.setCurrentIndex(box.findData(value))
    box.activated.emit(box.currentIndex())


def test_options_are_the_documents(bridge, panel):
    options = panel.options
    choose(options.pairs, 3)
    choose(options.default, WB)
    choose(options.smallest, 2 * MIB)
    choose(options.rest, None)
    options.fixed.click()
    wanted = bridge.document.wanted
    limits = wanted.limits
    assert (limits.pairs, limits.default, limits.smallest_bytes) == (3, WB, 2 * MIB)
    assert (limits.use_fixed, wanted.rest) == (False, None)
    for _ in range(5):
        bridge.document.undo()
    assert bridge.document.undo_label is None
    assert options.pairs.currentText() == "8"
    assert (options.default.currentText(), options.rest.currentText()) == ("any", "UC")
    assert options.fixed.isChecked()


def test_the_default_type_can_stay_as_it_is(bridge, panel):
    options = panel.options
    choose(options.default, options.default.itemData(1))
    now = bridge.document.state.machine.mtrr(0).default_type
    assert bridge.document.wanted.limits.default == now
    assert options.default.currentText() == now.name


def test_the_solution_is_proved_and_stands_beside_the_registers_of_now(bridge, panel, qtbot):
    solution = solved(panel, qtbot)
    words = panel.verdict.toPlainText()
    assert "Every page gets its wanted type, by KVM and by the SDM" in words
    assert "vCPU 0 now:" in words
    state = bridge.document.state.machine.mtrr(0)
    assert all(row.before == state.read(row.msr) for row in panel.registers.rows)
    after = {row.msr: row.after for row in panel.registers.rows if row.after}
    assert after == {msr: value for msr, value in solution.writes if value}
    bridge.document.select_vcpu(1)
    qtbot.waitUntil(lambda: panel.registers.headerItem().text(1) == "vCPU 1 now")


def test_what_cannot_be_done_is_said_with_the_ranges_that_are_off(bridge, panel, qtbot):
    choose(panel.options.pairs, 0)
    choose(panel.options.default, UC)
    solution = solved(panel, qtbot)
    words = panel.verdict.toPlainText()
    assert f"takes {solution.needed} pairs, at most 0 may be used" in words
    assert "WB wanted, UC given" in words


def test_an_impossible_map_is_named(bridge, panel, qtbot):
    bridge.document.want(paint(bridge.document.wanted, [(1 << 51, 1 << 52)], WB))
    qtbot.waitUntil(lambda: panel.solving.is_current)
    assert "beyond the guest's physical addresses" in panel.verdict.toPlainText()
    assert not panel.apply_button.isEnabled()


def test_nothing_is_solved_while_hidden(bridge, panel, qtbot):
    panel.hide()
    bridge.document.want(change_rest(bridge.document.wanted, None))
    assert not panel.solving.is_current
    panel.show()
    solved(panel, qtbot)
    assert "Every page" in panel.verdict.toPlainText()


# Applying and taking away


def test_apply_writes_the_registers_of_all_vcpus_in_one_step(bridge, panel, qtbot):
    solution = solved(panel, qtbot)
    before = bridge.document.scenario
    panel.apply_button.click()
    machine = bridge.document.state.machine
    for vcpu in range(machine.vcpus):
        assert all(machine.read_msr(vcpu, msr) == value for msr, value in solution.writes)
    qtbot.waitUntil(lambda: "every page has the type that is wanted" in panel.verdict.toPlainText())
    bridge.document.undo()
    assert bridge.document.scenario is before


def test_apply_to_the_selected_vcpu_leaves_the_others(bridge, panel, qtbot):
    solution = solved(panel, qtbot)
    bridge.document.select_vcpu(1)
    before = bridge.document.state.machine.read_msr(0, 0x2FF)
    panel.vcpus.setCurrentIndex(1)
    assert panel.vcpus.currentText() == "vCPU 1 only"
    panel.apply_button.click()
    machine = bridge.document.state.machine
    assert (machine.read_msr(1, 0x2FF), machine.read_msr(0, 0x2FF)) == (solution.deftype, before)


def test_it_is_said_that_the_map_will_not_show_it(bridge, panel, qtbot):
    solved(panel, qtbot)
    bridge.document.set_policy("per-vm")
    bridge.document.select_vcpu(1)
    panel.vcpus.setCurrentIndex(1)
    panel.vcpus.activated.emit(1)
    assert "does not look at these vCPUs" in panel.verdict.toPlainText()


def test_it_is_taken_away_as_text(bridge, panel, qtbot, tmp_path):
    solution = solved(panel, qtbot)
    panel.take_button.click()
    dialog = panel.window().findChild(ExportSolutionDialog)
    for format_id in ("wrmsr", "proc-mtrr", "c", "edk2", "json", "table"):
        dialog.formats.setCurrentIndex(dialog.formats.findData(format_id))
        assert dialog.preview.toPlainText() == solution_text(solution, format_id) + "\n"
    dialog.copy()
    assert QGuiApplication.clipboard().text() == dialog.text
    dialog.save(tmp_path / "out.txt")
    assert (tmp_path / "out.txt").read_text() == dialog.text
    with qtbot.waitSignal(bridge.refused):
        dialog.save(tmp_path / "no" / "out.txt")
    dialog.close()


def test_escape_leaves_the_fields_of_a_new_range(panel):
    panel.wanted.start_edit.setFocus()
    QTest.keyClick(panel.wanted.start_edit, Qt.Key.Key_Escape)
    assert panel.wanted.table.hasFocus()


def test_all_controls_have_names(panel):
    for box in panel.findChildren(QComboBox):
        assert box.accessibleName() or box.toolTip(), box
