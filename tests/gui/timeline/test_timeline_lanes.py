"""Lanes of the timeline: renamed and made taller, by mouse and by keys."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication, QInputDialog, QMenu

from mtrrviz.gui.timeline.timeline_menu import TimelineMenu
from mtrrviz.scenario.vcpu_name import VcpuName
from mtrrviz.session.document import Document
from tests.gui.timeline.timeline_hands import ask_menu, choose, shown_timeline
from tests.session.booting import boot

pytestmark = pytest.mark.gui


@pytest.fixture
def document() -> Document:
    return Document(boot())


@pytest.fixture
def view(qtbot, document):
    return shown_timeline(qtbot, document)


@pytest.fixture
def named(monkeypatch) -> list[str]:
    """Answer the question for a name, and keep which name there was."""
    before: list[str] = []

    def answer(*_args, text=""):
        before.append(text)
        return "lagging AP", True

    monkeypatch.setattr(QInputDialog, "getText", answer)
    return before


def on_name(view, lane) -> QPoint:
    rows = view.canvas.layout_rows
    return QPoint(20, (rows.lane_top(lane) + rows.lane_top(lane + 1)) // 2)


def lane_menu(view, lane) -> QMenu:
    ask_menu(view, on_name(view, lane))
    return view.canvas.findChildren(QMenu, "lane_menu")[-1]


def test_a_lane_is_renamed_by_its_menu_and_undo_takes_it_back(view, document, named):
    choose(lane_menu(view, 1), "Rename lane")
    assert document.scenario.vcpu_names == (VcpuName(1, "lagging AP"),)
    assert "lagging AP" in view.canvas.tooltip_at(QPointF(on_name(view, 1)))
    assert "vCPU 1" in view.canvas.tooltip_at(QPointF(on_name(view, 1)))
    choose(lane_menu(view, 1), "Rename lane")
    assert named == ["", "lagging AP"]
    assert document.undo_label == "Rename vCPU 1 to 'lagging AP'"
    document.undo()
    assert document.scenario.vcpu_names == ()
    assert document.undo_label is None, "the same name again is no edit"


def test_a_name_that_is_painted_differs_from_the_usual_one(view, named):
    def painted():
        image = view.canvas.grab().toImage()
        return image.copy(0, view.canvas.layout_rows.lanes_top - 4, 60, 60)

    before = painted()
    choose(lane_menu(view, 1), "Rename lane")
    assert painted() != before


def test_one_lane_is_made_taller_and_shorter(view):
    canvas = view.canvas
    usual = canvas.layout_rows.lane_px
    choose(lane_menu(view, 1), "Taller")
    choose(lane_menu(view, 1), "Taller")
    rows = canvas.layout_rows
    assert rows.lane_height(1) == usual + 16
    assert rows.lane_height(0) == rows.lane_height(2) == rows.lane_px
    assert rows.lane_at(rows.lane_top(1) + usual + 15) == 1
    choose(lane_menu(view, 1), "Shorter")
    assert canvas.layout_rows.lane_height(1) == usual + 8


def test_by_key_the_menu_has_the_lane_of_the_selected_vcpu(view, document, named):
    document.select_vcpu(2)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(0, 0), QPoint(0, 0))
    QApplication.sendEvent(view.canvas, event)
    choose(view.canvas.findChildren(TimelineMenu)[-1], "Lane vCPU 2", "Rename lane")
    assert document.scenario.vcpu_names == (VcpuName(2, "lagging AP"),)


def test_a_double_click_on_a_name_renames_the_lane(qtbot, view, document, named):
    qtbot.mouseDClick(view.canvas, Qt.MouseButton.LeftButton, pos=on_name(view, 0))
    assert document.scenario.vcpu_names == (VcpuName(0, "lagging AP"),)


def test_each_lane_shows_the_colour_of_its_vcpu_also_when_it_is_taller(view):
    choose(lane_menu(view, 1), "Taller")
    image, rows = view.canvas.grab().toImage(), view.canvas.layout_rows
    for vcpu in range(rows.lanes):
        colour = view.bridge.theme.vcpu_colour(vcpu).lower()
        for y in (rows.lane_top(vcpu) + 1, rows.lane_top(vcpu + 1) - 1):
            shown = {image.pixelColor(x, y).name() for x in range(view.canvas.axis.left - 6)}
            assert colour in shown
