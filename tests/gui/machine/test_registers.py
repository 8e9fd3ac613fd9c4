"""The registers' panel: overview, vCPUs, bits, forms and edits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QWidget

from mtrrviz.core.msr.registers import CR0_CD, CR0_ID, DEFTYPE, FIXED_MSRS, PAT
from mtrrviz.core.units import GIB
from mtrrviz.gui.common.looks.theme import DARK, LIGHT
from mtrrviz.gui.registers import RegisterPanel
from mtrrviz.gui.registers.editors import FlagBox, TypeCombo
from mtrrviz.gui.shell.bridge import Bridge
from mtrrviz.scenario.events import Event, EventKind
from mtrrviz.scenario.library import open_scenario
from mtrrviz.scenario.machine_spec import MachineSpec, Region, RegionKind
from mtrrviz.scenario.model import Scenario
from mtrrviz.session import Document
from mtrrviz.session.runs import Executor, at_once

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from mtrrviz.sim.run import Run

pytestmark = pytest.mark.gui

RAM = (Region("RAM", RegionKind.RAM, 0, 2 * GIB),)
LATER = 600_000_000


def scenario(vcpus: int = 4) -> Scenario:
    """All vCPUs: E, FE, WB; later vCPU 1's MTRRs go off and vCPU 2 gets another PAT."""
    events = [Event(0, EventKind.WRMSR, vcpu, DEFTYPE, 0xC06) for vcpu in range(vcpus)]
    events.append(Event(LATER, EventKind.WRMSR, 1, DEFTYPE, 0x006))
    events.append(Event(LATER, EventKind.WRMSR, 2, PAT, 0))
    machine = MachineSpec(vcpus, 2 * GIB, RAM, 40, noncoherent_dma=1)
    return Scenario("t", "T", machine, tuple(events), duration_ns=10**9)


def make(qtbot: QtBot, document: Document) -> RegisterPanel:
    bridge = Bridge(document)
    panel = RegisterPanel(bridge)
    bridge.setParent(panel)
    qtbot.addWidget(panel)
    panel.resize(330, 900)
    with qtbot.waitExposed(panel):
        panel.show()
    return panel


@pytest.fixture
def document() -> Document:
    return Document(scenario())


@pytest.fixture
def panel(qtbot: QtBot, document: Document) -> RegisterPanel:
    return make(qtbot, document)


def value(document: Document, msr: int, vcpu: int = 0) -> int:
    state = document.state
    assert state is not None
    return state.machine.cr0(vcpu) if msr == CR0_ID else state.machine.read_msr(vcpu, msr)


def press(widget: QWidget, *keys: Qt.Key) -> None:
    for key in keys:
        QTest.keyClick(widget, key)


def click_bit(panel: RegisterPanel, bit: int) -> None:
    grid = panel.detail.grid
    QTest.mouseClick(grid, Qt.MouseButton.LeftButton, pos=grid.cell(bit).center())


def retype(edit: QLineEdit, text: str) -> None:
    edit.selectAll()
    QTest.keyClicks(edit, text)


# Overview


def test_overview_shows_the_registers_at_the_playhead(
    panel: RegisterPanel, document: Document
) -> None:
    document.select_vcpu(1)
    assert "E on, FE on, default WB" in panel.deftype.accessibleName()
    document.set_playhead(LATER)
    assert "E off" in panel.deftype.accessibleName()
    assert "vCPU 0 has DEF_TYPE 0xc06" in panel.deftype.accessibleName()


def test_differing_vcpus_are_marked_and_named(panel: RegisterPanel, document: Document) -> None:
    assert panel.picker.line.accessibleName() == "All 4 vCPUs hold the same registers"
    document.set_playhead(LATER)
    assert panel.picker.line.accessibleName() == "vCPUs 1-2 differ from vCPU 0: DEF_TYPE, PAT"
    assert panel.picker.buttons[2].accessibleName() == "vCPU 2, differs from vCPU 0: PAT"
    assert panel.picker.buttons[3].accessibleName() == "vCPU 3"


