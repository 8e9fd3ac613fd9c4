"""What the Help menu does: the page of what is in hand, and live examples in the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QCursor
from PySide6.QtWidgets import (
    QApplication,
    QDockWidget,
    QTabBar,
    QTabWidget,
    QToolTip,
    QWidget,
)

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.gui.help.dialog_help import DialogHelp
from mtrrviz.gui.help.pointed_at import page_at
from mtrrviz.gui.help.topics import WINDOW_PAGE, panel_page
from mtrrviz.handbook.help_links import parse_example
from mtrrviz.scenario.files.loader import load_original
from mtrrviz.scenario.library import find

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtCore import QPoint

    from mtrrviz.gui.documents.open_save import Files
    from mtrrviz.gui.help.help_window import HelpWindow
    from mtrrviz.gui.shell.bridge import Bridge


class HelpDesk:
    """Opens the help window, which is made once and kept.

    ``explained`` are the views and bars that the manual has a page of, by its name.
    """

    def __init__(
        self, window: QWidget, bridge: Bridge, files: Files, explained: Mapping[str, QWidget]
    ) -> None:
        self._main = window
        self._bridge = bridge
        self._files = files
        self._explained = explained
        DialogHelp(window, self.show_page)
        self._made: HelpWindow | None = None

    @property
    def window(self) -> HelpWindow:
        """The help window."""
        from mtrrviz.gui.help.help_window import HelpWindow  # noqa: PLC0415 - when asked for
        from mtrrviz.handbook.handbook import the_handbook  # noqa: PLC0415 - when asked for

        if self._made is None:
            bridge = self._bridge
            # without a parent, so that it can be read beside a dialog that holds the main window
            window = self._made = HelpWindow(the_handbook(), bridge.theme)
            window.example_wanted.connect(self.open_example)
            bridge.theme_changed.connect(lambda: window.set_theme(bridge.theme))
        return self._made

    def close(self) -> None:
        """Close the help window."""
        if self._made is not None:
            self._made.close()

    def show_page(self, address: str) -> None:
        """Open the page of an address."""
        self.window.show_page(address)

    def show_manual(self) -> None:
        """Open the page of the panel that has the keyboard."""
        focused = self._main.focusWidget()
        self.show_page(self._page_of_panel(focused) if focused else WINDOW_PAGE)

    def show_glossary(self) -> None:
        """Open the first term, with the list of all beside it."""
        from mtrrviz.handbook.handbook import the_handbook  # noqa: PLC0415 - when asked for

        self.show_page(the_handbook().terms[0].address)

    def explain(self) -> None:
        """Open the page of what the tip on screen speaks of, else of what has the keyboard."""
        pointed = QApplication.widgetAt(QCursor.pos()) if QToolTip.isVisible() else None
        focused = self._main.focusWidget()
        if pointed is not None:
            self.show_page(self.page_of(pointed, pointed.mapFromGlobal(QCursor.pos())))
        else:
            self.show_page(self.page_of(focused) if focused else WINDOW_PAGE)

    def page_of(self, widget: QWidget, place: QPoint | None = None) -> str:
        """Return the page of a field, or of what is at a place in it, else of its panel."""
        return page_at(widget, place) or self._page_of_panel(widget, place)

    def _page_of_panel(self, widget: QWidget, place: QPoint | None = None) -> str:
        """Return the page of the view or bar that holds a widget, or whose tab is there."""
        tabs = widget if isinstance(widget, QTabBar) else widget.parentWidget()
        told = _view_of_tab(tabs, place, self._main) if isinstance(tabs, QTabBar) else None
        asked = told or widget
        for name, view in self._explained.items():
            if view is asked or view.isAncestorOf(asked) or (told and _dock_of(view) is told):
                return panel_page(name)
        return WINDOW_PAGE

    def open_example(self, link: str) -> None:
        """Show a built-in scenario at the moment that a link names."""
        document = self._bridge.document
        if not self._files.may_discard():
            return
        try:
            example = parse_example(link)
            path = find(example.scenario)
            original = load_original(path)
        except MtrrvizError as error:
            self._bridge.message.emit(str(error))
            return
        with document.batch():
            document.open(original.scenario, path, original=original)
            if example.policy is not None:
                document.set_policy(example.policy)
            if example.is_at_end:
                document.set_playhead(document.duration_ns)
            elif example.time_ns is not None:
                document.set_playhead(example.time_ns)
            if example.gfn is not None:
                document.select_page(example.gfn)
        self._bridge.message.emit(f"Opened: {original.scenario.title}")


def _view_of_tab(tabs: QTabBar, place: QPoint | None, window: QWidget) -> QWidget | None:
    """Return what the tab at a place, or else the chosen one, brings up: a view or a dock."""
    number = tabs.currentIndex() if place is None else tabs.tabAt(place)
    holder = tabs.parentWidget()
    if isinstance(holder, QTabWidget):
        return holder.widget(number)
    docks = window.findChildren(QDockWidget)
    return next((dock for dock in docks if dock.windowTitle() == tabs.tabText(number)), None)


def _dock_of(view: QWidget) -> QWidget | None:
    """Return the dock that a view is in."""
    holder: QWidget | None = view
    while holder is not None and not isinstance(holder, QDockWidget):
        holder = holder.parentWidget()
    return holder
