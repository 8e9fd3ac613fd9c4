"""What panels offer beside the actions of the window: their buttons and their context menus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import (
    QAbstractButton,
    QCheckBox,
    QDialog,
    QLineEdit,
    QMenu,
    QPushButton,
    QScrollBar,
    QTabBar,
    QToolButton,
    QWidget,
)

from mtrrviz.core.record import Record
from mtrrviz.gui.common.offers_menu import OffersMenu

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from PySide6.QtGui import QAction

    from mtrrviz.gui.shell.parts import Parts

_DOTS = ".\N{HORIZONTAL ELLIPSIS}"
#: Buttons; rows of lists that can be pressed are of other classes.
_BUTTONS = (QPushButton, QToolButton, QCheckBox)
#: Parts of other widgets, whose buttons are not the panel's.
_INNER = (QLineEdit, QTabBar, QScrollBar, QDialog)


class PanelCommand(Record):
    """Something that a panel can do now: in which panel, what, by which keys."""

    panel: str
    title: str
    text: str
    keys: str
    act: Callable[[], object]

    @property
    def name(self) -> str:
        """What it is known by among all of them."""
        return f"{self.panel}/{self.text}"


class PanelCommands:
    """All that panels offer, by name, once it is gathered; ``drop`` lets go of it."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._menus: list[QMenu] = []
        self.commands: dict[str, PanelCommand] = {}

    def gather(self) -> Iterator[None]:
        """Ask the panels that there are for this machine, those first that are made already.

        Each of the others takes a step: making its view takes a while.
        """
        views, is_host = self._parts.views, self._parts.document.scenario.machine.is_host
        panels = [panel for panel in views.panels if not (is_host and panel.is_guest_only)]
        self._ask("", "Map", views.map)
        for panel in sorted(panels, key=lambda panel: not panel.is_made):
            if not panel.is_made:
                yield
            self._ask(panel.name, panel.title, panel.view)

    def _ask(self, name: str, title: str, view: QWidget) -> None:
        for command in self._of(name, title, view):
            self.commands.setdefault(command.name, command)

    def _of(self, name: str, title: str, view: QWidget) -> Iterator[PanelCommand]:
        """Yield what a panel offers: its menus, and the buttons that say something else."""
        widgets = (view, *view.findChildren(QWidget))
        listed = [
            entry
            for widget in widgets
            if isinstance(widget, OffersMenu)
            for entry in self._menu_of(widget)
        ]
        for words, keys, action in listed:
            yield PanelCommand(name, title, words, keys, action.trigger)
        for widget in widgets:
            if isinstance(widget, _BUTTONS) and _can_be_pressed(widget, view):
                start, words = _plain(widget.text()).rstrip(_DOTS), _words_of(widget)
                if words and not any(start and other.startswith(start) for other, _, _ in listed):
                    yield PanelCommand(name, title, words, "", widget.click)

    def _menu_of(self, widget: OffersMenu) -> list[tuple[str, str, QAction]]:
        menu = widget.menu_now()
        if menu is None:
            return []
        self._menus.append(menu)
        return list(_actions_in(menu, ""))

    def do(self, name: str) -> None:
        """Bring the panel of a command up and do it; nothing if there is none of this name."""
        command = self.commands.get(name)
        if command is None:
            return
        if command.panel:
            self._parts.bring_up(command.panel)
        command.act()

    def drop(self) -> None:
        """Let go of the menus that were asked for."""
        for menu in self._menus:
            menu.deleteLater()
        self._menus.clear()


def _can_be_pressed(button: QAbstractButton, view: QWidget) -> bool:
    """Return whether a button is the panel's own, and can be used."""
    if not button.isEnabledTo(view) or not button.isVisibleTo(view):
        return False
    parent = button.parentWidget()
    while parent is not None and parent is not view:
        if isinstance(parent, _INNER):
            return False
        parent = parent.parentWidget()
    return True


def _words_of(button: QAbstractButton) -> str:
    """Return what a button does, as screen readers say it; nothing where it is but a number."""
    words = _plain(button.accessibleName() or button.text())
    return words if any(letter.isalpha() for letter in words) else ""


def _actions_in(menu: QMenu, head: str) -> Iterator[tuple[str, str, QAction]]:
    """Yield words, keys and action of all that a menu and the menus in it offer."""
    for action in menu.actions():
        words, _, keys = action.text().partition("\t")
        words = f"{head}{_plain(words)}"
        inner = action.menu()
        if isinstance(inner, QMenu):
            yield from _actions_in(inner, f"{words}: ")
        elif action.isEnabled() and not action.isSeparator():
            yield words, keys, action


def _plain(words: str) -> str:
    """Return words without the marks of access keys."""
    return words.replace("&&", "\0").replace("&", "").replace("\0", "&")
