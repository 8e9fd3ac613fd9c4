"""The machine's settings: shown, judged, applied as one step that undo takes back."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialogButtonBox

from mtrrviz.gui.machine.machine_dialog import SETTINGS, MachineDialog
from mtrrviz.gui.shell.bridge import Bridge
from mtrrviz.scenario.library import open_scenario
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
    dialog.host_page.setCurrentIndex(dialog.host_page.findData(1))
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
