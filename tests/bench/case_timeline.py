"""Editing on the timeline of a large boot: an event retimed, a tick and a thousand dragged."""

from __future__ import annotations

from itertools import cycle
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from mtrrviz.geometry.timeline.timeline_events import LaneEvents
from mtrrviz.scenario import Event, EventKind
from mtrrviz.session.edits import move_events, remove_events
from tests.bench.case_sim import Load, in_runs, scenario
from tests.bench.case_window import REPAINT, repainting, shown
from tests.bench.registry import Pair, case

if TYPE_CHECKING:
    from collections.abc import Callable

    from mtrrviz.gui.timeline.canvas import TimelineCanvas

_REACH_PX = 200
_LEFT, _NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton


@case("retiming an event answered, whole window", reference=REPAINT, limit=8.0)
def retime() -> Pair:
    """One event in the middle a microsecond later and back: two runs, and all views follow."""
    document, bench = shown()
    document.set_playhead(document.duration_ns // 2)
    index = len(document.scenario.events) // 2

    def answer() -> None:
        document.apply(move_events(document.scenario, [index], 1000))
        QApplication.processEvents()
        document.undo()
        QApplication.processEvents()

    return Pair(answer, repainting(bench))


def dragging(canvas: TimelineCanvas, index: int) -> Callable[[], None]:
    """Take hold of an event's tick, and return a callable that drags it on by a pixel."""
    event, rows = canvas.scene.scenario.events[index], canvas.layout_rows
    x, y = canvas.axis.x(event.time_ns), rows.lane_top(int(canvas.scene.events.lane[index])) + 1
    send(canvas, QEvent.Type.MouseButtonPress, QPointF(x, y), _LEFT)
    if canvas.items_at(QPointF(x, y))[0].time_ns != event.time_ns:
        message = "the tick was missed, so there is nothing to time"
        raise RuntimeError(message)
    offsets = cycle(range(5, _REACH_PX))

    def drag() -> None:
        send(canvas, QEvent.Type.MouseMove, QPointF(x + next(offsets), y), _NONE)
        QApplication.processEvents()

    return drag


def send(canvas: TimelineCanvas, kind: QEvent.Type, place: QPointF, button: Qt.MouseButton) -> None:
    """Send the canvas what a mouse with its left button held does."""
    plain = Qt.KeyboardModifier.NoModifier
    where = canvas.mapToGlobal(place)
    QApplication.sendEvent(canvas, QMouseEvent(kind, place, where, button, _LEFT, plain))


@case("a frame of dragging a tick", reference=REPAINT, limit=0.15)
def drag_one() -> Pair:
    document, bench = shown()
    document.choose_events(())
    canvas = bench.views.timeline.canvas
    return Pair(dragging(canvas, len(document.scenario.events) // 2), repainting(bench))


@case("a frame of dragging a thousand ticks", reference=REPAINT, limit=0.6)
def drag_thousand() -> Pair:
    document, bench = shown()
    middle = len(document.scenario.events) // 2
    document.choose_events(range(middle - 500, middle + 500))
    return Pair(dragging(bench.views.timeline.canvas, middle), repainting(bench))


@case("lanes after an edit among 1e5 writes", reference="times of 1e5 events", limit=2.0)
def lanes_of_an_edit() -> Pair:
    """One event in the middle is taken out; a million would show the same and take long to make."""
    made = scenario(Load(), in_runs(Load()))
    events = tuple(
        Event(time_ns, EventKind.WRMSR, time_ns % 8, 0x200, time_ns % 1000 << 12)
        for time_ns in range(100_000)
    )
    before = made.with_events(events)
    edited = remove_events(before, [50_000]).scenario
    lanes = LaneEvents(before)
    times = [event.time_ns for event in events]
    if LaneEvents(edited, lanes).time_ns.tolist() != times[:50_000] + times[50_001:]:
        message = "the edit is not seen, so there is nothing to time"
        raise RuntimeError(message)
    return Pair(lambda: LaneEvents(edited, lanes), lambda: [event.time_ns for event in events])
