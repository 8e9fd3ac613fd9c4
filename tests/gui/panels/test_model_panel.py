"""The model panel: values are typed, the window's figures follow, Esc and Reset take them back."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtWidgets import QApplication

from mtrrviz.facts.figures import figures
from mtrrviz.facts.tables.constant_rows import ConstantRows
from mtrrviz.gui.model import ModelPanel
from mtrrviz.gui.model.value_delegate import ConstantEdit
from mtrrviz.gui.published.published_rows import PublishedRows
from mtrrviz.gui.results.results_strip import ResultsStrip
from mtrrviz.gui.shell.bridge import Bridge
from mtrrviz.gui.shell.worker import Worker
from mtrrviz.session.document import Document
from mtrrviz.sim.cost_model import DEFAULT_COSTS
from mtrrviz.sim.memtype_speed import platforms
from tests.session.booting import boot

pytestmark = pytest.mark.gui

VALUE = ConstantRows.shown.index("value")
TITLES = ConstantRows(DEFAULT_COSTS).titles
TURN_CYCLES = DEFAULT_COSTS.lock.turn.value
TURN = next(n for n, e in enumerate(DEFAULT_COSTS.entries()) if e.name == "turn")


@pytest.fixture
def bridge():
    return Bridge(Document(boot()))


@pytest.fixture
def panel(bridge, qtbot):
    worker = Worker()
    panel = ModelPanel(bridge, PublishedRows(bridge, worker))
    panel.resize(1200, 260)
    qtbot.addWidget(panel)
    panel.show()
    yield panel
    panel.hide()
    worker.wait()


@pytest.fixture
def edit(panel, qtbot):
    """Open the editor of a constant and return it."""

    def open_editor(row=TURN):
        panel.table.setFocus()
        panel.table.setCurrentIndex(panel.model.index(row, VALUE))
        panel.table.edit(panel.model.index(row, VALUE))
        editor = QApplication.focusWidget() or panel.table.findChild(ConstantEdit)
        assert isinstance(editor, ConstantEdit)
        editor.selectAll()
        return editor

    return open_editor


def cell(panel, row, name):
    return panel.model.index(row, TITLES.index(name)).data()


def results(panel):
    table = panel.results
    return {
        table.item(row, 0).text(): (table.item(row, 1).text(), table.item(row, 2).text())
        for row in range(table.rowCount())
    }


def test_every_constant_is_there_with_its_source(panel, qtmodeltester):
    qtmodeltester.check(panel.model)
    parts = [cell(panel, row, "part") for row in range(panel.model.rowCount())]
    assert list(dict.fromkeys(parts)) == ["lock", "boot", "memory"]
    assert len(parts) == len(DEFAULT_COSTS.constants())
    for row in range(len(parts)):
        assert cell(panel, row, "source")
        assert cell(panel, row, "known") in {"fitted", "chosen", "assumed", "given", "measured"}
        assert cell(panel, row, "value") == cell(panel, row, "default")


def test_figures_follow_while_a_value_is_typed(panel, bridge, edit, qtbot):
    cycles = figures(bridge.document.run).zap_mcycles
    editor = edit()
    qtbot.keyClicks(editor, "54000")
    assert bridge.document.costs.changes == {"turn": 54000}
    assert figures(bridge.document.run).zap_mcycles > cycles
    assert cell(panel, TURN, "known") == "changed"
    assert panel.model.index(TURN, 0).data(Qt.ItemDataRole.FontRole).bold()
    default, now = results(panel)["per-vcpu: zap cycles"]
    assert default == f"{cycles:,.1f} M"
    assert now == f"{figures(bridge.document.run).zap_mcycles:,.1f} M"
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: panel.table.findChild(ConstantEdit) is None)
    assert cell(panel, TURN, "value") == "54,000"


def test_escape_takes_back_what_was_typed(panel, bridge, edit, qtbot):
    editor = edit()
    qtbot.keyClicks(editor, "9")
    assert not bridge.document.costs.is_default
    qtbot.keyClick(editor, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: bridge.document.costs.is_default)


@pytest.mark.parametrize("typed", ["12x", "-3", "1e99", "nan"])
def test_what_cannot_be_is_refused_with_words_and_changes_nothing(
    panel, bridge, edit, qtbot, typed
):
    editor = edit()
    editor.clear()
    qtbot.keyClicks(editor, typed)
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert "turn" in panel.hint.text()
    assert f"{1000 * TURN_CYCLES:,.0f}" in panel.hint.text()
    assert panel.hint.objectName() == "error"
    assert bridge.document.costs.changes.get("turn", 0) <= 1000 * TURN_CYCLES
    qtbot.waitUntil(lambda: panel.table.findChild(ConstantEdit) is None)
    assert panel.hint.objectName() == "error"
    edit(row=0)
    assert panel.hint.objectName() == "dim"


def test_arrow_keys_turn_a_value(bridge, edit, qtbot):
    editor = edit()
    qtbot.keyClick(editor, Qt.Key.Key_Up)
    assert bridge.document.costs.lock.turn.value == pytest.approx(1.1 * TURN_CYCLES, rel=1e-4)
    qtbot.keyClick(editor, Qt.Key.Key_Down)
    assert bridge.document.costs.lock.turn.value == pytest.approx(TURN_CYCLES, rel=1e-4)
    editor.setText("0")
    qtbot.keyClick(editor, Qt.Key.Key_Up)
    assert 0 < bridge.document.costs.lock.turn.value < TURN_CYCLES


def test_one_constant_or_all_can_be_reset(panel, bridge):
    document = bridge.document
    assert not panel.reset_all.isEnabled()
    document.set_costs(DEFAULT_COSTS.with_values({"turn": 1, "own": 2, "base": 3}))
    panel.table.setCurrentIndex(panel.model.index(TURN, 0))
    panel.reset_one.click()
    assert document.costs.changes == {"own": 2, "base": 3}
    assert not panel.reset_one.isEnabled()
    panel.reset_all.click()
    assert document.costs.is_default


def test_the_user_picks_the_cpu_whose_speeds_are_shown(panel, bridge):
    speeds = [panel.model.index(panel.model.rowCount() - 1, VALUE).data()]
    index = panel.cpu.findData("Coffee Lake-S")
    panel.cpu.setCurrentIndex(index)
    panel.cpu.activated.emit(index)
    assert bridge.document.costs.platform == "Coffee Lake-S"
    speeds.append(panel.model.index(panel.model.rowCount() - 1, VALUE).data())
    assert speeds[0] != speeds[1]
    assert panel.cpu.count() == len(platforms())
    bridge.document.set_costs(DEFAULT_COSTS)
    assert panel.cpu.currentData() == DEFAULT_COSTS.platform


def test_measured_speeds_cannot_be_typed_over(panel):
    last = panel.model.index(panel.model.rowCount() - 1, VALUE)
    assert not last.flags() & Qt.ItemFlag.ItemIsEditable
    assert panel.model.index(0, VALUE).flags() & Qt.ItemFlag.ItemIsEditable
    assert panel.model.flags(QModelIndex()) == Qt.ItemFlag.NoItemFlags


def test_the_fit_to_published_rows_is_shown_beside_the_defaults(panel, bridge, qtbot):
    qtbot.waitUntil(lambda: panel._published.is_complete, timeout=60_000)
    default, now = results(panel)["cycles, all published rows"]
    assert default == now
    assert panel.progress.isHidden()
    bridge.document.set_costs(DEFAULT_COSTS.with_values({"turn": 20000.0}))
    qtbot.waitUntil(lambda: panel._published.is_current, timeout=20_000)
    worse = results(panel)["cycles, all published rows"]
    assert worse[0] == default
    assert float(worse[1].removeprefix("x ")) > float(default.removeprefix("x "))


def test_the_results_strip_says_that_constants_were_changed(bridge, qtbot):
    strip = ResultsStrip(bridge)
    qtbot.addWidget(strip)
    strip.resize(1400, 50)
    strip.show()
    caption = strip.cells["cycles"]._caption
    assert caption.text() == "zap cycles (modelled)"
    bridge.document.set_costs(DEFAULT_COSTS.with_values({"turn": 1}))
    assert caption.text() == "zap cycles (modelled, constants changed)"
    assert "turn=1" in strip.cells["cycles"].toolTip()
    assert "constants changed" in strip.accessibleDescription()
