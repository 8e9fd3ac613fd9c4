"""The published panel: all rows, worked out in the background, with a plot beside the table."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QGuiApplication

from mtrrviz.analysis.validation import HEADER, as_cells, validate
from mtrrviz.gui.common.looks.theme import LIGHT
from mtrrviz.gui.published import published_rows
from mtrrviz.gui.published.published_panel import PublishedPanel
from mtrrviz.gui.published.published_rows import PublishedRows
from mtrrviz.gui.shell.bridge import Bridge
from mtrrviz.gui.shell.worker import Worker
from mtrrviz.scenario.library import open_scenario
from mtrrviz.session.document import Document
from mtrrviz.sim.cost_model import DEFAULT_COSTS

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
    monkeypatch.setattr(published_rows, "validated", lambda: iter(rows))
    worker = Worker()
    panel = PublishedPanel(bridge, PublishedRows(bridge, worker))
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
    qtbot.keyClick(panel.table, "C", modifier=Qt.KeyboardModifier.ControlModifier)
    lines = QGuiApplication.clipboard().text().splitlines()
    assert [line.split("\t")[5] for line in lines] == ["zaps", "14"]


def test_a_failure_is_told(bridge, qtbot, monkeypatch):
    def failing():
        raise OSError("no such boot")
        yield

    monkeypatch.setattr(published_rows, "validated", failing)
    worker = Worker()
    panel = PublishedPanel(bridge, PublishedRows(bridge, worker))
    qtbot.addWidget(panel)
    panel.show()
    qtbot.waitUntil(lambda: "no such boot" in panel.summary.text())
    worker.wait()


def test_another_theme_recolours_the_plot(panel, bridge):
    bridge.set_theme(LIGHT)
    assert panel._plot.widget.backgroundBrush().color().name() == LIGHT.panel.lower()


def test_rows_table_and_plot_follow_other_constants(panel, bridge, qtbot):
    panel.table.selectRow(3)
    before = panel.table.item(3, 8).text()
    costs = DEFAULT_COSTS.with_values({"turn": 20000.0})
    bridge.document.set_costs(costs)
    qtbot.waitUntil(lambda: panel.rows[0].costs == costs, timeout=20_000)
    assert panel.table.currentRow() == 3
    assert panel.table.item(3, 8).text() != before
    assert panel.table.item(3, 10).text() == "changed"
    assert "With changed constants (turn=20000)" in panel.summary.text()
    names = [label.text for _, label in panel._plot._legend.items]
    assert names == ["constants changed"]


def test_constants_that_leave_no_cycles_leave_no_points(panel, bridge, qtbot):
    bridge.document.set_costs(DEFAULT_COSTS.with_values({"turn": 0.0, "own": 0.0, "flush": 0.0}))
    qtbot.waitUntil(lambda: not panel.rows[0].costs.is_default, timeout=20_000)
    panel.table.selectRow(2)
    assert panel._plot._mark is None


def test_constants_changed_while_hidden_are_looked_at_when_shown(panel, bridge, qtbot):
    panel.hide()
    bridge.document.set_costs(DEFAULT_COSTS.with_values({"turn": 7000.0}))
    qtbot.wait(20)
    assert panel.rows[0].costs.is_default
    panel.show()
    qtbot.waitUntil(lambda: not panel.rows[0].costs.is_default, timeout=20_000)
