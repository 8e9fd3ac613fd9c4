"""A timeline to try out, and what hands do to it: drag, turn the wheel, ask for its menu."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication

from mtrrviz.gui.shell.bridge import Bridge
from mtrrviz.gui.timeline import TimelineView
from mtrrviz.gui.timeline.timeline_menu import TimelineMenu
from tests.narrow import there

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from mtrrviz.session.document import Document

LEFT = Qt.MouseButton.LeftButton
PLAIN = Qt.KeyboardModifier.NoModifier


def shown_timeline(qtbot: QtBot, document: Document, height_px: int = 320) -> TimelineView:
    """Show a document on a timeline that is 1000 pixels wide."""
    bridge = Bridge(document)
    view = TimelineView(bridge)
    qtbot.addWidget(view)
    view.resize(1000, height_px)
    view.show()
    bridge.setParent(view)
    return view


def in_lane(view: TimelineView, time_ns: int, lane: int = 1) -> QPoint:
    rows = view.canvas.layout_rows
    return QPoint(round(view.canvas.axis.x(time_ns)), rows.lane_top(lane) + rows.lane_px // 2)


def in_flags(view: TimelineView, time_ns: int) -> QPoint:
    top, bottom = there(view.canvas.layout_rows.flags)
    return QPoint(round(view.canvas.axis.x(time_ns)) + 3, (top + bottom) // 2)


def move(
    view: TimelineView,
    place: QPoint,
    modifiers: Qt.KeyboardModifier = PLAIN,
    button: Qt.MouseButton = LEFT,
) -> None:
    where = QPointF(place)
    event = QMouseEvent(
        QEvent.Type.MouseMove, where, view.canvas.mapToGlobal(where),
        Qt.MouseButton.NoButton, button, modifiers,
    )  # fmt: skip
    QApplication.sendEvent(view.canvas, event)


def drag(
    qtbot: QtBot,
    view: TimelineView,
    start: QPoint,
    end: QPoint,
    modifiers: Qt.KeyboardModifier = PLAIN,
) -> None:
    """Drag with the left button; the modifiers are pressed while it moves."""
    qtbot.mousePress(view.canvas, LEFT, PLAIN, start)
    move(view, (start + end) / 2, modifiers)
    move(view, end, modifiers)
    qtbot.mouseRelease(view.canvas, LEFT, modifiers, end)


def wheel(
    view: TimelineView, place: QPoint, delta: int, modifiers: Qt.KeyboardModifier = PLAIN
) -> None:
    where = QPointF(place)
    event = QWheelEvent(
        where, where, QPoint(), QPoint(0, delta),
        Qt.MouseButton.NoButton, modifiers, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(view.canvas, event)


def ask_menu(view: TimelineView, place: QPoint) -> None:
    """Click with the right button."""
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, view.canvas.mapToGlobal(place))
    QApplication.sendEvent(view.canvas, event)


def menu(view: TimelineView, place: QPoint) -> TimelineMenu:
    """Return the menu of a right click."""
    ask_menu(view, place)
    return view.canvas.findChildren(TimelineMenu)[-1]


def choose(shown, *words: str) -> None:
    """Trigger the action of a menu whose words begin so, in the menus named before it."""
    *names, last = words
    for name in names:
        shown = there(next(a for a in shown.actions() if a.text().startswith(name)).menu())
    next(a for a in shown.actions() if a.text().startswith(last)).trigger()
