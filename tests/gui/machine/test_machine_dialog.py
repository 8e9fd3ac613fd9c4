"""The machine's settings: shown, judged, applied as one step that undo takes back."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QDialogButtonBox

from mtrrviz.gui.machine.machine_dialog import MachineDialog, NewDialog
from mtrrviz.gui.machine.machine_form import SETTINGS
from mtrrviz.gui.machine.region_model import KIND, NAME, SIZE
from mtrrviz.gui.shell.bridge import Bridge
from mtrrviz.scenario.generated.new_machines import LAYOUTS, MachineLayout
from mtrrviz.scenario.library import open_scenario
from mtrrviz.scenario.machine_spec import RegionKind
from mtrrviz.session.document import Document
from mtrrviz.sim import simulate

pytestmark = pytest.mark.gui


@pytest.fixture
def bridge() -> Bridge:
    return Bridge(Document(open_scenario("small-machine")))


@pytest.fixture
def dialog(bridge: Bridge, qtbot) -> MachineDialog:
    dialog = MachineDialog(bridge)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)  # the test does that
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def test_it_shows_the_machine_and_changes_nothing_unasked(bridge, dialog) -> None:
    assert dialog.chosen() == bridge.document.scenario.machine
    dialog.accept()
    assert not bridge.document.is_modified


@pytest.mark.parametrize("setting", [s.name for s in SETTINGS])
def test_each_setting_makes_the_run_of_such_a_machine(bridge, dialog, setting: str) -> None:
    document = bridge.document
    before = document.scenario
    dialog.boxes[setting].setChecked(False)
    dialog.accept()
    assert getattr(document.scenario.machine, setting) is False
    assert document.run is not None
    fresh = simulate(document.scenario, document.policy)
    assert document.run.leaves.bits.tolist() == fresh.leaves.bits.tolist()
    assert len(document.run.zaps) == len(fresh.zaps)
    document.undo()
    assert document.scenario is before


def test_host_pages_limit_the_leaves(bridge, dialog) -> None:
    page = dialog.editor.form.host_page
    page.setCurrentIndex(page.findData(1))
    dialog.accept()
    assert bridge.document.run is not None
    assert bridge.document.run.leaves.level.max() == 1


def test_the_combination_that_kvm_refuses_is_refused_in_place(dialog) -> None:
    ok = dialog.buttons.button(QDialogButtonBox.StandardButton.Ok)
    dialog.boxes["ignore_guest_pat"].setChecked(False)
    assert ok.isEnabled()
    dialog.boxes["self_snoop"].setChecked(False)
    assert not ok.isEnabled()
    assert dialog.problem.text()


def test_the_time_shown_stays(bridge, dialog) -> None:
    bridge.document.set_playhead(700_000_000)
    dialog.boxes["cd_nw_quirk"].setChecked(False)
    dialog.accept()
    assert bridge.document.playhead_ns == 700_000_000


def test_fewer_vcpus_say_what_goes_and_take_it_in_one_step(bridge, dialog) -> None:
    document = bridge.document
    before = document.scenario
    assert {event.vcpu for event in before.events} == {0, 1}
    dialog.editor.form.vcpus.setValue(1)
    assert "of vCPU 1" in dialog.problem.text()
    dialog.accept()
    assert {event.vcpu for event in document.scenario.events} == {0}
    document.undo()
    assert document.scenario is before


def test_a_machine_that_cannot_be_is_refused_in_place(dialog) -> None:
    ok = dialog.buttons.button(QDialogButtonBox.StandardButton.Ok)
    dialog.editor.form.memory.setText("many")
    dialog.editor.form.resized.emit()
    assert not ok.isEnabled()
    assert "size" in dialog.problem.text()


@pytest.fixture
def new(bridge: Bridge, qtbot) -> NewDialog:
    dialog = NewDialog(bridge)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.id)
def test_each_kind_of_machine_starts_a_scenario(new, qtbot, layout: MachineLayout) -> None:
    new.kind.setCurrentIndex(new.kind.findData(layout.id))
    with qtbot.waitSignal(new.made) as made:
        new.accept()
    scenario = made.args[0]
    assert scenario.machine == layout.machine()
    assert not scenario.events
    assert len(simulate(scenario, "per-vcpu").zaps) == 0


def test_other_memory_lays_the_regions_out_anew_until_they_are_edited(new) -> None:
    form, regions = new.editor.form, new.editor.regions
    form.memory.setText("16 GiB")
    form.memory.textEdited.emit("16 GiB")
    assert regions.regions == LAYOUTS[0].machine(memory_bytes=16 << 30).regions
    regions.table.selectRow(0)
    regions.split()
    edited = regions.regions
    form.memory.setText("8 GiB")
    form.memory.textEdited.emit("8 GiB")
    assert regions.regions == edited


def test_regions_are_typed_into_and_overlaps_refused_in_place(new) -> None:
    editor = new.editor.regions
    model = editor.model
    before = editor.regions
    assert not model.setData(model.index(0, SIZE), "1 GiB")
    assert "overlap" in editor.error.text()
    assert editor.regions == before
    assert model.setData(model.index(0, NAME), "conventional memory")
    assert model.setData(model.index(0, KIND), "rom")
    assert model.setData(model.index(0, SIZE), "512 KiB")
    region = editor.regions[0]
    assert (region.name, region.kind, region.size_bytes) == (
        "conventional memory", RegionKind.ROM, 512 << 10,
    )  # fmt: skip
    assert not editor.error.text()


def test_a_border_dragged_on_the_strip_changes_the_table(new, qtbot) -> None:
    editor = new.editor
    editor.tabs.setCurrentWidget(editor.regions)
    qtbot.waitExposed(new)
    strip = editor.regions.strip
    first = strip.pieces()[0]
    at = QPoint(round(first.right), strip.height() // 2)
    qtbot.mousePress(strip, Qt.MouseButton.LeftButton, pos=at)
    qtbot.mouseMove(strip, at - QPoint(round((first.right - first.left) / 2), 0))
    qtbot.mouseRelease(strip, Qt.MouseButton.LeftButton)
    low, window = editor.regions.regions[:2]
    assert low.end == window.start < 0xA_0000
    assert editor.regions.selected == 0
    assert new.chosen().regions[:2] == (low, window)
