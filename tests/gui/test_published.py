"""The published panel: all rows, worked out in the background, with a plot beside the table."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QGuiApplication

from mtrrviz.analysis.validation import HEADER, as_cells, validate
from mtrrviz.gui import published
from mtrrviz.gui.bridge import Bridge
from mtrrviz.gui.published import PublishedPanel
from mtrrviz.gui.theme import LIGHT
from mtrrviz.gui.worker import Worker
from mtrrviz.scenario.library import open_scenario
from mtrrviz.session.document import Document

pytestmark = pytest.mark.gui


@pytest.fixture(scope="module")
def rows():
    return validate()


@pytest.fixture
def bridge():
    return Bridge(Document(open_scenario("sandbox")))


@pytest.fixture
def hidden(bridge, qtbot, rows, monkeypatch):
    """The panel before it is shown, with rows that are known already."""
    monkeypatch.setattr(published, "validated", lambda: iter(rows))
    worker = Worker()
    panel = PublishedPanel(bridge, worker)
    panel.resize(1000, 400)
    qtbot.addWidget(panel)
    yield panel
    panel.hide()
    worker.wait()


@pytest.fixture
def panel(hidden, qtbot):
    hidden.show()
    qtbot.waitUntil(lambda: hidden.is_complete, timeout=20_000)
    return hidden


def test_nothing_is_worked_out_before_it_is_shown(hidden, qtbot):
    qtbot.wait(20)
    assert hidden.rows == []
    assert hidden.table.rowCount() == 0


def test_all_rows_are_in_the_table(panel, rows):
    shown = [
        tuple(panel.table.item(row, column).text() for column in range(len(HEADER)))
        for row in range(panel.table.rowCount())
    ]
    assert shown == as_cells(rows)[1]
    assert "46 of 46 zap counts" in panel.summary.text()


def test_it_goes_on_where_hiding_interrupted(hidden, qtbot, rows):
    hidden.show()
    qtbot.waitUntil(lambda: len(hidden.rows) > 3)
    hidden.hide()
    qtbot.wait(20)
    held = len(hidden.rows)
    assert held < len(rows)
    hidden.show()
    qtbot.waitUntil(lambda: hidden.is_complete)
    assert hidden.rows == rows


def test_the_current_row_is_marked_in_the_plot_and_a_point_picks_its_row(panel, rows):
    panel.table.selectRow(22)
    x, y = panel._plot._mark.getOriginalDataset()
    assert (x.tolist(), y.tolist()) == ([17683.24], [rows[22].zap_mcycles])

    class Point:
        def pos(self):
            return QPointF(4.414, 4.34)

    panel._plot._clicked(None, [Point()], None)
    assert panel.rows[panel.table.currentRow()].published.zap_mcycles == 25944.80


def test_rows_are_copied_with_the_header(panel, qtbot):
    panel.table.selectRow(1)
    panel.table.setFocus()
    qtbot.keyClick(panel.table, "C", modifier=published.Qt.KeyboardModifier.ControlModifier)
    lines = QGuiApplication.clipboard().text().splitlines()
    assert [line.split("\t")[5] for line in lines] == ["zaps", "14"]


def test_a_failure_is_told(bridge, qtbot, monkeypatch):
    def failing():
        raise OSError("no such boot")
        yield

    monkeypatch.setattr(published, "validated", failing)
    worker = Worker()
    panel = PublishedPanel(bridge, worker)
    qtbot.addWidget(panel)
    panel.show()
    qtbot.waitUntil(lambda: "no such boot" in panel.summary.text())
    worker.wait()


def test_another_theme_recolours_the_plot(panel, bridge):
    bridge.set_theme(LIGHT)
    assert panel._plot.widget.backgroundBrush().color().name() == LIGHT.panel.lower()
