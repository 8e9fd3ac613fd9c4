"""The History panel: its axes are drawn once, and much is worked out beside the window."""

from __future__ import annotations

import pyqtgraph

from mtrrviz.gui.history import history_panel
from mtrrviz.gui.history.history_panel import HistoryPanel
from mtrrviz.gui.shell.bridge import Bridge
from mtrrviz.scenario.library import open_scenario
from mtrrviz.session.document import Document
from mtrrviz.session.edits import RegisterWrite, write_registers
from tests.gui.later import Later, shown_later


def test_a_moved_playhead_draws_no_axis_anew(qapp, qtbot, monkeypatch) -> None:
    document = Document(open_scenario("small-machine"))
    panel = HistoryPanel(Bridge(document))
    qtbot.addWidget(panel)
    panel.resize(600, 300)
    drawn: list[object] = []
    paint = pyqtgraph.AxisItem.paint

    def counted(axis, *arguments) -> None:
        drawn.append(axis)
        paint(axis, *arguments)

    monkeypatch.setattr(pyqtgraph.AxisItem, "paint", counted)
    panel.show()
    qtbot.waitUntil(lambda: len(set(drawn)) == 4)
    for _ in range(5):
        qapp.processEvents()
    drawn.clear()
    for part in range(1, 4):
        document.set_playhead(document.duration_ns * part // 4)
        qapp.processEvents()
    assert drawn == []


def test_curves_of_very_many_leaves_are_worked_out_beside_the_window(qtbot, monkeypatch):
    monkeypatch.setattr(history_panel, "_AT_ONCE", 0)
    later = Later()
    panel = shown_later(qtbot, later, HistoryPanel, lambda _: None)
    document = panel.bridge.document
    assert panel.accessibleDescription() == ""
    later.do_all()
    assert panel.accessibleDescription().startswith("At the end of the scenario: ")
    before = panel.accessibleDescription()
    document.apply(write_registers(document.scenario, 0, (0,), [RegisterWrite(0x2FF, 0xC06)]))
    later.do_all()
    assert panel.accessibleDescription() != before


def test_no_curves_of_a_closed_scenario_are_drawn(qtbot, monkeypatch):
    monkeypatch.setattr(history_panel, "_AT_ONCE", 0)
    later = Later()
    panel = shown_later(qtbot, later, HistoryPanel, lambda _: None)
    document = panel.bridge.document
    tell = later.work()
    panel.hide()
    document.open(open_scenario("lagging-ap"), None)
    tell()
    panel.show()
    assert panel.accessibleDescription() == ""
    later.do_all()
    assert panel.accessibleDescription() != ""


def test_the_legends_fit_into_a_low_panel(qapp, qtbot):
    panel = HistoryPanel(Bridge(Document(open_scenario("small-machine"))))
    qtbot.addWidget(panel)
    panel.resize(1200, 170)
    panel.show()
    for _ in range(5):
        qapp.processEvents()
    plots = panel._plots
    assert plots is not None
    for plot in (plots._leaves, plots._zaps):
        assert len(plot.legend.items) >= 2
        bottom = plot.legend.mapRectToItem(plot.vb, plot.legend.boundingRect()).bottom()
        assert 0 < bottom <= plot.vb.boundingRect().bottom() + 4