def test_dot_is_painted_on_a_differing_vcpu(panel: RegisterPanel, document: Document) -> None:
    document.set_playhead(LATER)
    button = panel.picker.buttons[1]
    image = button.grab().toImage()
    scale = image.devicePixelRatio()
    spot = image.pixelColor(int((button.width() - 6) * scale), int(6 * scale))
    assert spot.name() == DARK.warning.lower()


def test_clicking_a_vcpu_selects_it(panel: RegisterPanel, document: Document) -> None:
    QTest.mouseClick(panel.picker.buttons[3], Qt.MouseButton.LeftButton)
    assert document.vcpu == 3
    press(panel.picker.buttons[3], Qt.Key.Key_Left)
    assert document.vcpu == 2


def test_many_vcpus_come_as_a_list(qtbot: QtBot) -> None:
    document = Document(scenario(vcpus=255))
    panel = make(qtbot, document)
    document.set_playhead(LATER)
    assert panel.picker.combo.count() == 255
    assert "differs" in panel.picker.combo.itemText(2)
    assert "differs" not in panel.picker.combo.itemText(3)
    QTest.mouseClick(panel.picker.next_differing, Qt.MouseButton.LeftButton)
    QTest.mouseClick(panel.picker.next_differing, Qt.MouseButton.LeftButton)
    assert document.vcpu == 2


def test_hidden_panel_catches_up_when_shown(panel: RegisterPanel, document: Document) -> None:
    panel.hide()
    document.select_vcpu(1)
    document.set_playhead(LATER)
    assert "E on" in panel.deftype.accessibleName()
    panel.show()
    assert "E off" in panel.deftype.accessibleName()


def test_panel_waits_for_the_first_run(qtbot: QtBot) -> None:
    pending: list[tuple[Callable[[], Run], Callable[[Run], None]]] = []
    executor: Executor = lambda work, finished: pending.append((work, finished))  # noqa: E731
    document = Document(scenario(), executor=executor)
    panel = make(qtbot, document)
    assert not panel.scroller.isVisible()
    for work, finished in pending:
        at_once(work, finished)
    assert panel.scroller.isVisible()


@pytest.mark.parametrize("width", [280, 330])
def test_nothing_is_wider_than_the_panel(panel: RegisterPanel, width: int) -> None:
    panel.resize(width, 700)
    for row in (*(row.msrs for row in panel.rows), *((msr,) for msr in FIXED_MSRS)):
        panel.open_registers(row)
        content = panel.scroller.widget()
        assert content is not None
        assert content.minimumSizeHint().width() <= width - 10, row


def test_fixed_strip_tells_its_types(panel: RegisterPanel) -> None:
    assert panel.fixed.accessibleDescription() == "UC 0x0-0xf_ffff"
    cell = panel.fixed.cells()[30]
    assert (cell.msr, cell.byte) == (0x268, 6)


def test_fixed_strip_paints_the_types(panel: RegisterPanel, document: Document) -> None:
    panel.open_registers((0x250,))
    retype(panel.detail.hex, "0606060606060601")
    press(panel.detail.hex, Qt.Key.Key_Return)
    image = panel.fixed.grab().toImage()
    corners = [cell.rect.topLeft() + QPoint(2, 2) for cell in panel.fixed.cells()[:9]]
    colours = [image.pixelColor(corner).name().upper() for corner in corners]
    assert colours == [DARK.types[1], *[DARK.types[6]] * 7, DARK.types[0]]


# Opening


def test_a_row_opens_and_closes_its_editor(panel: RegisterPanel) -> None:
    QTest.mouseClick(panel.deftype, Qt.MouseButton.LeftButton)
    assert panel.detail.isVisible()
    assert panel.detail.msr == DEFTYPE
    QTest.mouseClick(panel.deftype, Qt.MouseButton.LeftButton)
    assert not panel.detail.isVisible()


def is_between(above: QWidget, middle: QWidget, below: QWidget) -> bool:
    tops = [widget.geometry().top() for widget in (above, middle, below)]
    return tops == sorted(set(tops))


def test_the_editor_is_right_below_its_row(panel: RegisterPanel, qtbot: QtBot) -> None:
    panel.open_registers(panel.ranges[2].msrs)
    qtbot.waitUntil(lambda: is_between(panel.ranges[2], panel.detail, panel.ranges[3]))


