"""From a step of the chain to what it speaks of: registers, map and events of the whole window."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QColor

from mtrrviz.core.msr.registers import DEFTYPE
from mtrrviz.geometry.map.map_viewport import Viewport
from mtrrviz.scenario.library import open_scenario
from mtrrviz.session.selection import Selection

pytestmark = pytest.mark.gui


def step_row(bench, kind, decides=None):
    rows = bench.views.inspector.steps.rows
    return next(
        row for row in rows if row.step.kind == kind and decides in (None, row.step.decides)
    )


def test_a_variable_range_opens_its_pair_with_the_type_framed(qtbot, bench):
    step_row(bench, "variable", decides=True).click()
    panel = bench.views.registers
    assert panel.ranges[0].isChecked()
    assert panel.detail.msr == 0x200
    assert "Type (7:0)" in panel.detail.readout.text()
    grid = panel.detail.grid
    qtbot.waitUntil(lambda: not grid.grab().isNull())
    before = grid.grab().toImage()
    bench.document.point_at(None)
    assert grid.grab().toImage() != before


def test_the_mask_is_shown_where_a_step_speaks_of_it(bench):
    bench.document.point_at(Selection(0, 0x201, "V"))
    assert bench.views.registers.ranges[0].isChecked()
    assert bench.views.registers.detail.msr == 0x201
    assert "bit 11 = 1 · V" in bench.views.registers.detail.readout.text()


def test_a_fixed_range_frames_its_byte(bench):
    bench.document.select_page(0x85)
    step_row(bench, "fixed").click()
    strip = bench.views.registers.fixed
    assert strip._pointed == (0x258, 1)
    framed = strip.grab().toImage()
    bench.document.point_at(None)
    assert strip._pointed is None
    assert strip.grab().toImage() != framed


def test_the_range_is_outlined_on_the_map(bench):
    canvas = bench.views.map.map.canvas
    plain = canvas.grab().toImage()
    bench.document.point_at(Selection(gfns=(0x80, 0xA0)))
    outlined = canvas.grab().toImage()
    corner = canvas.rect_of(0x80).topLeft()
    around = {
        outlined.pixelColor(x, corner.y() - 1).name() for x in range(corner.x(), corner.x() + 60)
    }
    assert QColor(bench.bridge.theme.text).name() in around
    assert plain != outlined


def test_a_range_beside_the_window_of_the_map_is_made_visible(bench):
    canvas = bench.views.map.map.canvas
    canvas.set_view(Viewport(0x2000, 1024))
    bench.document.point_at(Selection(gfns=(0x2010, 0x2020)))
    assert canvas.view == Viewport(0x2000, 1024)
    bench.document.point_at(Selection(gfns=(0x80, 0xA0)))
    assert canvas.view is None


def test_devices_bring_up_the_event_that_attached_them(qtbot, bench):
    bench.document.set_playhead(1_900_000_000)
    step_row(bench, "dma").click()
    qtbot.waitUntil(bench.views.events.isVisible)
    row = bench.views.events.current_row()
    assert row is not None
    assert bench.views.events.model.source_row(row) == bench.document.selection.event


def test_the_events_table_selects_the_event_when_it_is_shown(qtbot, bench):
    step_row(bench, "enable").click()
    assert bench.document.selection.msr == DEFTYPE
    assert not bench.views.events.isVisible()
    bench.docks["events"].raise_()
    qtbot.waitUntil(bench.views.events.isVisible)
    assert (
        bench.views.events.model.source_row(bench.views.events.current_row())
        == bench.document.selection.event
    )


def test_another_vcpus_register_selects_that_vcpu(bench):
    bench.document.set_policy("per-vm")
    bench.document.select_vcpu(1)
    step_row(bench, "variable", decides=True).click()
    assert bench.document.vcpu == 0
    assert "vCPU 0" in bench.window.statusBar().currentMessage()


def test_a_register_set_from_the_start_says_so(qtbot, bench):
    bench.document.open(open_scenario("sandbox"), None)
    bench.document.select_page(0x10)
    step_row(bench, "cd").event_wanted.emit()
    assert "from the start" in bench.window.statusBar().currentMessage()
