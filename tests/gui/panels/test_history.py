"""The History panel draws its axes once, not with every move of the playhead."""

from __future__ import annotations

import pyqtgraph

from mtrrviz.gui.history.history_panel import HistoryPanel
from mtrrviz.gui.shell.bridge import Bridge
from mtrrviz.scenario.library import open_scenario
from mtrrviz.session.document import Document


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