def test_rows_are_reached_and_opened_by_keyboard(panel: RegisterPanel) -> None:
    panel.deftype.setFocus()
    press(panel.deftype, Qt.Key.Key_Down)
    assert panel.ranges[0].hasFocus()
    press(panel.ranges[0], Qt.Key.Key_Return)
    assert panel.detail.range_form.isVisible()


def test_tab_goes_from_a_row_through_its_editor_to_the_next_row(panel: RegisterPanel) -> None:
    panel.open_registers(panel.ranges[1].msrs)
    panel.ranges[1].setFocus()
    detail = panel.detail
    expected = [detail.range_form.base_edit, detail.range_form.size_edit]
    for widget in expected:
        press(panel.focusWidget(), Qt.Key.Key_Tab)
        assert widget.hasFocus()
    detail.writer.write_button.setFocus()
    press(detail.writer.write_button, Qt.Key.Key_Tab)
    assert panel.ranges[2].hasFocus()


def test_fixed_register_opens_by_mouse_and_keyboard(panel: RegisterPanel) -> None:
    cell = panel.fixed.cells()[10]
    QTest.mouseClick(panel.fixed, Qt.MouseButton.LeftButton, pos=cell.rect.center())
    assert panel.detail.msr == 0x258
    press(panel.fixed, Qt.Key.Key_Right, Qt.Key.Key_Return)
    assert panel.detail.msr == 0x259


def test_every_register_has_an_editor(panel: RegisterPanel) -> None:
    seen: set[int] = set()
    for msrs in (*(row.msrs for row in panel.rows), *((msr,) for msr in FIXED_MSRS)):
        panel.open_registers(msrs)
        draft = panel.detail.draft
        assert draft is not None
        seen.update(draft.values)
    assert len(seen) == 31


# The draft in step


def test_bit_click_changes_hex_field_and_words(panel: RegisterPanel, document: Document) -> None:
    panel.open_registers((DEFTYPE,))
    click_bit(panel, 10)
    detail = panel.detail
    assert detail.hex.text() == "0x0000_0000_0000_0806"
    assert detail.meaning.text() == "E on, FE off, default WB"
    boxes = {box.text(): box.isChecked() for box in detail.findChildren(FlagBox) if box.isVisible()}
    assert boxes == {"E": True, "FE": False}
    assert detail.unwritten.text() == "Not yet written: DEF_TYPE"
    assert value(document, DEFTYPE) == 0xC06


def test_hex_changes_bits_and_type(panel: RegisterPanel) -> None:
    panel.open_registers((DEFTYPE,))
    retype(panel.detail.hex, "c01")
    assert panel.detail.grid.bit_words(0).startswith("bit 0 = 1 (new)")
    combo = next(c for c in panel.detail.findChildren(TypeCombo) if c.isVisible())
    assert combo.currentText() == "WC"
    assert panel.detail.hex.text() == "c01"


def test_arrows_move_and_space_toggles(panel: RegisterPanel) -> None:
    panel.open_registers((DEFTYPE,))
    grid = panel.detail.grid
    grid.setFocus()
    press(grid, *[Qt.Key.Key_Left] * 11)
    assert grid.bit == 11
    assert "MTRRs are on" in panel.detail.readout.text()
    press(grid, Qt.Key.Key_Space)
    assert panel.detail.draft is not None
    assert panel.detail.draft.values[DEFTYPE] == 0x406
    press(grid, Qt.Key.Key_Up, Qt.Key.Key_Home)
    assert grid.bit == 31
    press(grid, Qt.Key.Key_End, Qt.Key.Key_Down, Qt.Key.Key_Down)
    assert grid.bit == 0


def test_reserved_bit_is_blocked_and_says_why(panel: RegisterPanel) -> None:
    panel.open_registers((DEFTYPE,))
    click_bit(panel, 9)
    assert panel.detail.draft is not None
    assert not panel.detail.draft.is_changed
    assert "must be 0" in panel.detail.readout.text()


