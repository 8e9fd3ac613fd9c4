"""The trace check in the window: counts, table, marks on the map and ticks on the timeline."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor

from mtrrviz.core.memtype import MemoryType
from mtrrviz.gui.shell.main_window import MainWindow
from mtrrviz.gui.shell.workbench import Workbench
from mtrrviz.gui.shell.worker import Worker
from mtrrviz.gui.trace_check.mismatch_table_view import NOTHING_OBSERVED
from mtrrviz.scenario.library import open_scenario
from mtrrviz.session.document import Document
from tests.facts.tables.test_mismatch_rows import TRACE
from tests.importers.helpers import imported
from tests.importers.traces.test_observed import SETUP, entry, leaf

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget
    from pytestqt.qtbot import QtBot

    from mtrrviz.gui.shell.settings import Settings

pytestmark = pytest.mark.gui


@pytest.fixture
def bench(qtbot: QtBot, settings: Settings) -> Workbench:
    window = MainWindow(settings)
    qtbot.addWidget(window)
    window.show()
    bench = Workbench(window, Document(imported(TRACE).scenario), Worker(window), settings)
    show(bench, "trace_check", bench.views.trace_check.table, qtbot)
    return bench


def show(bench: Workbench, name: str, view: QWidget, qtbot: QtBot) -> None:
    """Bring a dock to the front."""
    bench.docks[name].raise_()
    qtbot.waitUntil(view.isVisible)


def test_counts_rows_and_causes(bench: Workbench) -> None:
    panel = bench.views.trace_check
    assert panel.headline.text() == "2 of 3 real entries differ under per-vcpu"
    assert panel.table.model.rowCount() == 2
    panel.table.view.setCurrentIndex(panel.table.model.index(1, 0))
    assert "no device with non-coherent DMA" in panel.story.text()


def test_a_click_goes_to_the_entry(bench: Workbench, qtbot: QtBot) -> None:
    table, document = bench.views.trace_check.table, bench.document
    cell = table.view.visualRect(table.model.index(1, 2)).center()
    qtbot.mouseClick(table.view.viewport(), Qt.MouseButton.LeftButton, pos=cell)
    assert document.gfn == 0x400
    assert document.playhead_ns == table.model.time_ns(1)
    table.view.setCurrentIndex(table.model.index(0, 0))
    qtbot.keyClick(table.view, Qt.Key.Key_Return)
    assert document.gfn == 0x100


def test_another_policy_is_checked_anew(bench: Workbench, qtbot: QtBot) -> None:
    lagging = SETUP.replace("qemu-5745", "CPU 0/KVM-1")
    other = entry(0x100, leaf(MemoryType.UC), task="CPU 1/KVM-2")
    extra = SETUP.splitlines(keepends=True)[2].replace("0x806", "0x800")
    text = lagging + extra.replace("qemu-5745", "CPU 1/KVM-2") + other
    bench.document.open(imported(text).scenario, None)
    assert bench.views.trace_check.headline.text() == "The real entry is as per-vcpu makes them"
    bench.document.set_policy("per-vm")
    assert bench.views.trace_check.headline.text() == "1 of 1 real entry differs under per-vm"
    assert bench.views.trace_check.table.model.rowCount() == 1


def test_marks_on_the_map_come_and_go_with_the_playhead(bench: Workbench) -> None:
    canvas, legend = bench.views.map.map.canvas, bench.views.map.map.legend
    counts = []
    for time_ns in (0, 15_000, 25_000, 40_000):
        bench.document.set_playhead(time_ns)
        canvas.grab()
        counts.append([words for words in legend.words if "real entry" in words])
    assert counts == [
        [], ["real entry differs 1"], ["real entry differs 2"], ["real entry differs 1"],
    ]  # fmt: skip


def test_a_marked_dot_is_crossed_out(bench: Workbench) -> None:
    canvas = bench.views.map.map.canvas
    rect = canvas.rect_of(0x400)
    assert rect is not None
    ink = QColor(bench.bridge.theme.text).rgb()
    found = []
    for time_ns in (15_000, 25_000):
        bench.document.set_playhead(time_ns)
        image = canvas.grab(rect).toImage()
        pixels = [image.pixel(x, y) for x in range(image.width()) for y in range(image.height())]
        found.append(ink in pixels)
    assert found == [False, True]
    dot = canvas.layout_shown.dot_of(0x400)
    assert dot is not None
    assert "a real entry differs: really WB, IPAT 1" in "\n".join(canvas.words_for(dot))


def test_ticks_on_the_timeline_have_words(bench: Workbench, qtbot: QtBot) -> None:
    canvas = bench.views.timeline.canvas
    show(bench, "timeline", canvas, qtbot)
    layout = canvas.layout_rows
    x = canvas.axis.x(bench.views.trace_check.table.model.time_ns(0))
    y = (layout.check_top + layout.check_bottom) / 2
    assert "Real entries that differ under per-vcpu" in canvas.tooltip_at(QPointF(x, y))
    image = canvas.grab().toImage()
    row = {image.pixel(int(x) + dx, layout.check_top + 4) for dx in range(-1, 4)}
    assert len(row) > 1


def test_a_scenario_without_a_trace_says_so(bench: Workbench, qtbot: QtBot) -> None:
    show(bench, "timeline", bench.views.timeline.canvas, qtbot)
    bench.document.open(open_scenario("small-machine"), None)
    panel = bench.views.trace_check
    panel.refresh()
    assert not panel.headline.text()
    assert panel.table.empty_words() == NOTHING_OBSERVED
    layout = bench.views.timeline.canvas.layout_rows
    assert layout.check_top == layout.check_bottom
