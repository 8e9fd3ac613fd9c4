"""The choice of what the map shows: one policy, two side by side, or where they differ."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QToolButton, QWidget

from mtrrviz.gui.common.plain_text import plain_tip
from mtrrviz.scenario.view import MapMode

#: The words of each mode's button, and what it shows.
_WORDS = {
    MapMode.ONE: ("One", "The map of the policy in use"),
    MapMode.SIDE_BY_SIDE: ("Side by side", "The maps of both policies at the same time"),
    MapMode.DIFFERENCE: ("Difference", "Where the two policies' leaves differ"),
}


class ModeSwitch(QWidget):
    """A button a mode, one of them down; ``chosen`` carries the mode that the user picks."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._group = QButtonGroup(self)
        self._buttons = {mode: self._button(mode) for mode in MapMode}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 6, 0)
        row.setSpacing(2)
        for button in self._buttons.values():
            row.addWidget(button)
        self.setAccessibleName("What the map shows")
        self.show_mode(MapMode.ONE)

    def _button(self, mode: MapMode) -> QToolButton:
        words, meaning = _WORDS[mode]
        button = QToolButton(self)
        button.setText(words)
        button.setToolTip(plain_tip(f"{meaning} (M goes on to the next)"))
        button.setAccessibleName(f"{words}: {meaning}")
        button.setCheckable(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys with the map
        button.clicked.connect(lambda _checked=False: self.chosen.emit(mode))
        self._group.addButton(button)
        return button

    def button(self, mode: MapMode) -> QToolButton:
        """Return the button of a mode."""
        return self._buttons[mode]

    def show_mode(self, mode: MapMode) -> None:
        """Show which mode is on."""
        self._buttons[mode].setChecked(True)