def test_reserved_rows_are_thin_until_something_is_typed_there(panel: RegisterPanel) -> None:
    panel.open_registers((DEFTYPE,))
    grid = panel.detail.grid
    assert grid.cell(63).height() < grid.cell(0).height()
    assert grid.bit_at(grid.cell(63).center()) == 63
    retype(panel.detail.hex, "f000000000000c06")
    assert grid.cell(63).height() == grid.cell(0).height()


def test_refused_value_is_explained_and_cannot_be_written(
    panel: RegisterPanel, document: Document
) -> None:
    panel.open_registers((DEFTYPE,))
    before = document.scenario
    retype(panel.detail.hex, "e02")
    assert "#GP" in panel.detail.refusal.text()
    assert "bit 9" in panel.detail.refusal.text()
    assert not panel.detail.writer.write_button.isEnabled()
    press(panel.detail.hex, Qt.Key.Key_Return)
    assert document.scenario is before


def test_nonsense_in_hex_is_told(panel: RegisterPanel) -> None:
    panel.open_registers((DEFTYPE,))
    retype(panel.detail.hex, "zz")
    assert "hex digits" in panel.detail.refusal.text()
    assert not panel.detail.writer.write_button.isEnabled()
    press(panel.detail.hex, Qt.Key.Key_Escape)
    assert panel.detail.hex.text() == "0x0000_0000_0000_0c06"
    assert panel.detail.writer.write_button.isEnabled()


def test_draft_is_dropped_when_the_playhead_moves(panel: RegisterPanel, document: Document) -> None:
    panel.open_registers((DEFTYPE,))
    click_bit(panel, 10)
    document.set_playhead(1000)
    assert panel.detail.unwritten.text() == ""
    assert panel.detail.hex.text() == "0x0000_0000_0000_0c06"


def test_draft_is_dropped_when_the_vcpu_changes(panel: RegisterPanel, document: Document) -> None:
    panel.open_registers((DEFTYPE,))
    click_bit(panel, 10)
    document.select_vcpu(2)
    assert panel.detail.draft is not None
    assert not panel.detail.draft.is_changed


def test_draft_survives_another_policy_and_theme(panel: RegisterPanel, document: Document) -> None:
    panel.open_registers((DEFTYPE,))
    click_bit(panel, 10)
    document.set_policy("per-vm")
    panel.bridge.set_theme(LIGHT)
    assert panel.detail.unwritten.text() == "Not yet written: DEF_TYPE"


def test_opening_another_scenario_drops_the_draft(panel: RegisterPanel, document: Document) -> None:
    panel.open_registers((DEFTYPE,))
    click_bit(panel, 10)
    document.open(scenario(vcpus=3), None)
    assert len(panel.picker.buttons) == 3
    assert panel.detail.unwritten.text() == ""
    assert "0x0000_0000_0000_0c06" in panel.deftype.accessibleName()


# Writing


def test_write_inserts_an_event_at_the_playhead(panel: RegisterPanel, document: Document) -> None:
    document.set_playhead(300)
    panel.open_registers((DEFTYPE,))
    click_bit(panel, 10)
    QTest.mouseClick(panel.detail.writer.write_button, Qt.MouseButton.LeftButton)
    assert value(document, DEFTYPE) == 0x806
    assert value(document, DEFTYPE, vcpu=1) == 0xC06
    assert panel.detail.unwritten.text() == ""
    assert document.undo_label == "Write IA32_MTRR_DEF_TYPE = 0x806 on vCPU 0"
    document.undo()
    assert panel.detail.hex.text() == "0x0000_0000_0000_0c06"


def test_return_in_hex_writes(panel: RegisterPanel, document: Document) -> None:
    panel.open_registers((DEFTYPE,))
    retype(panel.detail.hex, "0")
    press(panel.detail.hex, Qt.Key.Key_Return)
    assert value(document, DEFTYPE) == 0


def test_ctrl_return_writes_from_the_bit_grid(panel: RegisterPanel, document: Document) -> None:
    panel.open_registers((DEFTYPE,))
    click_bit(panel, 11)
    control = Qt.KeyboardModifier.ControlModifier
    QTest.keyClick(panel.detail.grid, Qt.Key.Key_Return, control)
    assert value(document, DEFTYPE) == 0x406


