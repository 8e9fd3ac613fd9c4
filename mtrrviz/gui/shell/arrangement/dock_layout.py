"""Where the docks are and how large: the first time, and as the window grows or shows two maps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtWidgets import QTabBar, QToolBar

from mtrrviz.gui.common.looks.text_size import text_scale

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtCore import QByteArray
    from PySide6.QtWidgets import QDockWidget, QMainWindow

#: From this width on the docks beside the map are wider.
_WIDE_PX = 1600
_BESIDE_PX = (312, 272)
_BESIDE_WIDE_PX = (380, 360)
#: The timeline's share of the window's height, with one map and with two.
_SHARE, _SHARE_OF_TWO = 0.29, 0.36
_LEAST_TIMELINE_PX = 220
#: The width of a lesson, and how it shares its column with what is below.
_LESSON_PX = 340
_LESSON_SHARES = [62, 38]
_DIRECT = Qt.FindChildOption.FindDirectChildrenOnly
_LEFT = Qt.DockWidgetArea.LeftDockWidgetArea
_RIGHT = Qt.DockWidgetArea.RightDockWidgetArea
_BOTTOM = Qt.DockWidgetArea.BottomDockWidgetArea
#: The docks in front, and which other docks are tabs behind another one than the timeline.
_IN_FRONT = {"registers": _LEFT, "inspector": _RIGHT, "timeline": _BOTTOM}
_BEHIND = {"policy": "inspector", "lessons": "inspector"}


def first_sizes(window: QSize, *, two_maps: bool) -> tuple[float, float, float]:
    """Return the first widths of the docks beside the map and the height of those below, pixels."""
    scale = text_scale()
    left, right = _BESIDE_WIDE_PX if window.width() >= _WIDE_PX * scale else _BESIDE_PX
    share = _SHARE_OF_TWO if two_maps else _SHARE
    return left * scale, right * scale, max(_LEAST_TIMELINE_PX * scale, window.height() * share)


class DockLayout:
    """Arranges the docks of a window, given by name: three in front, all others tabs behind these.

    When the window grows the docks grow as their first sizes would, so that what the user has
    changed about them stays in proportion.
    """

    def __init__(self, window: QMainWindow, docks: Mapping[str, QDockWidget]) -> None:
        self._window = window
        self._docks = docks
        self._two_maps = False
        self._first = first_sizes(window.size(), two_maps=False)
        self._sizes = self._first
        self._unfolded: QByteArray | None = None
        self._has_right = self._has_below = True
        self._has_lesson = self._had_lesson = False

    def arrange(self) -> None:
        """Put all docks where they are the first time."""
        window, docks = self._window, self._docks
        self._unfolded = None
        for corner in (Qt.Corner.BottomLeftCorner, Qt.Corner.BottomRightCorner):
            window.setCorner(corner, _BOTTOM)
        self._place()
        for dock in docks.values():
            dock.setFloating(False)
            dock.show()
        self._raise_front()
        if self._has_lesson:
            self.give_lesson_room(gives=True)

    def _place(self) -> None:
        """Put each dock into its group; all of them are hidden then."""
        window, docks = self._window, self._docks
        for dock in docks.values():
            window.removeDockWidget(dock)  # or its old row of tabs stays behind the map
        heads = {
            "registers": "registers",
            "inspector": "inspector" if self._has_right else "registers",
            "timeline": "timeline" if self._has_below else "registers",
        }
        for name, area in _IN_FRONT.items():
            if heads[name] == name:
                window.addDockWidget(area, docks[name])
        names = list(docks)
        if self._has_lesson:  # so that the tab of a lesson is beside those that it speaks of
            names.sort(key=lambda name: name != "lessons")
        for name in names:
            dock = docks[name]
            head = heads[name if name in heads else _BEHIND.get(name, "timeline")]
            if head != name:
                window.tabifyDockWidget(docks[head], dock)

    def _raise_front(self) -> None:
        for name in ("inspector", "timeline", "registers"):
            self._docks[name].raise_()
        if self._has_lesson:
            self._docks["lessons"].raise_()
        for bar in self._window.findChildren(QTabBar, options=_DIRECT):
            bar.setElideMode(Qt.TextElideMode.ElideNone)  # rather scroll than "S..."
            bar.setAccessibleName("Panels")

    def fold(self, *, right: bool, below: bool) -> None:
        """Let docks at the right or below be tabs at the left, or put them back as they were."""
        if (right, below) == (self._has_right, self._has_below):
            return
        if self._unfolded is None:
            self._unfolded = self._window.saveState()
            self._had_lesson = self._has_lesson
        self._has_right, self._has_below = right, below
        if right and below:
            self.unfold()
            return
        self._put_anew()

    def _put_anew(self) -> None:
        """Put each dock into its group again; those that are hidden or float stay so."""
        hidden = [dock for dock in self._docks.values() if dock.isHidden()]
        floating = [dock for dock in self._docks.values() if dock.isFloating()]
        self._place()
        for dock in self._docks.values():
            dock.setVisible(dock not in hidden)
            dock.setFloating(dock in floating)
        self._raise_front()
        QTimer.singleShot(0, self._window, self.size_first)  # once they are laid out

    def unfold(self) -> None:
        """Put docks that were folded back where they were, also before the layout is saved."""
        kept, self._unfolded = self._unfolded, None
        self._has_right = self._has_below = True
        if kept is not None:
            bars = {bar: bar.isHidden() for bar in self._window.findChildren(QToolBar)}
            self._window.restoreState(kept)
            for bar, is_hidden in bars.items():
                bar.setHidden(is_hidden)
            if self._has_lesson is not self._had_lesson:
                self.give_lesson_room(gives=self._has_lesson)

    def give_lesson_room(self, *, gives: bool) -> None:
        """Let the panel of lessons stand above the inspector, in a column down to the bottom.

        Otherwise it is a tab behind the inspector, as the first time. Where there is no column at
        the right it stays among the tabs.
        """
        self._has_lesson = gives
        window, lessons = self._window, self._docks["lessons"]
        window.setCorner(Qt.Corner.BottomRightCorner, _RIGHT if gives else _BOTTOM)
        if lessons.isFloating():
            return
        beside = (self._docks["inspector"], self._docks["policy"])
        others = [dock for dock in beside if _belongs_to(window, dock, _RIGHT)]
        shown = [dock for dock in others if not dock.isHidden()]
        if self._has_right and gives:
            self._put_above(lessons, others, shown)
        elif self._has_right and shown:
            window.tabifyDockWidget(shown[0], lessons)
            shown[0].raise_()
        elif gives:
            self._put_anew()

    def _put_above(
        self, lessons: QDockWidget, others: list[QDockWidget], shown: list[QDockWidget]
    ) -> None:
        """Let a lesson stand above other docks at the right, of which some are shown."""
        window = self._window
        for dock in (lessons, *others):
            window.removeDockWidget(dock)  # or the old row of tabs stays behind
        for dock in (lessons, *others[:1]):
            window.addDockWidget(_RIGHT, dock, Qt.Orientation.Vertical)
        if len(others) > 1:
            window.tabifyDockWidget(*others)  # a hidden one too: it comes back as a tab
        for dock in (lessons, *others):
            dock.setVisible(dock is lessons or dock in shown)
        for dock in shown[:1]:
            dock.raise_()
            window.resizeDocks([lessons, dock], _LESSON_SHARES, Qt.Orientation.Vertical)
        width_px = round(_LESSON_PX * text_scale())
        window.resizeDocks([lessons], [width_px], Qt.Orientation.Horizontal)

    def size_first(self) -> None:
        """Give the docks their first sizes, which leave most room to the map."""
        self._first = first_sizes(self._window.size(), two_maps=self._two_maps)
        self._resize(self._first)

    def show_two_maps(self, *, two_maps: bool) -> None:
        """Make room for the timelines of two policies, or give it back."""
        self._two_maps = two_maps
        self.follow_window()

    def follow_window(self) -> None:
        """Let the docks take their share of what the window has become."""
        before, self._first = (
            self._first,
            first_sizes(self._window.size(), two_maps=self._two_maps),
        )
        growth = [new / old for new, old in zip(self._first, before, strict=True)]
        if any(factor != 1 for factor in growth):
            left, right, below = (
                size * factor for size, factor in zip(self._now(), growth, strict=True)
            )
            self._resize((left, right, below))

    def _front(self) -> tuple[QDockWidget, QDockWidget, QDockWidget]:
        """Return the docks of registers, inspector and timeline."""
        return self._docks["registers"], self._docks["inspector"], self._docks["timeline"]

    def _now(self) -> list[float]:
        """Return the sizes now; what is as it was set keeps its fraction of a pixel."""
        registers, inspector, timeline = self._front()
        shown = (registers.width(), inspector.width(), self._height_below(timeline))
        return [
            size if abs(size - now) < 1 else now
            for size, now in zip(self._sizes, shown, strict=True)
        ]

    def _height_below(self, timeline: QDockWidget) -> int:
        """Return the height of the docks below the map, with their tabs."""
        area = self._window.dockWidgetArea
        below = [d for d in self._docks.values() if area(d) is _BOTTOM and not d.isFloating()]
        front = next((d for d in below if d.isVisible() and not d.visibleRegion().isEmpty()), None)
        front = front or timeline
        bottom = front.geometry().bottom()
        bars = self._window.findChildren(QTabBar, options=_DIRECT)
        used = [bar for bar in bars if bar.isVisible() and bar.count()]
        tabs = [bar.height() for bar in used if bar.y() >= bottom]
        return front.height() + max(tabs, default=0)

    def _resize(self, sizes: tuple[float, float, float]) -> None:
        self._sizes = sizes
        registers, inspector, timeline = self._front()
        left, right, below = (round(size) for size in sizes)
        across, down = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
        self._window.resizeDocks([registers, inspector], [left, right], across)
        self._window.resizeDocks([timeline], [below], down)


def _belongs_to(window: QMainWindow, dock: QDockWidget, area: Qt.DockWidgetArea) -> bool:
    """Whether a dock has its place at a side of its window, also if it is hidden or a tab."""
    return window.dockWidgetArea(dock) is area and not dock.isFloating()
