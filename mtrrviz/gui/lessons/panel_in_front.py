"""Which panel of a window the user turned to last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication, QWidget

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtWidgets import QDockWidget, QTabWidget


class PanelInFront(QObject):
    """Follows the keyboard, docks that come to the front, and the tabs in the middle.

    ``views`` are the panels by name; ``changed`` tells that it is another one.
    """

    changed = Signal()

    def __init__(
        self,
        views: Mapping[str, QWidget],
        docks: Mapping[str, QDockWidget],
        tabs: QTabWidget,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._views = views
        self._tabs = tabs
        self.name = "map"
        for name, dock in docks.items():
            if name in views:
                dock.visibilityChanged.connect(self._noter(name))
        tabs.currentChanged.connect(self._tab_changed)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._focus_moved)

    def turn_to(self, name: str) -> None:
        """Note that a panel is in front."""
        if name != self.name and name in self._views:
            self.name = name
            self.changed.emit()

    def _noter(self, name: str) -> object:
        def note(is_visible: bool) -> None:
            if is_visible:
                self.turn_to(name)

        return note

    def _tab_changed(self, _index: int) -> None:
        shown = self._tabs.currentWidget()
        for name, view in self._views.items():
            if view is shown:
                self.turn_to(name)

    def _focus_moved(self, _before: QWidget | None, widget: QWidget | None) -> None:
        if widget is None:
            return
        for name, view in self._views.items():
            if view is widget or view.isAncestorOf(widget):
                self.turn_to(name)
                return