def test_write_to_all_vcpus(panel: RegisterPanel, document: Document) -> None:
    panel.open_registers((PAT,))
    retype(panel.detail.hex, "0606060606060606")
    panel.detail.writer.target.setCurrentIndex(1)
    QTest.mouseClick(panel.detail.writer.write_button, Qt.MouseButton.LeftButton)
    assert {value(document, PAT, vcpu) for vcpu in range(4)} == {0x0606060606060606}


def test_write_as_a_kernel_does(panel: RegisterPanel, document: Document) -> None:
    panel.open_registers((0x250,))
    retype(panel.detail.hex, "0606060606060606")
    panel.detail.writer.target.setCurrentIndex(3)
    QTest.mouseClick(panel.detail.writer.write_button, Qt.MouseButton.LeftButton)
    made = [e for e in document.scenario.events if e.origin == "user" and e.vcpu == 2]
    assert [e.kind for e in made] == [
        EventKind.MOV_CR0,
        EventKind.WRMSR,
        EventKind.WRMSR,
        EventKind.WRMSR,
        EventKind.MOV_CR0,
    ]
    assert value(document, 0x250, vcpu=3) == 0x0606060606060606


def test_range_form_makes_the_pair(panel: RegisterPanel, document: Document) -> None:
    panel.open_registers(panel.ranges[0].msrs)
    form = panel.detail.range_form
    retype(form.base_edit, "0x4000_0000")
    retype(form.size_edit, "1 GiB")
    assert panel.detail.hex.text() == "0x0000_0000_4000_0000"
    assert panel.detail.meaning.text() == "1 GiB at 0x4000_0000, UC"
    press(form.size_edit, Qt.Key.Key_Return)
    assert (value(document, 0x200), value(document, 0x201)) == (0x4000_0000, 0xFF_C000_0800)
    assert "1 GiB at 0x4000_0000, UC" in panel.ranges[0].accessibleName()
    assert panel.detail.remark.text() == "7 of 8 pairs free on vCPU 0"


@pytest.mark.parametrize(
    ("base", "size", "why"),
    [
        ("0x0", "3 GiB", "power of two"),
        ("0x4000_0000", "2 GiB", "multiple of the size"),
        ("0xff_8000_0000", "4 GiB", "multiple of the size"),
        ("0x100_0000_0000", "4 GiB", "40-bit"),
        ("nowhere", "4 GiB", "not an address"),
    ],
)
def test_range_form_refuses_in_place(panel: RegisterPanel, base: str, size: str, why: str) -> None:
    panel.open_registers(panel.ranges[0].msrs)
    form = panel.detail.range_form
    retype(form.base_edit, base)
    retype(form.size_edit, size)
    assert why in form.error.text()
    assert not panel.detail.writer.write_button.isEnabled()
    assert panel.detail.unwritten.text() == ""
    panel.detail.revert()
    assert form.error.text() == ""


def test_pair_shows_base_or_mask(panel: RegisterPanel) -> None:
    panel.open_registers(panel.ranges[0].msrs)
    QTest.mouseClick(panel.detail._tab_buttons.button(1), Qt.MouseButton.LeftButton)
    assert panel.detail.msr == 0x201
    click_bit(panel, 11)
    assert panel.detail.range_form.valid.isChecked()


def test_all_sub_ranges_in_one_click(panel: RegisterPanel) -> None:
    panel.open_registers((0x268,))
    buttons = {b.accessibleName(): b for b in panel.detail.findChildren(QPushButton)}
    button = buttons["Set all eight sub-ranges to WB"]
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert panel.detail.meaning.text() == "WB 0xc_0000-0xc_7fff"


