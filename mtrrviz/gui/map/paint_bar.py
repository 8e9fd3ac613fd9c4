"""The row over the map while it is painted on: types to choose, and the way out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QToolButton, QWidget

from mtrrviz.gui.common.looks.type_marks import type_icon
from mtrrviz.gui.common.plain_text import plain_tip
from mtrrviz.gui.common.widgets import Heading, OneLine
from mtrrviz.gui.map.paint_mode import BRUSHES

if TYPE_CHECKING:
    from mtrrviz.core.memtype import MemoryType
    from mtrrviz.gui.map.paint_mode import PaintMode
    from mtrrviz.gui.shell.bridge import Bridge


_HELP = "Drag, or Shift+arrows"


class PaintBar(QWidget):
    """A button a type, one of them down, and Done."""

    def __init__(self, bridge: Bridge, mode: PaintMode, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._mode = mode
        self._group = QButtonGroup(self)
        self.buttons = {kind: self._button(kind, key) for kind, key in BRUSHES}
        self.done = QToolButton(self)
        self.done.setText("Done")
        self.done.setToolTip("Stop painting (Esc)")
        self.done.setAccessibleName("Stop painting")
        self.done.clicked.connect(lambda _checked=False: mode.set_on(False))
        self._help = OneLine(self)
        self._help.say("dim", _HELP)
        self._lay_out()
        self.setAccessibleName("Painting the wanted map")
        mode.changed.connect(self._show)
        bridge.theme_changed.connect(self._colour)
        self._colour()
        self._show()

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(Heading("Paint", self))
        for button in self.buttons.values():
            row.addWidget(button)
        row.addWidget(self._help, 1)
        row.addWidget(self.done)

    def _button(self, kind: MemoryType | None, key: str) -> QToolButton:
        button = QToolButton(self)
        words = "back to the rest's type" if kind is None else f"{kind.name}, {kind.long_name}"
        button.setText("Clear" if kind is None else kind.name)
        button.setToolTip(plain_tip(f"Paint {words} ({key})"))
        button.setAccessibleName(f"Paint {words}")
        button.setCheckable(True)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys with the map
        button.clicked.connect(lambda _checked=False: self._mode.choose(kind))
        self._group.addButton(button)
        return button

    def _colour(self) -> None:
        side = max(8, self.fontMetrics().ascent() - 2)
        for kind, button in self.buttons.items():
            if kind is not None:
                button.setIcon(type_icon(self._bridge.theme, kind, side))

    def _show(self) -> None:
        self.buttons[self._mode.brush].setChecked(True)
