"""Where Tab goes: through the parts of the window in their order, each from top to bottom.

Qt would go in the order in which widgets were made, through what is scrolled or moved away too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QAbstractScrollArea, QScrollArea, QTabBar, QWidget

from mtrrviz.gui.registers.detail import DetailEditor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QMainWindow

#: Widgets whose middles are no further apart stand in one line.
_LINE_PX = 12


class TabOrder:
    """The stops of Tab in a window; ``parts`` are its parts in order, other widgets come last."""

    def __init__(self, window: QMainWindow, parts: Sequence[QWidget]) -> None:
        self._window = window
        self._parts = parts

    def move(self, *, forward: bool) -> bool:
        """Give the keyboard to the next stop or the one before; False if there is none."""
        stops = self.stops()
        if not stops:
            return False
        focus = self._window.focusWidget()
        step = 1 if forward else -1
        before = stops.index(focus) if focus in stops else min(0, -step)
        at = (before + step) % len(stops)
        reasons = Qt.FocusReason
        reason = reasons.TabFocusReason if forward else reasons.BacktabFocusReason
        _scroll_to(stops[at])
        stops[at].setFocus(reason)
        return True

    def stops(self) -> list[QWidget]:
        """Return what takes the keyboard now, in order."""
        every = self._window.findChildren(QWidget)
        found = [widget for widget in every if _is_stop(widget, self._window)]
        units = {widget: _unit(widget) for widget in found}
        by_part: dict[int, dict[QWidget, QRect]] = {}
        for unit in units.values():
            by_part.setdefault(self._part_of(unit), {})[unit] = _place(unit, self._window)
        order = {
            unit: (part, *line)
            for part, places_in_part in by_part.items()
            for unit, line in _lines(places_in_part).items()
        }
        return sorted(
            found, key=lambda widget: (*order[units[widget]], _within(widget, units[widget]))
        )

    def _part_of(self, widget: QWidget) -> int:
        for number, part in enumerate(self._parts):
            if part is widget or part.isAncestorOf(widget):
                return number
        return len(self._parts)


def _within(widget: QWidget, unit: QWidget) -> int:
    """Return a widget's place in what is gone through as one."""
    order = unit.focus_order() if isinstance(unit, DetailEditor) else [unit]
    return order.index(widget) if widget in order else len(order)


def _is_stop(widget: QWidget, window: QWidget) -> bool:
    """Whether Tab should stop at a widget: it can be seen, or scrolled to, and used."""
    takes = widget.focusPolicy() & Qt.FocusPolicy.TabFocus == Qt.FocusPolicy.TabFocus
    if not takes or widget.focusProxy() is not None or widget.window() is not window:
        return False
    if not widget.isVisible() or not widget.isEnabled():
        return False
    if isinstance(widget, QTabBar) and not widget.count():
        return False
    if isinstance(widget, QScrollArea):
        return not _holds_stops(widget, window) and not widget.visibleRegion().isEmpty()
    return is_seen(widget) or bool(_areas_around(widget))


def is_seen(widget: QWidget) -> bool:
    """Whether a part of a widget can be seen; its viewport may cover all of it."""
    shown = widget.viewport() if isinstance(widget, QAbstractScrollArea) else widget
    return not (widget.visibleRegion().isEmpty() and shown.visibleRegion().isEmpty())


def _holds_stops(area: QScrollArea, window: QWidget) -> bool:
    body = area.widget()
    return body is not None and any(_is_stop(child, window) for child in body.findChildren(QWidget))


def _areas_around(widget: QWidget) -> list[QScrollArea]:
    """Return the areas that scroll a widget, the innermost first; none if one is out of sight."""
    areas: list[QScrollArea] = []
    parent = widget.parentWidget()
    while parent is not None:
        if isinstance(parent, QScrollArea):
            areas.append(parent)
        parent = parent.parentWidget()
    return [] if areas and areas[-1].visibleRegion().isEmpty() else areas


def _scroll_to(widget: QWidget) -> None:
    for area in _areas_around(widget):
        area.ensureWidgetVisible(widget)


def _unit(widget: QWidget) -> QWidget:
    """Return what is gone through as one: an editor of registers has an order of its own."""
    parent = widget.parentWidget()
    while parent is not None:
        if isinstance(parent, DetailEditor):
            return parent
        parent = parent.parentWidget()
    return widget


def _place(widget: QWidget, window: QWidget) -> QRect:
    """Return where a widget would be if nothing were scrolled: the order must not depend on it."""
    corner, ancestor = QPoint(0, 0), widget
    while ancestor is not None and ancestor is not window:
        parent = ancestor.parentWidget()
        area = None if parent is None else parent.parentWidget()
        if not (isinstance(area, QScrollArea) and area.widget() is ancestor):
            corner += ancestor.pos()
        ancestor = parent
    return QRect(corner, widget.size())


def _lines(places: dict[QWidget, QRect]) -> dict[QWidget, tuple[int, int]]:
    """Return for each widget the number of its line and where in it it stands."""
    lines: dict[QWidget, tuple[int, int]] = {}
    line, middle = -1, -1 << 20
    for widget, place in sorted(places.items(), key=lambda item: _middle(item[1])):
        if _middle(place) - middle > _LINE_PX:
            line, middle = line + 1, _middle(place)
        lines[widget] = line, place.left()
    return lines


def _middle(place: QRect) -> int:
    """Return where a widget's first line of text is, about."""
    return place.top() + min(place.height(), 2 * _LINE_PX) // 2