def test_cd_is_set_and_cleared(panel: RegisterPanel, document: Document) -> None:
    panel.open_registers((CR0_ID,))
    box = next(box for box in panel.detail.findChildren(FlagBox) if box.isVisible())
    assert box.text() == "CD"
    QTest.mouseClick(box, Qt.MouseButton.LeftButton, pos=QPoint(8, box.height() // 2))
    QTest.mouseClick(panel.detail.writer.write_button, Qt.MouseButton.LeftButton)
    assert not value(document, CR0_ID) & CR0_CD
    assert panel.cr0.accessibleName() == "CR0.CD: 0, caches on"


# Preview


def test_preview_follows_register_target_and_policy(
    panel: RegisterPanel, document: Document
) -> None:
    panel.open_registers((DEFTYPE,))
    words = panel.detail.writer.preview
    assert words.text() == "Zaps all memory: 0 of 0 leaves."
    panel.open_registers((PAT,))
    assert words.text() == "Zaps nothing: a PAT write never zaps."
    panel.open_registers((DEFTYPE,))
    document.select_vcpu(1)
    document.set_policy("per-vm")
    assert "policy per-vm does not zap" in words.text()


def test_preview_counts_the_leaves_at_the_playhead_as_it_moves(qtbot: QtBot) -> None:
    document = Document(open_scenario("small-machine"))
    panel = make(qtbot, document)
    panel.open_registers((DEFTYPE,))
    run = document.run
    assert run is not None
    counts = set()
    for part in range(41):
        document.set_playhead(document.duration_ns * part // 40)
        state = document.state
        assert state is not None
        words = panel.detail.writer.preview.text()
        if "leaves" in words:
            assert f" of {len(state.live_rows):,} leaves" in words
            counts.add(len(state.live_rows))
    assert len(counts) > 3
    assert len(counts) > len(run.scenario.events) // 40  # they change between events
    document.set_playhead(0)
    document.playback.play()
    document.playback.advance(document.duration_ns // 2)
    document.playback.pause()
    state = document.state
    assert state is not None
    assert f" of {len(state.live_rows):,} leaves" in panel.detail.writer.preview.text()


def hex_field(panel):
    """Return the open editor of DEF_TYPE with the keyboard in its hex field."""
    panel.open_register(DEFTYPE)
    field = panel.detail.hex
    field.setFocus()
    field.selectAll()
    return field


def test_the_write_button_stays_where_it_is_while_one_types(panel: RegisterPanel) -> None:
    button, places = panel.detail.writer.write_button, set()
    field = hex_field(panel)
    QApplication.processEvents()
    for text in ("0xc06", "0x806", "nonsense", "0x1", "0xffff_ffff", "3078"):
        field.selectAll()
        QTest.keyClicks(field, text)
        QApplication.processEvents()
        places.add((button.mapTo(panel.detail, QPoint(0, 0)).y(), "button"))
        places.add((field.mapTo(panel.detail, QPoint(0, 0)).y(), "field"))
    assert len(places) == 2


def test_text_that_is_no_number_leaves_nothing_known(panel: RegisterPanel) -> None:
    field, grid = hex_field(panel), panel.detail.grid
    QTest.keyClicks(field, "0x806")
    known = grid.grab().toImage()
    assert "bit 11 = 1" in grid.bit_words(11)
    QTest.keyClicks(field, "zz")
    assert "not known" in grid.bit_words(11)
    assert "no value" in grid.accessibleName()
    assert grid.grab().toImage() != known
    assert not panel.detail.meaning.text()
    toggled = []
    grid.toggled.connect(toggled.append)
    QTest.keyClick(grid, Qt.Key.Key_Space)
    assert not toggled
    field.selectAll()
    QTest.keyClicks(field, "0x806")
    assert "bit 11 = 1" in grid.bit_words(11)
    assert panel.detail.meaning.text()


def test_how_digits_were_read_is_said_beside_the_field(panel: RegisterPanel) -> None:
    field = hex_field(panel)
    QTest.keyClicks(field, "3078")
    assert panel.detail.draft is not None
    assert panel.detail.draft.values[DEFTYPE] == 0x3078
    said = panel.detail.read_as.text()
    assert "0x3078" in said
    assert "0xc06" in said
    field.selectAll()
    QTest.keyClicks(field, "0x3078")
    assert not panel.detail.read_as.text()


def test_an_example_does_not_look_like_a_value(panel: RegisterPanel) -> None:
    edit = panel.detail.range_form.base_edit
    edit.setText("")
    assert edit.placeholderText().startswith("e.g.")
    assert edit.font().italic()
    edit.setText("0x1000")
    assert not edit.font().italic()
