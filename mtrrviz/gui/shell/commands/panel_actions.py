"""Actions that bring a panel to the front and give it the keyboard, and one back to the map."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from mtrrviz.gui.common.plain_text import plain_tip
from mtrrviz.gui.shell.commands.actions import handler_slot

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mtrrviz.gui.common.layout.panel import AnyPanel

_PREFIX = "panel_"
_MAP_KEY = "Alt+0"
#: Keys of the panels, in the order of their tabs; those beyond have none.
_KEYS = tuple(f"{modifier}+{digit}" for modifier in ("Alt", "Ctrl") for digit in range(1, 10))


def make_panel_actions(
    window: QWidget, panels: Sequence[AnyPanel], bring_up: Callable[[str], None], middle: QWidget
) -> dict[str, QAction]:
    """Return an action for "map", which is ``middle``, and for each panel, by name."""
    made = {"map": _make(window, "map", "Map", _MAP_KEY, middle.setFocus)}
    for number, panel in enumerate(panels):
        key = _KEYS[number] if number < len(_KEYS) else ""
        show = _shower(panel, bring_up)
        made[panel.name] = _make(window, panel.name, panel.title, key, show)
    return made


def _make(window: QWidget, name: str, title: str, key: str, show: Callable[[], None]) -> QAction:
    action = QAction(title, window)
    action.setObjectName(f"{_PREFIX}{name}")
    action.setShortcut(QKeySequence(key))
    action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
    tip = f"Give the keyboard to the panel {title}"
    action.setStatusTip(tip)
    action.setToolTip(plain_tip(tip))
    action.triggered.connect(handler_slot(show))
    return action


def _shower(panel: AnyPanel, bring_up: Callable[[str], None]) -> Callable[[], None]:
    def show() -> None:
        bring_up(panel.name)
        focus_first(panel.view)

    return show


def focus_first(view: QWidget) -> None:
    """Give the keyboard to a view, or to the first of its parts that takes it by Tab."""
    reason = Qt.FocusReason.ShortcutFocusReason
    for widget in (view, *view.findChildren(QWidget)):
        takes = widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        if takes and widget.isEnabled() and widget.isVisibleTo(view):
            widget.setFocus(reason)
            return


def panel_rows(window: QWidget) -> Mapping[str, str]:
    """Return the titles of the panels that can be shown now, with their keys in words."""
    native = QKeySequence.SequenceFormat.NativeText
    return {
        action.text(): action.shortcut().toString(native)
        for action in window.findChildren(QAction)
        if action.objectName().startswith(_PREFIX) and action.isVisible()
    }
