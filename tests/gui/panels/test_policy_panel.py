"""The policy panel: switches, lookup, rules and stories of the two policies."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from mtrrviz.gui.machine.settings_bar import SettingsBar
from mtrrviz.gui.policy.policy_panel import PolicyPanel
from mtrrviz.gui.results.results_strip import ResultsStrip
from mtrrviz.gui.shell.bridge import Bridge
from mtrrviz.scenario.library import open_scenario
from mtrrviz.session.document import Document

pytestmark = pytest.mark.gui


@pytest.fixture
def bridge():
    made = Bridge(Document(open_scenario("kvm-and-manual")))
    yield made
    made.close()


@pytest.fixture
def panel(qtbot, bridge):
    widget = PolicyPanel(bridge)
    qtbot.addWidget(widget)
    widget.resize(280, 600)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def test_choosing_a_policy_tells_its_story(panel, bridge):
    bridge.document.set_policy("kvm-6.16")
    assert "Linux 6.16: PAT as a quirk" in panel.in_use.name.text()
    assert "c9c1e20b4c7d" in panel.story.text()
    assert not panel.in_use.kvm.isVisible()
    assert "kvm-6.16" in panel.rules.text()


def test_the_lookup_is_chosen_by_keyboard(panel, bridge):
    bridge.document.set_policy("per-vcpu")
    assert panel.in_use.kvm.isChecked()
    panel.in_use.sdm.setFocus()
    QTest.keyClick(panel.in_use.sdm, Qt.Key.Key_Space)
    assert bridge.document.policy == "per-vcpu:sdm-lookup"
    assert panel.in_use.sdm.isChecked()
    assert "by the SDM" in panel.rules.text()
    panel.in_use.kvm.click()
    assert bridge.document.policy == "per-vcpu"


def test_switches_of_both_policies_are_boxes(panel, bridge):
    bridge.document.set_policy("per-vm")
    panel.in_use.boxes["srcu-leak"].click()
    panel.in_use.boxes["literal-has-mtrr"].click()
    assert bridge.document.policy == "per-vm:literal-has-mtrr:srcu-leak"
    panel.in_use.boxes["srcu-leak"].click()
    assert bridge.document.policy == "per-vm:literal-has-mtrr"
    bridge.document.set_compared_policy("per-vcpu")
    assert not panel.compared.boxes
    panel.compared.sdm.click()
    assert bridge.document.compared_policy == "per-vcpu:sdm-lookup"


def test_rules_that_differ_are_marked(panel, bridge):
    bridge.document.set_policy("per-vm")
    bridge.document.set_compared_policy("per-vcpu")
    assert "\N{NOT EQUAL TO} MTRR write by another vCPU" in panel.rules.text()
    assert "\N{NOT EQUAL TO} host MMIO" not in panel.rules.text()


def test_the_bar_shows_the_variant_in_force(qtbot, bridge):
    bar = SettingsBar(bridge)
    qtbot.addWidget(bar)
    told = []
    bridge.message.connect(told.append)
    bridge.document.set_policy("per-vm:srcu-leak")
    assert (bar.policy.currentText(), bar.policy.currentData()) == ("per-vm:srcu-leak",) * 2
    assert "SRCU read lock left held" in bar.policy.toolTip()
    assert told[-1].startswith("per-vm:srcu-leak, patch series v2")
    bridge.document.set_policy("per-vm:literal-has-mtrr:srcu-leak")
    assert bar.policy.currentText() == "per-vm:2 switches"
    bridge.document.set_policy("cd-toggle")
    assert bar.policy.findData("per-vm") >= 0
    assert bar.policy.currentData() == "cd-toggle"


def test_locks_left_held_are_shown_while_the_switch_is_on(qtbot, bridge):
    strip = ResultsStrip(bridge)
    qtbot.addWidget(strip)
    strip.resize(1280, 60)
    strip.show()
    qtbot.waitExposed(strip)
    bridge.document.set_policy("per-vcpu")
    bridge.document.set_compared_policy("per-vm")
    assert strip.cells["srcu"].isHidden()
    bridge.document.set_policy("per-vm:srcu-leak")
    bridge.document.set_playhead(bridge.document.duration_ns)
    assert strip.cells["srcu"].isVisible()
    assert strip.cells["srcu"].value.text() == "2,976"
