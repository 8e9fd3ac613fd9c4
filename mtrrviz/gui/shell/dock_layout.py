"""Where the docks are and how large: the first time, and as the window grows or shows two maps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QTabBar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtWidgets import QDockWidget, QMainWindow

#: From this width on the docks beside the map are wider.
_WIDE_PX = 1600
_BESIDE_PX = (312, 272)
_BESIDE_WIDE_PX = (380, 360)
#: The timeline's share of the window's height, with one map and with two.
_SHARE, _SHARE_OF_TWO = 0.29, 0.36
_LEAST_TIMELINE_PX = 220
_DIRECT = Qt.FindChildOption.FindDirectChildrenOnly
_LEFT = Qt.DockWidgetArea.LeftDockWidgetArea
_RIGHT = Qt.DockWidgetArea.RightDockWidgetArea
_BOTTOM = Qt.DockWidgetArea.BottomDockWidgetArea
#: The docks in front, and which other docks are tabs behind another one than the timeline.
_IN_FRONT = {"registers": _LEFT, "inspector": _RIGHT, "timeline": _BOTTOM}
_BEHIND = {"policy": "inspector"}


def first_sizes(window: QSize, *, two_maps: bool) -> tuple[float, float, float]:
    """Return the first widths of the docks beside the map and the height of those below, pixels."""
    left, right = _BESIDE_WIDE_PX if window.width() >= _WIDE_PX else _BESIDE_PX
    share = _SHARE_OF_TWO if two_maps else _SHARE
    return left, right, max(_LEAST_TIMELINE_PX, window.height() * share)


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

    def arrange(self) -> None:
        """Put all docks where they are the first time."""
        window, docks = self._window, self._docks
        for corner in (Qt.Corner.BottomLeftCorner, Qt.Corner.BottomRightCorner):
            window.setCorner(corner, _BOTTOM)
        for dock in docks.values():
            window.removeDockWidget(dock)  # or its old row of tabs stays behind the map
        for name, area in _IN_FRONT.items():
            window.addDockWidget(area, docks[name])
        for name, dock in docks.items():
            if name not in _IN_FRONT:
                window.tabifyDockWidget(docks[_BEHIND.get(name, "timeline")], dock)
        for dock in docks.values():
            dock.setFloating(False)
            dock.show()
        docks["inspector"].raise_()
        docks["timeline"].raise_()

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
